import type { InstanceId, Tick } from './tick.ts'

/** The source of membership events and of all else that the session itself decides. */
export const SEQUENCER: InstanceId = 0

/** The id of the input that closes a tick. */
export const TICK = 0

/** Reserved ids, below 0: what the session itself puts into the timeline. */
export const RESERVED = {
  join: -1,
  drop: -2,
  back: -3,
  leave: -4,
  pause: -5,
  resume: -6,
  end: -7,
} as const

export type ReservedName = keyof typeof RESERVED

/** An event with its place on the timeline. Its payload is opaque and never written again. */
export interface StampedEvent {
  /** The order in which the sequencer stamped; the timeline orders by (stamp, seq). */
  readonly seq: number
  readonly stamp: Tick
  /** Who emitted it: `SEQUENCER` or an instance. */
  readonly source: InstanceId
  /** The number of the event among those of its source, from 1. */
  readonly number: number
  /** Above 0: chosen by the application. Below 0: `RESERVED`. */
  readonly id: number
  readonly payload: Uint8Array
}

/** What an application waits for: an event stamped with a tick, or (`id` 0) the tick itself, which closes it. */
export interface Input {
  readonly tick: Tick
  readonly id: number
  readonly source: InstanceId
  readonly number: number
  readonly seq: number
  readonly payload: Uint8Array
}
