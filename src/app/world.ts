import type { RandomState } from '../core/random.ts'
import type { Tick } from '../core/timeline/tick.ts'
import { Reader } from '../core/wire/bytes.ts'

/** A player as the world keeps it: the same object for as long as it takes part. */
export interface Seat {
  readonly id: number
  readonly slot: number
  readonly data: unknown
  here: boolean
}

/** The end of a session, as every instance comes to it. */
export interface Ended {
  readonly tick: Tick
  readonly result: unknown
}

/**
 * Everything that a step can see and change: the application's state, and what the library keeps beside it. It is
 * one value, so that snapshot, digest and comparison see all of it, and so that a player or an input which the
 * state refers to is still the same object in a copy.
 */
export interface World {
  /** The last tick that was closed. */
  tick: Tick
  random: RandomState
  players: Seat[]
  /** What players hold, of those who hold something. */
  held: Map<number, unknown>
  /** What all others hold. */
  neutral: unknown
  ended: Ended | undefined
  state: unknown
}

/** What a player holds. */
export const heldBy = ({ held, neutral }: World, id: number): unknown =>
  held.has(id) ? held.get(id) : neutral

const reader = new Reader()

/** The member that `join`, `drop`, `back` and `leave` speak of: their payload begins with it. -1 if it does not. */
export const memberOf = (payload: Uint8Array): number => {
  const member = reader.over(payload).varint()
  return reader.bad ? -1 : member
}

/** Whether a value has the form of a world: what was read may come from anybody. */
export const isWorld = (value: unknown): value is World => {
  if (typeof value !== 'object' || value === null) return false
  const { tick, random, players, held, ended } = value as Partial<Record<keyof World, unknown>>
  if (!Number.isSafeInteger(tick) || (tick as number) < -1) return false
  if (!Array.isArray(random) || random.length !== 4 || !random.every(isWord)) return false
  if (!(held instanceof Map) || ![...held.keys()].every(Number.isSafeInteger)) return false
  if (!Array.isArray(players) || !players.every(isSeat)) return false
  return (ended === undefined || (typeof ended === 'object' && ended !== null)) && 'state' in value
}

const isWord = (value: unknown): boolean => Number.isInteger(value) && (value as number) >>> 0 === value

const isSeat = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  const { id, slot, here } = value as Partial<Seat>
  return Number.isSafeInteger(id) && Number.isSafeInteger(slot) && typeof here === 'boolean'
}
