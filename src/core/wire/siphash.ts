/**
 * Two keyed hashes of Aumasson and Bernstein, in 32-bit arithmetic. SipHash-2-4 (a key of 16 bytes, a result
 * of 8) makes cookies and keys; HalfSipHash-2-4 (a key of 8 bytes, a result of 4) marks every datagram, since
 * it needs no 64-bit numbers and is fast enough for that.
 */

/** The four 64-bit words of the state, low half first. One hash runs at a time, so one state will do. */
const v = new Uint32Array(8)

const add = (to: number, from: number): void => {
  const low = v[to] + v[from]
  v[to] = low
  v[to + 1] = v[to + 1] + v[from + 1] + (low > 0xffff_ffff ? 1 : 0)
}

/** Rotate one word to the left by fewer than 32 bits, then mix another into it. */
const turn = (at: number, bits: number, mix: number): void => {
  const low = v[at]
  const high = v[at + 1]
  v[at] = ((low << bits) | (high >>> (32 - bits))) ^ v[mix]
  v[at + 1] = ((high << bits) | (low >>> (32 - bits))) ^ v[mix + 1]
}

const swapHalves = (at: number): void => {
  const low = v[at]
  v[at] = v[at + 1]
  v[at + 1] = low
}

const round = (): void => {
  add(0, 2)
  turn(2, 13, 0)
  swapHalves(0)
  add(4, 6)
  turn(6, 16, 4)
  add(0, 6)
  turn(6, 21, 0)
  add(4, 2)
  turn(2, 17, 4)
  swapHalves(4)
}

const word = (bytes: Uint8Array, at: number): number =>
  bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)

/** SipHash-2-4 over the first `length` bytes, written to the 8 bytes of `out` from `outAt` on. */
export const sipHash = (
  key: Uint8Array,
  bytes: Uint8Array,
  length: number,
  out: Uint8Array,
  outAt = 0,
): void => {
  const k0 = word(key, 0)
  const k1 = word(key, 4)
  const k2 = word(key, 8)
  const k3 = word(key, 12)
  v[0] = k0 ^ 0x7073_6575
  v[1] = k1 ^ 0x736f_6d65
  v[2] = k2 ^ 0x6e64_6f6d
  v[3] = k3 ^ 0x646f_7261
  v[4] = k0 ^ 0x6e65_7261
  v[5] = k1 ^ 0x6c79_6765
  v[6] = k2 ^ 0x7974_6573
  v[7] = k3 ^ 0x7465_6462
  const whole = length - (length % 8)
  for (let at = 0; at < whole; at += 8) compress(word(bytes, at), word(bytes, at + 4))
  let low = 0
  let high = length << 24
  for (let i = 0; i < length - whole; i++) {
    if (i < 4) low |= bytes[whole + i] << (8 * i)
    else high |= bytes[whole + i] << (8 * (i - 4))
  }
  compress(low, high)
  v[4] ^= 0xff
  round()
  round()
  round()
  round()
  const resultLow = v[0] ^ v[2] ^ v[4] ^ v[6]
  const resultHigh = v[1] ^ v[3] ^ v[5] ^ v[7]
  for (let i = 0; i < 4; i++) {
    out[outAt + i] = resultLow >>> (8 * i)
    out[outAt + 4 + i] = resultHigh >>> (8 * i)
  }
}

const compress = (low: number, high: number): void => {
  v[6] ^= low
  v[7] ^= high
  round()
  round()
  v[0] ^= low
  v[1] ^= high
}

/** The key of a HalfSipHash, as two words. */
export interface HalfKey {
  readonly low: number
  readonly high: number
}

export const halfKey = (bytes: Uint8Array, at = 0): HalfKey => ({
  low: word(bytes, at),
  high: word(bytes, at + 4),
})

/** HalfSipHash-2-4 over the bytes from `from` up to `to`. Runs over every byte sent: one loop, no calls. */
export const halfSipHash = (key: HalfKey, bytes: Uint8Array, from: number, to: number): number => {
  let v0 = key.low
  let v1 = key.high
  let v2 = key.low ^ 0x6c79_6765
  let v3 = key.high ^ 0x7465_6462
  const length = to - from
  const whole = from + (length & ~3)
  let at = from
  for (;;) {
    let m: number
    if (at < whole) {
      m = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
    } else {
      m = length << 24
      if (at < to) m |= bytes[at]
      if (at + 1 < to) m |= bytes[at + 1] << 8
      if (at + 2 < to) m |= bytes[at + 2] << 16
    }
    v3 ^= m
    for (let i = 0; i < 2; i++) {
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    v0 ^= m
    if (at >= whole) break
    at += 4
  }
  v2 ^= 0xff
  for (let i = 0; i < 4; i++) {
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
  }
  return (v1 ^ v3) >>> 0
}
