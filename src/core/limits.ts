import { MILLISECOND, type Micros, SECOND } from './timeline/tick.ts'

/**
 * Every limit of the core, in one place, each with its reason and with what happens when it is reached.
 * They are parameters of the machines, so that a test can shrink each of them to its least.
 */
export const LIMITS = {
  /** Ticks a second. Above 1000 a tick is shorter than what timers and networks can tell apart. Refused. */
  fps_max: 1000,
  /** Bytes in an event. More belongs in storage, with its name in the event. Refused at the source. */
  payload_bytes_max: 65_536,
  /** Bytes in a message: the largest payload and its frame. Longer ones are refused by the codec. */
  message_bytes_max: 65_536 + 256,
  /** Bytes in a session's name, an application's id, a reason or a hint. */
  text_bytes_max: 256,
  /** Bytes of a member's own data in `join`. */
  member_bytes_max: 1_024,
  /** Members of one session. The next is refused with `session_full`. */
  members_max: 1_024,
  /** A source's events, and what it asked the session for, that are not yet stamped. The next is refused with `busy`. */
  unstamped_max: 256,
  /** Events that wait at the sequencer for their stamp, of all sources together. The next is refused: `busy`. */
  waiting_max: 4_096,
  /** Rounds in flight. Further events wait for the next round. */
  rounds_max: 32,
  /** Events in one sync: larger rounds are sent as several. */
  sync_events_max: 256,
  /**
   * Events that an instance holds for ticks to come: all that a newcomer may be sent, and some more. Beyond it the
   * instance ends itself with `overflow`. One that predicts holds at most as many again, to go back to: beyond twice
   * this it ends likewise.
   */
  pending_max: 108_192,
  /** Events kept for those who join a running session. Beyond it a newcomer is refused: `timeline_too_long`. */
  log_events_max: 100_000,
  /** Bytes of payload kept for the same: with their frames no more than a connection may hold for one reader. */
  log_bytes_max: 2 * 1_048_576,
  /** The largest round trip that the protocol reckons with; a slower party is not waited for. */
  rtt_max: (5 * SECOND) as Micros,
  /** The longest way down that everybody waits for in horizon; a slower instance freezes by itself. */
  lead_max: (1 * SECOND) as Micros,
  /**
   * How far beyond the first tick that could be had a predicting source may ask for one: for the jitter of its way
   * up and an estimate that is too high. It is given the farthest one instead: whoever lies is late with its own
   * events and holds up who joins, leaves or ends the session by no more.
   */
  at_ahead_max: (250 * MILLISECOND) as Micros,
  /** A member that is not heard for this long is evicted, and leaves the timeline. */
  silence_max: (10 * SECOND) as Micros,
  /** The least time between two grants to one instance: faster ticks are granted several at a time. */
  grant_gap_min: (9 * MILLISECOND) as Micros,
} as const

/** The same names with numbers of one's own. */
export type Limits = { readonly [K in keyof typeof LIMITS]: number }
