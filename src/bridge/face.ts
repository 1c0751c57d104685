import type { ErrorCode } from '../app/errors.ts'
import type { Input } from '../core/timeline/event.ts'
import type { InstanceId, Tick } from '../core/timeline/tick.ts'

/** Why nothing comes any more: of its own will, at the session's end, or for a reason. */
export type OverCode = ErrorCode | 'left' | 'end'

/** What a program says of itself before it takes part. */
export interface Joining {
  readonly fps: number
  /** Undefined: as the bridge was told. */
  readonly app?: string
  readonly session?: string
  readonly instances?: number
  readonly data?: Uint8Array
}

export type Status = 'running' | 'frozen' | 'catchingUp'

/** What a face does for a program: the way to its instance, and to its socket. */
export interface Desk {
  join(joining: Joining): void
  /** False if the event has to wait: the face keeps it, and everything after it, until it is asked to go on. */
  emit(evt: number, payload: Uint8Array): boolean
  ask(what: 'pause' | 'resume' | 'end', data: Uint8Array): void
  leave(): void
  /** The program may be ready for more. */
  pump(): void
  stats(): Readonly<Record<string, number>>
  send(bytes: Uint8Array): void
  /** It is over for this program: it is told, and its socket is closed. */
  end(code: OverCode, detail?: string): void
}

/** How a program is spoken to, in one of the protocols. It knows bytes, and neither sockets nor clocks. */
export interface Face {
  readonly protocol: 'first' | 'local'
  /** Whether the last tick is given again while nothing may run. */
  readonly repeats: boolean
  /** Bytes that came and wait to be understood. */
  readonly unread: number
  read(chunk: Buffer): void
  /** What had to wait may be tried again. */
  goOn(): void
  /** Whether the program is ready for the tick after this one. */
  takes(local: Tick): boolean

  admitted(player: InstanceId): void
  lobby(have: number, need: number): void
  started(): void
  input(input: Input): void
  /** Called once a tick while nothing may run. */
  repeat(): void
  status(status: Status, tick: Tick): void
  landed(number: number, tick: Tick): void
  denied(number: number, code: ErrorCode, words: string): void
  over(code: OverCode, words: string): void
}
