import { SametickError } from '../app/errors.ts'
import type { Link } from '../app/link.ts'
import type { Connect } from './connect.ts'

/** What `mid_wait` gives: the time in milliseconds, the event (0 is the tick), and what came with it. */
export type MidInput = readonly [now: number, evt: number, payload: unknown]

export interface MidOptions {
  readonly signal?: AbortSignal
}

export interface Mid {
  /** Takes part: by the address of a session, or by the port of a bridge on this machine. Resolves on admission. */
  mid_connect(where: string | number, fps: number, options?: MidOptions): Promise<void>
  mid_wait(): Promise<MidInput>
  mid_emit(evt: number, payload?: unknown): void
  mid_disconnect(): void
}

/** What the four commands need, whatever it leads over. */
export interface MidLine {
  /** The next tick or event. Throws when there will be none. */
  next(): Promise<MidInput>
  emit(evt: number, payload?: unknown): void
  leave(): void
}

/** Opens a line to the bridge at a port of this machine. */
export type OpenBridged = (port: number, fps: number, signal?: AbortSignal) => Promise<MidLine>

/** The paper's four commands: one connection a program, events and ticks and nothing else. */
export const midBy = (connect: Connect, openBridged: OpenBridged): Mid => {
  let line: MidLine | undefined

  const connected = (): MidLine => {
    if (line === undefined) throw new SametickError('not_admitted', 'Call mid_connect first.')
    return line
  }

  return {
    mid_connect: async (where, fps, { signal } = {}) => {
      line?.leave()
      line = undefined
      line =
        typeof where === 'number'
          ? await openBridged(where, fps, signal)
          : lineOf(await connect(where, { id: 'mid@1', fps }, signal === undefined ? {} : { signal }))
    },

    mid_wait: async () => connected().next(),

    mid_emit: (evt, payload) => connected().emit(evt, payload),

    mid_disconnect: () => {
      line?.leave()
      line = undefined
    },
  }
}

const lineOf = (link: Link<object, Record<never, never>, undefined>): MidLine => {
  const inputs = link[Symbol.asyncIterator]()
  return {
    next: async () => {
      for (;;) {
        const { done, value } = await inputs.next()
        if (done) {
          const { status } = link
          throw new SametickError('session_ended', status.phase === 'ended' ? status.why : '')
        }
        if (value.id >= 0) return [value.now, value.id, value.payload]
      }
    },
    emit: (evt, payload) => void link.emit(evt, payload),
    leave: () => link.leave(),
  }
}
