/** Where the type of a payload is kept: nothing is there when a program runs. */
declare const PAYLOAD: unique symbol

/** An event that an application knows: made by `event()`. */
export interface EventKind<P = unknown> {
  readonly id: number
  readonly check: ((payload: unknown) => boolean) | undefined
  readonly [PAYLOAD]?: P
}

/** The last id is kept for changes of held inputs. */
export const INPUT_ID = 0x7fff_ffff
export const EVENT_ID_MAX = INPUT_ID - 1

/**
 * An event, by an id from 1 to 2147483646 that programs in other languages use as well, and the type of its
 * payload: `event<Dir>(1)`. An event without a payload is `event(2)`.
 *
 * The check runs before an event is accepted, at its source and at every instance: what it refuses is refused
 * at the source, and void at every instance if it comes all the same. It may look at the payload only.
 *
 * ```ts
 * steer: event(1, (p): p is Dir => p === 'left' || p === 'right')
 * ```
 */
export function event(id: number): EventKind<undefined>
export function event<P>(id: number, check: (payload: unknown) => payload is P): EventKind<P>
export function event<P>(id: number, check?: (payload: unknown) => boolean): EventKind<P>
export function event<P>(id: number, check?: (payload: unknown) => boolean): EventKind<P> {
  return { id, check }
}

export type Events = Readonly<Record<string, EventKind>>

/** The payload of an event's kind. */
export type PayloadOf<K> = K extends EventKind<infer P> ? P : never

/** What `emit` takes after the name: nothing for an event without a payload. */
export type PayloadArgs<K> = [PayloadOf<K>] extends [undefined]
  ? []
  : undefined extends PayloadOf<K>
    ? [payload?: PayloadOf<K>]
    : [payload: PayloadOf<K>]

/** Whether a check lets a payload through. One that throws does not. */
export const accepts = (check: EventKind['check'], payload: unknown): boolean => {
  try {
    return check === undefined || check(payload)
  } catch {
    return false
  }
}
