import { type HalfKey, halfSipHash } from './siphash.ts'

/**
 * The layout of datagrams; docs/channel.md shows each of them byte by byte. The first byte holds the version and
 * the kind, the next four the number by which the receiver knows the channel, the last four a tag over all
 * before it.
 */

const VERSION = 1

export const KIND = {
  open: (VERSION << 4) | 0,
  cookie: (VERSION << 4) | 1,
  accept: (VERSION << 4) | 2,
  data: (VERSION << 4) | 3,
  close: (VERSION << 4) | 4,
  refuse: (VERSION << 4) | 5,
  gone: (VERSION << 4) | 6,
} as const

/** The longest datagram: what practically every path carries whole. Longer ones are dropped unread. */
export const DATAGRAM_BYTES_MAX = 1_200
/** An `open` is always this long, so that no answer to it is longer and the path has shown what it carries. */
export const OPEN_BYTES = DATAGRAM_BYTES_MAX
export const TAG_BYTES = 4
export const NONCE_BYTES = 8
export const COOKIE_BYTES = 8
/** Up to the acknowledgement bits of a `data` datagram. */
export const DATA_HEAD_BYTES = 16
/** One byte counts the acknowledgement bytes, and its highest bit says that more are left out. */
export const BITS_BYTES_MAX = 127
export const BITS_MORE = 0x80
/** Acknowledgement bytes beside pieces; with more, a piece of full length would not fit. */
export const BITS_BESIDE_PIECES_MAX = 24
/** Number of the first piece (2), length (2). */
export const PIECE_BYTES_MAX = DATAGRAM_BYTES_MAX - DATA_HEAD_BYTES - BITS_BESIDE_PIECES_MAX - 4 - TAG_BYTES
/** Pieces on their way: the first one that is missing and those that the bits can speak of. */
export const WINDOW_PIECES = 1 + 8 * BITS_BYTES_MAX
/**
 * A datagram that is this much older than the newest is dropped. It makes 16 bits of a piece's number enough:
 * a datagram brings at most one new piece, so what remains is less than 2^15 pieces away.
 */
export const STALE_DATAGRAMS = 16_384
/** The unit of the time for which an acknowledgement was held back. */
export const DELAY_UNIT = 16
/** Held back for too long to tell. */
export const DELAY_UNKNOWN = 0xffff

/** Why a channel was closed. */
export const CLOSE = { orderly: 0, broken: 1 } as const
/** Why none was opened. */
export const REFUSE = { version: 1, closing: 2 } as const

/** The key of datagrams before there is a secret: their tag only finds damage. */
export const OPEN_KEY: HalfKey = { low: 0, high: 0 }

export const u16At = (bytes: Uint8Array, at: number): number => bytes[at] | (bytes[at + 1] << 8)

export const u32At = (bytes: Uint8Array, at: number): number =>
  (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0

export const putU16 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
}

export const putU32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}

/** The number nearest to `near` that ends in these 32 bits. */
export const nearest32 = (low: number, near: number): number => near + ((low - near) | 0)
/** The number nearest to `near` that ends in these 16 bits. */
export const nearest16 = (low: number, near: number): number => near + (((low - near) << 16) >> 16)
/** The first number from `from` on that ends in these 16 bits. */
export const from16 = (low: number, from: number): number => from + ((low - from) & 0xffff)
/** The last number up to `to` that ends in these 16 bits. */
export const upTo16 = (low: number, to: number): number => to - ((to - low) & 0xffff)

/** Writes the tag of the datagram that lies in `bytes` from `from` up to `end`; gives the end of the whole. */
export const seal = (key: HalfKey, bytes: Uint8Array, from: number, end: number): number => {
  putU32(bytes, end, halfSipHash(key, bytes, from, end))
  return end + TAG_BYTES
}

/** Whether a datagram's tag is right, its length being known to hold one. */
export const isSealed = (key: HalfKey, datagram: Uint8Array): boolean => {
  const end = datagram.length - TAG_BYTES
  return u32At(datagram, end) === halfSipHash(key, datagram, 0, end)
}

/** Of these the receiver has no channel yet, or the sender knows it by no number of the receiver's. */
const NAMELESS: ReadonlySet<number> = new Set([KIND.open & 0x0f, KIND.gone & 0x0f])

/** By which number its receiver knows the channel that a datagram is for; 0 if it names none. */
export const channelOf = (datagram: Uint8Array): number =>
  datagram.length < 5 + TAG_BYTES || NAMELESS.has(datagram[0] & 0x0f) ? 0 : u32At(datagram, 1)

