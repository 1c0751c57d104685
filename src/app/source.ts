import type { RefusalCode } from '../core/errors.ts'
import type { Input } from '../core/timeline/event.ts'
import type { InstanceId, Micros, Tick } from '../core/timeline/tick.ts'
import type { Status } from './link.ts'

/** What a source tells the link above it, as soon as it knows. */
export interface SourceListener {
  /** An own event has its place on the timeline. */
  landed(number: number, tick: Tick): void
  /** An own event is not taken. */
  denied(number: number, code: RefusalCode): void
  status(status: Status): void
  /** Something may be due sooner than `nextInput` said. */
  woken(): void
}

/**
 * Where the inputs of a link come from: a session, peers, or nobody else at all. A source holds clocks and
 * sockets and knows nothing of applications; everything that an application meets is made by the link above it.
 */
export interface Source {
  readonly fps: number
  /** The own number among the players; 0 for one who only watches. */
  readonly me: InstanceId
  /** Its own clock: it never runs backward. */
  now(): Micros
  /** Where it stands on the timeline, as far as it may run. */
  position(): Micros
  /** The last tick that is due and may run. */
  dueTick(): Tick
  /** The next input that is due, undefined when there is none. Its object may be used again at the next call. */
  take(): Input | undefined
  /** When `take` may have something, on its own clock; NEVER while only others can bring it. */
  nextInput(): Micros
  /** The number of the event among one's own, or why it cannot be emitted. */
  emit(id: number, payload: Uint8Array): number | RefusalCode
  ask(what: 'pause' | 'resume' | 'end', data: Uint8Array): RefusalCode | undefined
  leave(): void
  /** The application has ended by itself at the tick that was taken last. */
  finish(): void
  /** Numbers of its own, for people. */
  stats(): Readonly<Record<string, number>>
  /** Called once, before anything else. */
  listen(listener: SourceListener): void
}
