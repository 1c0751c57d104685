import { MILLISECOND, type Micros, SECOND, type Tick } from '../../../core/timeline/tick.ts'

/**
 * The rules of the first implementation of "Symmetric Distributed Applications", as a model of it: what the
 * paper says, and where it is silent what the last public source does. No rule knows of any cell.
 *
 * - Time goes in whole ticks. A turn of a client's loop shows one tick, or one event in its place.
 * - A client answers with the tick *after* the next one, which it may be about to turn to, and an event wants
 *   the same. Latency is counted from the next tick. So an event takes two ticks where the network takes none.
 * - An instance emits at any moment, not at its turns: emits come from a thread of their own.
 * - A client's deadline has the margin and the wanted time, the server's stamp has neither.
 * - How far a client is behind is the difference of two answers, so whole ticks, as the paper says. (The public
 *   source adds half of each one's round trip. That spreads the clients over a tick: the latency stays the
 *   same, and the compensation grows tenfold beyond what was published.)
 */

/** Beyond two round trips, at the clients. */
export const marginOf = (instances: number): Micros =>
  Math.max(5 * MILLISECOND, (instances / 5) * MILLISECOND)

/** Of a tick, by which a client that is behind shortens it. */
export const CATCH_UP = 1 / 5

/** The first client's empty event, which keeps the round trip and the clocks up to date. */
export const HEARTBEAT: Micros = 5 * SECOND
export const HEARTBEAT_ID = 0

/**
 * Messages are written field by field to a stream that holds a small write back until the one before is
 * acknowledged. An instance that answers at once is taken for interactive after its third answer; it then
 * acknowledges only after 40 ms, and is taken for interactive no longer. So the rest of every third sync
 * leaves when the first field has arrived, waited and been acknowledged.
 *
 * This rule alone is inferred: from the fields of the messages and from what Linux makes of them, not from
 * anything said about the program. Without it nothing ever freezes on a local network and all timelines are
 * equal there; with it the shares of frozen frames at 50 FPS are close to the published ones.
 */
export const HELD_BACK: Micros = 40 * MILLISECOND
export const HELD_BACK_EVERY = 3

/** An event on its way. */
export interface FirstEvent {
  readonly id: number
  /** The instance that emitted it, the first being 1. */
  readonly source: number
  readonly at: Micros
  /** The next tick of its source when it was emitted, and when its turn was to come. */
  readonly next: Tick
  readonly nextAt: Micros
  readonly want: Micros
  /** The end of its round: what it was stamped with. */
  stamp: Micros
}

/** A new round: when the event would like to happen, and the round trip to reckon with. */
export interface Propose {
  readonly want: Micros
  readonly rtt: Micros
}

/** The end of a round. */
export interface Sync {
  readonly event: FirstEvent
  /** How far the client is behind the one most ahead. */
  readonly behind: Micros
}
