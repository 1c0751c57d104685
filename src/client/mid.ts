import { SametickError } from '../app/errors.ts'
import type { Link } from '../app/link.ts'
import { quiet } from '../driver/quiet.ts'
import type { Connect } from './connect.ts'

/** What `mid_wait` gives: the time in milliseconds, the event (0 is the tick), and what came with it. */
export type MidInput = readonly [now: number, evt: number, payload: unknown]

export interface MidOptions {
  readonly signal?: AbortSignal
}

export interface Mid {
  /** Takes part: by the address of a session, or by the port of a bridge on this machine. Resolves on admission. */
  mid_connect(where: string | number, fps: number, options?: MidOptions): Promise<void>
  /** The next input. One that was not waited for any longer is the first of the next call. */
  mid_wait(options?: MidOptions): Promise<MidInput>
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
  /** Asked for and not handed over yet, and whether somebody waits for it. */
  let next: Promise<MidInput> | undefined
  let isAwaited = false

  const connected = (): MidLine => {
    if (line === undefined) throw new SametickError('not_admitted', 'Call mid_connect first.')
    return line
  }

  const disconnect = (): void => {
    line?.leave()
    line = undefined
    next = undefined
  }

  const open: Mid['mid_connect'] = async (where, fps, { signal } = {}) => {
    disconnect()
    line =
      typeof where === 'number'
        ? await openBridged(where, fps, signal)
        : lineOf(await connect(where, { id: 'mid@1', fps }, signal === undefined ? {} : { signal }))
  }

  const wait: Mid['mid_wait'] = async ({ signal } = {}) => {
    const from = connected()
    if (isAwaited) throw new SametickError('link_driven', TWO_WAITS)
    isAwaited = true
    next ??= from.next()
    try {
      const input = await unlessAborted(next, signal)
      if (line === from) next = undefined
      return input
    } finally {
      isAwaited = false
    }
  }

  return {
    mid_connect: (where, fps, options) => quiet(open(where, fps, options)),

    mid_wait: (options) => quiet(wait(options)),

    mid_emit: (evt, payload) => connected().emit(evt, payload),

    mid_disconnect: disconnect,
  }
}

const TWO_WAITS = 'mid_wait() is waiting: a second one would take inputs away from it.'

/** What a promise gives, or an error as soon as the signal says that nobody waits for it any more. */
const unlessAborted = async <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (signal === undefined) return promise
  let abort: () => void = () => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new SametickError('aborted'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
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
