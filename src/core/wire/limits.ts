import { LIMITS } from '../limits.ts'
import { MILLISECOND, type Micros, SECOND } from '../timeline/tick.ts'

// These stand alone as well, for those who need none of the others.
export const QUEUE_BYTES_MAX = 4 * 1_048_576
export const OPENING_MAX: Micros = 10 * SECOND
export const CLOSING_MAX: Micros = 3 * SECOND
export const SILENCE_MAX: Micros = 10 * SECOND

/**
 * The limits of a channel, each with its reason and with what happens when it is reached. They are parameters,
 * so that a test can shrink them; both ends should run with the same numbers. What is part of the datagrams'
 * layout, and so cannot be chosen, is in `datagram.ts`.
 */
export const CHANNEL_LIMITS = {
  /** Bytes in a message. To send a longer one is a broken invariant; to receive one ends the channel: `malformed`. */
  message_bytes_max: LIMITS.message_bytes_max,
  /** Messages that wait to leave for the first time. Beyond it the channel ends itself with `overflow`. */
  queue_messages_max: 65_536,
  /** Their bytes: some seconds of a heavy session behind a path that is cut off. The same outcome. */
  queue_bytes_max: QUEUE_BYTES_MAX,
  /**
   * Bytes of pieces on their way and not acknowledged: at first, after losses, and at most. What is beyond waits
   * in the queue. At first the largest message and what travels beside it: a window of just its length made the end
   * of it wait for a round trip. The least keeps a path moving that loses a third of everything.
   */
  window_bytes_start: 131_072,
  window_bytes_min: 19_200,
  window_bytes_max: 1_048_576,
  /** Bytes a second that leave at least and at most, however short or long the round trip. The rest waits. */
  rate_min: 2_000_000,
  rate_max: 100_000_000,
  /** Bytes that may leave at once: ten datagrams. The rest of a long message follows at the path's rate. */
  burst_bytes: 12_000,
  /** How often a piece goes along in later datagrams unasked. More would cost more than the round trip it saves. */
  repeats_max: 2,
  /** The least age of a piece that goes along again: what left together is lost together. */
  repeat_age: (2 * MILLISECOND) as Micros,
  /** How long an acknowledgement waits for something to travel with. */
  ack_delay: (4 * MILLISECOND) as Micros,
  /** The least time between two acknowledgements that travel alone, unless something is missing. */
  ack_gap: (40 * MILLISECOND) as Micros,
  /** Datagrams with pieces after which an acknowledgement leaves at once: half of the least window. */
  ack_datagrams_max: 8,
  /** How long the first answer is waited for before the oldest pieces are sent again. */
  probe_first: (250 * MILLISECOND) as Micros,
  /**
   * The longest pause between two such probes, unless the round trip itself is longer. It bounds how late a path
   * that works again is noticed; four datagrams a second harm none.
   */
  probe_max: (250 * MILLISECOND) as Micros,
  /** The pause before an unanswered `open` is repeated, and before an end says again that it is there. */
  opening_pause: (250 * MILLISECOND) as Micros,
  /** How long an `open` goes unanswered before the channel ends with `silent`. */
  opening_max: OPENING_MAX,
  /** How long nothing at all is heard before the channel ends with `silent`. */
  silence_max: SILENCE_MAX,
  /** After so long without sending, an empty datagram says that this end is there. */
  keepalive: (2_500 * MILLISECOND) as Micros,
  /** How long a closing end waits for what it sent to be acknowledged. Then it is closed all the same. */
  closing_max: CLOSING_MAX,
  /** Bytes of a source address. A longer one is not answered. */
  address_bytes_max: 64,
  /** For how long one cookie is handed out; it is taken for as long again. */
  cookie_slot: (10 * SECOND) as Micros,
} as const

/** The same names with numbers of one's own. */
export type ChannelLimits = { readonly [K in keyof typeof CHANNEL_LIMITS]: number }
