import { highOf, withoutLow } from './words.ts'

/*
 * Methods and coefficients are those of fdlibm:
 * Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business. Permission to use, copy, modify, and distribute this
 * software is freely granted, provided that this notice is preserved.
 */

const HALF_PI = 1.5707963267948966
const HALF_PI_LOW = 6.123233995736766e-17
const QUARTER_PI = 0.7853981633974483
const PI = Math.PI
const PI_LOW = 1.2246467991473532e-16

/** High words of absolute values. */
const ONE = 0x3ff0_0000
const HALF = 0x3fe0_0000
const NEAR_ONE = 0x3fef_3333

const P0 = 0.16666666666666666
const P1 = -0.3255658186224009
const P2 = 0.20121253213486293
const P3 = -0.04005553450067941
const P4 = 0.0007915349942898145
const P5 = 0.00003479331075960212
const Q1 = -2.403394911734414
const Q2 = 2.0209457602335057
const Q3 = -0.6882839716054533
const Q4 = 0.07703815055590194

/** (asin x - x) / x³ as a function of x², up to a half. */
const share = (z: number): number =>
  (z * (P0 + z * (P1 + z * (P2 + z * (P3 + z * (P4 + z * P5)))))) /
  (1 + z * (Q1 + z * (Q2 + z * (Q3 + z * Q4))))

/** The angle between -π/2 and π/2 with this sine, the same bits in every engine. */
export const asin = (x: number): number => {
  const size = highOf(x) & 0x7fff_ffff
  if (size >= ONE) return Math.abs(x) === 1 ? x * HALF_PI : Number.NaN
  if (size < HALF) return size < 0x3e40_0000 ? x : x + x * share(x * x)
  const w = 1 - Math.abs(x)
  const t = w * 0.5
  const r = share(t)
  const s = Math.sqrt(t)
  const sign = x < 0 ? -1 : 1
  if (size >= NEAR_ONE) return sign * (HALF_PI - (2 * (s + s * r) - HALF_PI_LOW))
  const first = withoutLow(s)
  const c = (t - first * first) / (s + first)
  const p = 2 * s * r - (HALF_PI_LOW - 2 * c)
  const q = QUARTER_PI - 2 * first
  return sign * (QUARTER_PI - (p - q))
}

/** The angle between 0 and π with this cosine, the same bits in every engine. */
export const acos = (x: number): number => {
  const size = highOf(x) & 0x7fff_ffff
  if (size >= ONE) {
    if (x === 1) return 0
    return x === -1 ? PI : Number.NaN
  }
  if (size < HALF) {
    if (size <= 0x3c60_0000) return HALF_PI
    return HALF_PI - (x - (HALF_PI_LOW - x * share(x * x)))
  }
  if (x < 0) {
    const z = (1 + x) * 0.5
    const s = Math.sqrt(z)
    const w = share(z) * s - HALF_PI_LOW
    return PI - 2 * (s + w)
  }
  const z = (1 - x) * 0.5
  const s = Math.sqrt(z)
  const first = withoutLow(s)
  const c = (z - first * first) / (s + first)
  const w = share(z) * s + c
  return 2 * (first + w)
}

const A0 = 0.3333333333333293
const A1 = -0.19999999999876483
const A2 = 0.14285714272503466
const A3 = -0.11111110405462356
const A4 = 0.09090887133436507
const A5 = -0.0769187620504483
const A6 = 0.06661073137387531
const A7 = -0.058335701337905735
const A8 = 0.049768779946159324
const A9 = -0.036531572744216916
const A10 = 0.016285820115365782

/** The angle between -π/2 and π/2 with this tangent, the same bits in every engine. */
export const atan = (x: number): number => {
  const size = highOf(x) & 0x7fff_ffff
  if (Number.isNaN(x)) return x
  const sign = x < 0 ? -1 : 1
  if (size >= 0x4410_0000) return sign * HALF_PI
  if (size < 0x3fdc_0000) return size < 0x3e40_0000 ? x : x - x * series(x)
  // Each range is moved near to 0 by an angle whose tangent is known: of 1/2, 1, 3/2, and the whole π/2.
  const a = Math.abs(x)
  if (size < 0x3fe6_0000)
    return sign * moved((2 * a - 1) / (2 + a), 0.4636476090008061, 2.2698777452961687e-17)
  if (size < 0x3ff3_0000) return sign * moved((a - 1) / (a + 1), QUARTER_PI, 3.061616997868383e-17)
  if (size < 0x4003_8000)
    return sign * moved((a - 1.5) / (1 + 1.5 * a), 0.982793723247329, 1.3903311031230998e-17)
  return sign * moved(-1 / a, HALF_PI, HALF_PI_LOW)
}

const moved = (x: number, angle: number, low: number): number => angle - (x * series(x) - low - x)

const series = (x: number): number => {
  const z = x * x
  const w = z * z
  return (
    z * (A0 + w * (A2 + w * (A4 + w * (A6 + w * (A8 + w * A10))))) +
    w * (A1 + w * (A3 + w * (A5 + w * (A7 + w * A9))))
  )
}

/** The angle from the positive x axis to a point, y first as in `Math.atan2`, the same bits in every engine. */
export const atan2 = (y: number, x: number): number => {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  const highX = highOf(x)
  const highY = highOf(y)
  if (x === 1) return atan(y)
  const isLeft = highX < 0
  const isBelow = highY < 0
  if (y === 0) return isLeft ? (isBelow ? -PI : PI) : y
  if (x === 0) return isBelow ? -HALF_PI : HALF_PI
  if (Math.abs(x) === Number.POSITIVE_INFINITY) {
    const angle =
      Math.abs(y) === Number.POSITIVE_INFINITY ? (isLeft ? 3 * QUARTER_PI : QUARTER_PI) : isLeft ? PI : 0
    return isBelow ? -angle : angle
  }
  if (Math.abs(y) === Number.POSITIVE_INFINITY) return isBelow ? -HALF_PI : HALF_PI
  const exponents = ((highY & 0x7fff_ffff) - (highX & 0x7fff_ffff)) >> 20
  if (exponents > 60) return isBelow ? -HALF_PI : HALF_PI
  const angle = isLeft && exponents < -60 ? 0 : atan(Math.abs(y / x))
  if (!isLeft) return isBelow ? -angle : angle
  return isBelow ? angle - PI_LOW - PI : PI - (angle - PI_LOW)
}
