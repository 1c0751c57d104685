import { left, quarterTurns } from './remainder.ts'
import { highOf, withoutLow } from './words.ts'

/*
 * Methods and coefficients are those of fdlibm:
 * Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business. Permission to use, copy, modify, and distribute this
 * software is freely granted, provided that this notice is preserved.
 */

/** High words of absolute values: up to here no reduction is needed, up to here x is the answer. */
const EIGHTH_TURN = 0x3fe9_21fb
const TINY = 0x3e40_0000
const NOT_FINITE = 0x7ff0_0000

/** The sine of an angle in radians, the same bits in every engine. */
export const sin = (x: number): number => {
  const size = highOf(x) & 0x7fff_ffff
  if (size <= EIGHTH_TURN) return size < TINY ? x : sineOfSmall(x)
  if (size >= NOT_FINITE) return Number.NaN
  switch (quarterTurns(x)) {
    case 0:
      return sineOf(left[0] as number, left[1] as number)
    case 1:
      return cosineOf(left[0] as number, left[1] as number)
    case 2:
      return -sineOf(left[0] as number, left[1] as number)
    default:
      return -cosineOf(left[0] as number, left[1] as number)
  }
}

/** The cosine of an angle in radians, the same bits in every engine. */
export const cos = (x: number): number => {
  const size = highOf(x) & 0x7fff_ffff
  if (size <= EIGHTH_TURN) return size < TINY ? 1 : cosineOf(x, 0)
  if (size >= NOT_FINITE) return Number.NaN
  switch (quarterTurns(x)) {
    case 0:
      return cosineOf(left[0] as number, left[1] as number)
    case 1:
      return -sineOf(left[0] as number, left[1] as number)
    case 2:
      return -cosineOf(left[0] as number, left[1] as number)
    default:
      return sineOf(left[0] as number, left[1] as number)
  }
}

/** The tangent of an angle in radians, the same bits in every engine. */
export const tan = (x: number): number => {
  const size = highOf(x) & 0x7fff_ffff
  if (size <= EIGHTH_TURN) return size < TINY ? x : tangentOf(x, 0, true)
  if (size >= NOT_FINITE) return Number.NaN
  const turns = quarterTurns(x)
  return tangentOf(left[0] as number, left[1] as number, turns % 2 === 0)
}

const S1 = -0.16666666666666632
const S2 = 0.00833333333332249
const S3 = -0.0001984126982985795
const S4 = 0.0000027557313707070068
const S5 = -2.5050760253406863e-8
const S6 = 1.58969099521155e-10

const sineSeries = (z: number): number => S2 + z * (S3 + z * S4) + z * z * z * (S5 + z * S6)

/** Of an angle of at most π/4. */
const sineOfSmall = (x: number): number => {
  const z = x * x
  return x + z * x * (S1 + z * sineSeries(z))
}

/** Of such an angle that is the sum of two. */
const sineOf = (x: number, y: number): number => {
  const z = x * x
  const v = z * x
  return x - (z * (0.5 * y - v * sineSeries(z)) - y - v * S1)
}

const C1 = 0.0416666666666666
const C2 = -0.001388888888887411
const C3 = 0.00002480158728947673
const C4 = -2.7557314351390663e-7
const C5 = 2.087572321298175e-9
const C6 = -1.1359647557788195e-11

const cosineOf = (x: number, y: number): number => {
  const z = x * x
  const w = z * z
  const r = z * (C1 + z * (C2 + z * C3)) + w * w * (C4 + z * (C5 + z * C6))
  const half = 0.5 * z
  const first = 1 - half
  return first + (1 - first - half + (z * r - x * y))
}

const QUARTER_PI = 0.7853981633974483
const QUARTER_PI_LOW = 3.061616997868383e-17
/** From 0.6744 on the tangent is found from that of the rest to π/4. */
const STEEP = 0x3fe5_9428

const T0 = 0.3333333333333341
const T1 = 0.13333333333320124
const T2 = 0.05396825397622605
const T3 = 0.021869488294859542
const T4 = 0.0088632398235993
const T5 = 0.0035920791075913124
const T6 = 0.0014562094543252903
const T7 = 0.0005880412408202641
const T8 = 0.0002464631348184699
const T9 = 0.00007817944429395571
const T10 = 0.00007140724913826082
const T11 = -0.000018558637485527546
const T12 = 0.00002590730518636337

/** The tangent, or after an odd number of quarter turns the cotangent's negative. */
const tangentOf = (angle: number, low: number, isEven: boolean): number => {
  const isSteep = (highOf(angle) & 0x7fff_ffff) >= STEEP
  const sign = angle < 0 ? -1 : 1
  const x = isSteep ? QUARTER_PI - sign * angle + (QUARTER_PI_LOW - sign * low) : angle
  const y = isSteep ? 0 : low
  const z = x * x
  const w = z * z
  const odd = T1 + w * (T3 + w * (T5 + w * (T7 + w * (T9 + w * T11))))
  const even = z * (T2 + w * (T4 + w * (T6 + w * (T8 + w * (T10 + w * T12)))))
  const s = z * x
  const r = y + z * (s * (odd + even) + y) + T0 * s
  const sum = x + r
  if (isSteep) {
    const v = isEven ? 1 : -1
    return sign * (v - 2 * (x - ((sum * sum) / (sum + v) - r)))
  }
  if (isEven) return sum
  // -1 / (x + r) with more bits than the sum has.
  const first = withoutLow(sum)
  const rest = r - (first - x)
  const inverse = -1 / sum
  const t = withoutLow(inverse)
  return t + inverse * (1 + t * first + t * rest)
}
