import { highOf, lowOf, scaled } from './words.ts'

/*
 * The method for angles of middling size is that of fdlibm:
 * Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business. Permission to use, copy, modify, and distribute this
 * software is freely granted, provided that this notice is preserved.
 */

/** π/2 in pieces of 33 bits, whose products with a number of 20 bits are exact, and what each leaves over. */
const PIECE_1 = 1.5707963267341256
const REST_1 = 6.077100506506192e-11
const PIECE_2 = 6.077100506303966e-11
const REST_2 = 2.0222662487959506e-21
const PIECE_3 = 2.0222662487111665e-21
const REST_3 = 8.4784276603689e-32
const TWO_BY_PI = 0.6366197723675814
/** 2²⁰ · π/2 */
const MIDDLING = 1647099.3291652855

/** What was left of the last angle, as the sum of two, since one double is not enough. */
export const left = new Float64Array(2)

/** Takes quarter turns from an angle until at most an eighth is left. Returns how many, modulo 4. */
export const quarterTurns = (x: number): number => {
  if (Math.abs(x) >= MIDDLING) return quarterTurnsOfLarge(x)
  const n = Math.round(x * TWO_BY_PI)
  const exponent = exponentOf(x)
  let r = x - n * PIECE_1
  let w = n * REST_1
  let rest = r - w
  if (exponent - exponentOf(rest) > 16) {
    let t = r
    w = n * PIECE_2
    r = t - w
    w = n * REST_2 - (t - r - w)
    rest = r - w
    if (exponent - exponentOf(rest) > 49) {
      t = r
      w = n * PIECE_3
      r = t - w
      w = n * REST_3 - (t - r - w)
      rest = r - w
    }
  }
  left[0] = rest
  left[1] = r - rest - w
  return n & 3
}

const exponentOf = (x: number): number => (highOf(x) >> 20) & 0x7ff

/** Bits after the point: as many as the largest double has before it, and enough for what is left. */
const BITS = 1280
/** floor(π/2 · 2¹²⁸⁰) */
const HALF_PI = BigInt(
  '0x1921fb54442d18469898cc51701b839a252049c1114cf98e804177d4c76273644a29410f31c6809bbdf2a33679a748636605614dbe4be' +
    '286e9fc26adadaa3848bc90b6aecc4bcfd8de89885d34c6fdad617feb96de80d6fdbdc70d7f6b5133f4b5d3e4822f8963fcc9250cca3d9c8' +
    'b67b8400f97142c77e0b31b4906c38aba734d22c7f51fa499ebf06caba47b9475b2c38c5e6ac410aa5773daa520ee12d2cda',
)
/** Of these bits, as many as a double can hold the number of. */
const KEPT = 280

/** The same in whole numbers of any size, which are exact: slow, and only for angles of 250,000 turns and more. */
const quarterTurnsOfLarge = (x: number): number => {
  const high = highOf(x)
  const significand = BigInt((high & 0xf_ffff) | 0x10_0000) * 0x1_0000_0000n + BigInt(lowOf(x) >>> 0)
  const angle = significand << BigInt(((high >> 20) & 0x7ff) - 1075 + BITS)
  const n = (angle + HALF_PI / 2n) / HALF_PI
  const rest = (angle - n * HALF_PI) >> BigInt(BITS - KEPT)
  const sign = high < 0 ? -1 : 1
  const first = Number(rest)
  left[0] = sign * first * UNIT
  left[1] = sign * Number(rest - BigInt(first)) * UNIT
  return (sign * Number(n & 3n)) & 3
}

/** 2⁻²⁸⁰ */
const UNIT = scaled(1, -KEPT)
