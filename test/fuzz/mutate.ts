import type { Random } from '../../src/core/random.ts'

/** Bytes at which something changes its kind. */
const TURNS = [
  0, 1, 2, 0x10, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0x81, 0x90, 0xa0, 0xc0, 0xc1, 0xd9, 0xdf, 0xe0, 0xfe, 0xff,
]
/** As numbers of variable length: 2^53 - 1, one more, and some at the limits of messages. */
const NUMBERS = [
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
  [0x80, 0x80, 0x04],
  [0x81, 0x80, 0x04],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x00],
]
const BYTES_MAX = 1_024

/** Another input, near a known one. */
export const mutated = (bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array => {
  let made: Uint8Array = bytes.slice()
  for (let times = 1 << random.below(4); times > 0; times--) made = once(made, other, random)
  return made.length > BYTES_MAX ? made.slice(0, BYTES_MAX) : made
}

const once = (bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array => {
  const at = random.below(bytes.length + 1)
  switch (random.below(9)) {
    case 0:
      if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8))
      return bytes
    case 1:
      if (at < bytes.length) bytes[at] = random.below(256)
      return bytes
    case 2:
      if (at < bytes.length) bytes[at] = TURNS[random.below(TURNS.length)] as number
      return bytes
    case 3:
      if (at < bytes.length) bytes[at] = (bytes[at] as number) + (random.chance(0.5) ? 1 : -1)
      return bytes
    case 4:
      return without(bytes, at, 1 + random.below(random.chance(0.2) ? 64 : 4))
    case 5:
      return put(
        bytes,
        at,
        Uint8Array.from({ length: 1 + random.below(4) }, () => random.below(256)),
      )
    case 6:
      return put(bytes, at, Uint8Array.from(NUMBERS[random.below(NUMBERS.length)] as number[]))
    case 7: {
      const from = random.below(bytes.length + 1)
      return put(bytes, at, bytes.slice(from, from + 1 + random.below(32)))
    }
    default: {
      const from = random.below(other.length + 1)
      return put(bytes, at, other.slice(from, from + 1 + random.below(64)))
    }
  }
}

export const without = (bytes: Uint8Array, at: number, count: number): Uint8Array => {
  const left = new Uint8Array(Math.max(at, bytes.length - count))
  left.set(bytes.subarray(0, at))
  left.set(bytes.subarray(at + count), at)
  return left
}

const put = (bytes: Uint8Array, at: number, more: Uint8Array): Uint8Array => {
  const all = new Uint8Array(bytes.length + more.length)
  all.set(bytes.subarray(0, at))
  all.set(more, at)
  all.set(bytes.subarray(at), at + more.length)
  return all
}
