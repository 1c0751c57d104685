import { LIMITS } from '../limits.ts'
import { type Micros, SECOND } from '../timeline/tick.ts'

/** Every limit of a peer, each with its reason and with what happens when it is reached. */
export const PEER_LIMITS = {
  payload_bytes_max: LIMITS.payload_bytes_max,
  member_bytes_max: LIMITS.member_bytes_max,
  silence_max: LIMITS.silence_max,
  /** Links of one peer. The next is refused: `busy`. */
  links_max: 64,
  /**
   * Events that a peer holds. Beyond it its own are refused, `busy`; one that is sent more ends with `overflow`. And
   * what of an account of seen events lies above the first that is lacking: the link that brings more is ended.
   */
  held_events_max: 500_000,
  /**
   * Sources whose events a peer holds, and peers of whom it has heard. The link that brings one more is ended:
   * `overflow`. A stand of one more is passed over.
   */
  sources_max: 8_192,
  /** Events of one source that have overtaken others on their way. The link that brings more is ended: `overflow`. */
  beyond_max: 4_096,
  /** Sources in one message of what was seen: larger accounts are sent as several. */
  have_sources_max: 1_024,
  /** Events in one message: more are sent as several. */
  flood_events_max: 1_024,
  /**
   * Bytes of what a neighbour lacks that are sent before it has read them: the rest waits for that. A quarter of what
   * may wait beside a connection, so that what is flooded meanwhile has room there as well.
   */
  fed_bytes_max: 16_777_216,
  /**
   * How long somebody may take to get what it lacks, a part or a snapshot, beside the time that its bytes take: it may
   * be given another's before. Then the link ends, `silent`: nothing is folded meanwhile.
   */
  fed_within_max: (240 * SECOND) as Micros,
  /** Bytes a second by which that time is reckoned. */
  fed_rate_min: 65_536,
  /** Bytes of an application's snapshot for a newcomer. One who has more cannot give it: the link ends, `overflow`. */
  snapshot_bytes_max: 67_108_864,
  /** Bytes of a snapshot in one message. */
  chunk_bytes_max: 32_768,
  /** How far ahead of all time that is known an event may lie. The link that brings it is ended: `bad_request`. */
  future_max: (3_600 * SECOND) as Micros,
  /** How far ahead of the own time another's may be: nobody runs through more. The link is ended: `bad_request`. */
  ahead_max: (7 * 86_400 * SECOND) as Micros,
  /** The longest lead that is reckoned with: a way that takes longer brings events late. */
  delay_max: (30 * SECOND) as Micros,
} as const

/** The same names with numbers of one's own. */
export type PeerLimits = { readonly [K in keyof typeof PEER_LIMITS]: number }
