import { LIMITS } from '../core/limits.ts'
import type { Micros } from '../core/timeline/tick.ts'
import { CLOSING_MAX, OPENING_MAX, QUEUE_BYTES_MAX, SILENCE_MAX } from '../core/wire/limits.ts'

/**
 * The limits of every transport, each with what happens when it is reached. They are options of `listen` and
 * `dial`; both ends should agree about the length of a message.
 */
export const TRANSPORT_LIMITS = {
  /** Bytes in a message. To send a longer one is a broken invariant; to receive one ends the connection: `malformed`. */
  message_bytes_max: LIMITS.message_bytes_max,
  /** Bytes that wait to leave. Beyond it the connection ends itself with `overflow`. */
  buffered_bytes_max: QUEUE_BYTES_MAX,
  /** Connections of one listener, those that are being opened included. The next is turned away. */
  connections_max: 4_096,
  /** How long opening a connection may take. Then it is given up, at either end. */
  opening_max: OPENING_MAX,
  /** How long an orderly end may take, all that still waits to leave included. Then the connection is cut off. */
  closing_max: CLOSING_MAX,
  /** How long nothing is heard on a connection over UDP before it ends with `silent`. */
  silence_max: SILENCE_MAX,
} as const

/** The same names with numbers of one's own. */
export type TransportLimits = { readonly [K in keyof typeof TRANSPORT_LIMITS]: number }

/** Whoever is told of more takes it for next to nothing, or for a mistake. */
const TIMER_MAX_MS = 2 ** 31 - 1

/** What timers count in. */
export const milliseconds = (time: Micros): number => Math.min(Math.ceil(time / 1_000), TIMER_MAX_MS)

/** How many addresses of one host are tried in the time for opening, if nobody answers at any of them. */
const ADDRESSES = 4

/**
 * What a socket of Node is told of a host that has several addresses. It tries one after the other, and gives up each
 * but the last after a quarter of a second by itself (https://github.com/nodejs/node/issues/54359): a way with a longer
 * round trip, or on which the first packet is lost, which is repeated after a second (RFC 6298), was none. An address
 * at which nobody answers, as where IPv6 leads nowhere, costs as much.
 */
export const perAddress = ({ opening_max }: Pick<TransportLimits, 'opening_max'>) => ({
  // It takes no time at all for a mistake.
  autoSelectFamilyAttemptTimeout: Math.max(1, milliseconds(opening_max / ADDRESSES)),
})
