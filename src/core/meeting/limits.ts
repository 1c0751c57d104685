import { LIMITS } from '../limits.ts'
import { PEER_LIMITS } from '../peer/limits.ts'
import { MILLISECOND, type Micros, SECOND } from '../timeline/tick.ts'

/** Every limit of a meeting point, each with its reason and with what happens when it is reached. */
export const MEETING_LIMITS = {
  /** Peers in one room. The next is refused: `room_full`. */
  peers_max: 256,
  /** In a room of so many others a newcomer is introduced to all of them: nothing is nearer than one hop. */
  all_max: 8,
  /** In a larger one to so many, by chance: a few hops lead everywhere, and each is fed by few. */
  few: 4,
  /** Links of one peer beyond which nobody more is introduced to it, unless the room would fall apart. */
  near_max: 16,
  /** Links that a peer may say it has, made here or not. One that names more is let go: `malformed`. */
  claims_max: PEER_LIMITS.links_max,
  /** Two whose way has ended are introduced to each other again after so long. */
  apart_min: (2 * SECOND) as Micros,
  /** Bytes of one description of where a peer can be reached. A longer one is `malformed`. */
  signal_bytes_max: 16_384,
  /** Descriptions in each direction of one way. Who sends more is let go: `overflow`. */
  signals_max: 128,
  /** Bytes in a piece of a message that is relayed: long messages of one do not hold up short ones of another. */
  piece_bytes_max: 16_384,
  /** What a piece costs beside its bytes, in the window and in the rate. */
  piece_cost: 64,
  /**
   * Bytes of one direction of a way that are sent and not yet taken. The rest waits at the sender. One that sends
   * more is let go: `overflow`. So one that does not read costs the meeting point `near_max` times this at most.
   */
  window_bytes: 131_072,
  /**
   * Credits that have to wait are told together up to so many bytes. So of one direction of a way at most
   * `window_bytes` by this many wait, however small they were.
   */
  credit_min: 8_192,
  /** Bytes a second that one peer may have relayed, and how many at once. The rest waits at the sender. */
  rate: 4 * 1_048_576,
  burst_bytes: 4 * 1_048_576,
  /** Messages a second beside what is relayed, and how many at once. One that sends more is let go: `overflow`. */
  words_rate: 2_000,
  words_burst: 4_000,
  /** How often all are asked whether they are there. Who answers is not silent, however its timers are held back. */
  beat: (2_500 * MILLISECOND) as Micros,
  silence_max: LIMITS.silence_max,
  text_bytes_max: LIMITS.text_bytes_max,
} as const

/** The same names with numbers of one's own. */
export type MeetingLimits = { readonly [K in keyof typeof MEETING_LIMITS]: number }