/** What a client says in its first datagrams. */
export interface Opening {
  /** The number by which the client knows the channel, above 0. */
  readonly id: number
  /** Eight bytes of chance. They and the cookie are all that keeps strangers out. */
  readonly nonce: Uint8Array
}

const ID_AT = 5
const NONCE_AT = 9
const COOKIE_AT = NONCE_AT + NONCE_BYTES

export const openDatagram = (opening: Opening, cookie: Uint8Array | undefined): Uint8Array => {
  const bytes = new Uint8Array(OPEN_BYTES)
  bytes[0] = KIND.open
  putU32(bytes, ID_AT, opening.id)
  bytes.set(opening.nonce, NONCE_AT)
  if (cookie !== undefined) bytes.set(cookie, COOKIE_AT)
  seal(OPEN_KEY, bytes, 0, OPEN_BYTES - TAG_BYTES)
  return bytes
}

/** The opening that an `open` of any version names. */
export const openingOf = (open: Uint8Array): Opening => ({
  id: u32At(open, ID_AT),
  nonce: open.slice(NONCE_AT, COOKIE_AT),
})

/** The cookie in an `open`, all zeros when the client has none yet. */
export const cookieOf = (open: Uint8Array): Uint8Array => open.slice(COOKIE_AT, COOKIE_AT + COOKIE_BYTES)

/** An answer to an `open`: kind, the client's number for the channel, and then whatever `rest` holds. */
const answer = (kind: number, key: HalfKey, id: number, ...rest: Uint8Array[]): Uint8Array => {
  const length = rest.reduce((sum, part) => sum + part.length, 5 + TAG_BYTES)
  const bytes = new Uint8Array(length)
  bytes[0] = kind
  putU32(bytes, 1, id)
  let at = 5
  for (const part of rest) {
    bytes.set(part, at)
    at += part.length
  }
  seal(key, bytes, 0, at)
  return bytes
}

export const COOKIE_DATAGRAM_BYTES = 5 + NONCE_BYTES + COOKIE_BYTES + TAG_BYTES

export const cookieDatagram = (opening: Opening, cookie: Uint8Array): Uint8Array =>
  answer(KIND.cookie, OPEN_KEY, opening.id, opening.nonce, cookie)

export const REFUSE_DATAGRAM_BYTES = 5 + NONCE_BYTES + 1 + TAG_BYTES

export const refuseDatagram = (opening: Opening, why: number): Uint8Array =>
  answer(KIND.refuse, OPEN_KEY, opening.id, opening.nonce, Uint8Array.of(why))

export const ACCEPT_DATAGRAM_BYTES = 5 + 4 + NONCE_BYTES + TAG_BYTES

export const acceptDatagram = (
  key: HalfKey,
  clientId: number,
  acceptorId: number,
  salt: Uint8Array,
): Uint8Array => {
  const id = new Uint8Array(4)
  putU32(id, 0, acceptorId)
  return answer(KIND.accept, key, clientId, id, salt)
}

export const DATA_BYTES_MIN = DATA_HEAD_BYTES + TAG_BYTES
export const GONE_DATAGRAM_BYTES = 1 + 4 + 4 + TAG_BYTES + TAG_BYTES

/** The answer to a `data` for a channel that nobody here has: its beginning and its end, which only it can bear. */
export const goneDatagram = (data: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(GONE_DATAGRAM_BYTES)
  bytes[0] = KIND.gone
  bytes.set(data.subarray(1, 9), 1)
  bytes.set(data.subarray(data.length - TAG_BYTES), 9)
  seal(OPEN_KEY, bytes, 0, GONE_DATAGRAM_BYTES - TAG_BYTES)
  return bytes
}

/** Which datagram a `gone` answers: the channel that it was for, its number and its tag. */
export const goneOf = (
  gone: Uint8Array,
): { readonly id: number; readonly number: number; readonly tag: number } => ({
  id: u32At(gone, 1),
  number: u32At(gone, 5),
  tag: u32At(gone, 9),
})

export const CLOSE_DATAGRAM_BYTES = 10 + TAG_BYTES

export const closeDatagram = (key: HalfKey, id: number, number: number, why: number): Uint8Array => {
  const rest = new Uint8Array(5)
  putU32(rest, 0, number)
  rest[4] = why
  return answer(KIND.close, key, id, rest)
}
