import { printed } from '../core/timeline/printed.ts'
import type { Tick } from '../core/timeline/tick.ts'

/** A handler that threw. Every instance meets it at the same place, so that all go on alike, and say so. */
export interface Failure {
  readonly code: 'handler_threw' | 'handler_async'
  readonly tick: Tick
  /** Which handler: `start`, `tick`, or the name of an event. */
  readonly event: string
  readonly error: unknown
  /** The state as the handler left it, in a few words. */
  readonly state: string
  readonly message: string
}

const STATE_PRINTED = 400
const ASYNC =
  'returned a promise: a step is over before anything can be awaited. Await outside, and emit what comes of it.'

const make = (
  code: Failure['code'],
  event: string,
  tick: Tick,
  error: unknown,
  what: string,
  whole: unknown,
): Failure => {
  const handler = event === 'tick' || event === 'start' ? event : `on.${event}`
  const state = printed(whole, STATE_PRINTED)
  const message = `${handler} at tick ${tick} ${what.replace(/\.?$/, '.')} State: ${state}`
  return { code, tick, event, error, state, message }
}

export const threw = (event: string, tick: Tick, error: unknown, state: unknown): Failure =>
  make('handler_threw', event, tick, error, `threw ${String(error)}`, state)

/** What a handler returned, if it is a promise: what follows its first `await` is in no step. */
export const wasAsync = (event: string, tick: Tick, result: unknown, state: unknown): Failure | undefined => {
  const promise = result as { then?: unknown } | null | undefined
  if (typeof promise?.then !== 'function') return undefined
  // What it rejects with is heard nowhere else, and is no news: this failure names the handler.
  promise.then(undefined, () => undefined)
  return make('handler_async', event, tick, new TypeError(`${event} ${ASYNC}`), ASYNC, state)
}
