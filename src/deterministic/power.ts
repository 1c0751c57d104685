import { highOf, scaled, withHigh, withoutLow } from './words.ts'

/*
 * Methods and coefficients are those of fdlibm:
 * Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business. Permission to use, copy, modify, and distribute this
 * software is freely granted, provided that this notice is preserved.
 */

const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
const BY_LN2 = Math.LOG2E
const EXP_MAX = 709.782712893384
const EXP_MIN = -745.1332191019411

const P1 = 0.16666666666666602
const P2 = -0.0027777777777015593
const P3 = 0.00006613756321437934
const P4 = -0.0000016533902205465252
const P5 = 4.1381367970572385e-8

/** What remains of the series of the exponential function: x - x² · (1/6 - x²/360 + …). */
const remainderOf = (x: number): number => {
  const t = x * x
  return x - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))))
}

/** e to the power of x, the same bits in every engine. */
export const exp = (x: number): number => {
  if (Number.isNaN(x)) return x
  if (x === 1) return Math.E
  if (x > EXP_MAX) return Number.POSITIVE_INFINITY
  if (x < EXP_MIN) return 0
  const size = highOf(x) & 0x7fff_ffff
  if (size < 0x3e30_0000) return 1 + x
  if (size <= 0x3fd6_2e42) {
    const c = remainderOf(x)
    return 1 - ((x * c) / (c - 2) - x)
  }
  const sign = x < 0 ? -1 : 1
  // Up to 1.5 ln 2 one step is right, and above it the nearest.
  const k = size < 0x3ff0_a2b2 ? sign : Math.trunc(BY_LN2 * x + sign * 0.5)
  const high = x - k * LN2_HIGH
  const low = k * LN2_LOW
  const r = high - low
  const c = remainderOf(r)
  return scaled(1 - (low - (r * c) / (2 - c) - high), k)
}

const L1 = 0.6666666666666735
const L2 = 0.3999999999940942
const L3 = 0.2857142874366239
const L4 = 0.22222198432149784
const L5 = 0.1818357216161805
const L6 = 0.15313837699209373
const L7 = 0.14798198605116586

/** The natural logarithm, the same bits in every engine. */
export const log = (x: number): number => {
  if (x === 0) return Number.NEGATIVE_INFINITY
  if (Number.isNaN(x) || x < 0) return Number.NaN
  if (x === Number.POSITIVE_INFINITY) return x
  const isSubnormal = highOf(x) < 0x10_0000
  const normal = isSubnormal ? x * TWO_54 : x
  const high = highOf(normal)
  const bits = high & 0xf_ffff
  // The significand, halved when it is above √2.
  const carry = (bits + 0x9_5f64) & 0x10_0000
  const f = withHigh(normal, bits | (carry ^ 0x3ff0_0000)) - 1
  const k = (high >> 20) - 1023 + (carry >> 20) - (isSubnormal ? 54 : 0)
  const wholeHigh = k * LN2_HIGH
  const wholeLow = k * LN2_LOW
  if ((0xf_ffff & (2 + bits)) < 3) {
    const r = f * f * (0.5 - 0.3333333333333333 * f)
    return k === 0 ? f - r : wholeHigh - (r - wholeLow - f)
  }
  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const r = z * (L1 + w * (L3 + w * (L5 + w * L7))) + w * (L2 + w * (L4 + w * L6))
  if (((bits - 0x6_147a) | (0x6_b851 - bits)) > 0) {
    const half = 0.5 * f * f
    return k === 0 ? f - (half - s * (half + r)) : wholeHigh - (half - (s * (half + r) + wholeLow) - f)
  }
  return k === 0 ? f - s * (f - r) : wholeHigh - (s * (f - r) - wholeLow - f)
}

const TWO_54 = 18014398509481984

/** x to the power of y, the same bits in every engine: in place of `Math.pow` and of `**`. */
export const pow = (x: number, y: number): number => {
  if (y === 0) return 1
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  const size = Math.abs(x)
  if (Math.abs(y) === Number.POSITIVE_INFINITY) {
    if (size === 1) return Number.NaN
    return size > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0
  }
  const isWhole = Math.floor(y) === y
  const isOdd = isWhole && Math.abs(y) < 2 * TWO_52 && Math.abs(y % 2) === 1
  const sign = isOdd && highOf(x) < 0 ? -1 : 1
  if (size === 0 || size === 1 || size === Number.POSITIVE_INFINITY) {
    if (x === -1 && !isWhole) return Number.NaN
    return sign * (y < 0 ? 1 / size : size)
  }
  if (x < 0 && !isWhole) return Number.NaN
  return sign * powerOf(size, y)
}

const TWO_52 = 4503599627370496

/** Of a positive number other than 1, to a finite power other than 0. */
const powerOf = (x: number, y: number): number => {
  if (y === 1) return x
  if (y === 2) return x * x
  if (y === -1) return 1 / x
  if (y === 0.5) return Math.sqrt(x)
  const high = highOf(x)
  if (Math.abs(y) > TWO_31) {
    // Unless x is near to 1, the result is beyond all numbers; and beyond 2^64 it is so for any x.
    if (high < 0x3fef_ffff || Math.abs(y) > TWO_64) return x < 1 === y < 0 ? Number.POSITIVE_INFINITY : 0
    if (high > 0x3ff0_0000) return y > 0 ? Number.POSITIVE_INFINITY : 0
    logarithmNearOne(x)
  } else logarithm2(x)
  const first = withoutLow(y)
  const logHigh = log2[0] as number
  const low = (y - first) * logHigh + y * (log2[1] as number)
  const most = first * logHigh
  const z = low + most
  if (z >= 1024 && (z > 1024 || low + OVERFLOWS > z - most)) return Number.POSITIVE_INFINITY
  if (z <= -1075 && (z < -1075 || low <= z - most)) return 0
  return twoToThe(most, low, z)
}

const TWO_31 = 2147483648
const TWO_64 = TWO_31 * TWO_31 * 4
/** -(1024 - log2(the largest number and half of its last bit)) */
const OVERFLOWS = 8.008566259537294e-17

/** The last logarithm of base 2, as the sum of two of which the first has no low word. */
const log2 = new Float64Array(2)

const logarithmNearOne = (x: number): void => {
  const t = x - 1
  const w = t * t * (0.5 - t * (0.3333333333333333 - t * 0.25))
  const u = 1.4426950216293335 * t
  const v = t * 1.9259629911266175e-8 - w * BY_LN2
  const sum = withoutLow(u + v)
  log2[0] = sum
  log2[1] = v - (sum - u)
}

const M1 = 0.5999999999999946
const M2 = 0.4285714285785502
const M3 = 0.33333332981837743
const M4 = 0.272728123808534
const M5 = 0.23066074577556175
const M6 = 0.20697501780033842
/** 2 / (3 ln 2), and as the sum of two. */
const CP = 0.9617966939259756
const CP_HIGH = 0.9617967009544373
const CP_LOW = -7.028461650952758e-9
/** log2(3/2) as the sum of two. */
const LOG_HIGH = 0.5849624872207642
const LOG_LOW = 1.350039202129749e-8

const logarithm2 = (x: number): void => {
  const isSubnormal = highOf(x) < 0x10_0000
  const normal = isSubnormal ? x * 2 * TWO_52 : x
  const high = highOf(normal)
  const bits = high & 0xf_ffff
  // The significand is near to 1, to 3/2, or to 2, which is 1 with the next exponent.
  const isMiddle = bits > 0x3_988e && bits < 0xb_b67a
  const isNext = bits >= 0xb_b67a
  const n = (high >> 20) - 1023 - (isSubnormal ? 53 : 0) + (isNext ? 1 : 0)
  const word = (bits | 0x3ff0_0000) - (isNext ? 0x10_0000 : 0)
  const a = withHigh(normal, word)
  const near = isMiddle ? 1.5 : 1
  // s = (a - near) / (a + near), as the sum of two.
  const u = a - near
  const v = 1 / (a + near)
  const s = u * v
  const sHigh = withoutLow(s)
  const sumHigh = withHigh(0, ((word >> 1) | 0x2000_0000) + 0x8_0000 + (isMiddle ? 0x4_0000 : 0))
  const sumLow = a - (sumHigh - near)
  const sLow = v * (u - sHigh * sumHigh - sHigh * sumLow)
  const s2 = s * s
  const r = s2 * s2 * (M1 + s2 * (M2 + s2 * (M3 + s2 * (M4 + s2 * (M5 + s2 * M6))))) + sLow * (sHigh + s)
  const square = sHigh * sHigh
  const tHigh = withoutLow(3 + square + r)
  const tLow = r - (tHigh - 3 - square)
  const product = sHigh * tHigh
  const rest = sLow * tHigh + tLow * s
  const pHigh = withoutLow(product + rest)
  const pLow = rest - (pHigh - product)
  const zHigh = CP_HIGH * pHigh
  const zLow = CP_LOW * pHigh + pLow * CP + (isMiddle ? LOG_LOW : 0)
  const known = isMiddle ? LOG_HIGH : 0
  const sum = withoutLow(zHigh + zLow + known + n)
  log2[0] = sum
  log2[1] = zLow - (sum - n - known - zHigh)
}

const LN2 = Math.LN2
const LN2_UPPER = 0.6931471824645996
const LN2_LOWER = -1.904654299957768e-9

/** 2 to the power of a sum of two, given with its rounded value. */
const twoToThe = (most: number, low: number, z: number): number => {
  const n = Math.abs(z) > 0.5 ? Math.sign(z) * Math.floor(Math.abs(z) + 0.5) : 0
  const rest = most - n
  const t = withoutLow(low + rest)
  const u = t * LN2_UPPER
  const v = (low - (t - rest)) * LN2 + t * LN2_LOWER
  const sum = u + v
  const w = v - (sum - u)
  const t1 = remainderOf(sum)
  const r = (sum * t1) / (t1 - 2) - (w + sum * w)
  return scaled(1 - (r - sum), n)
}

/** The length of a vector of two or three, the same bits in every engine: exact operations only. */
export const hypot = (x: number, y: number, z = 0): number => {
  const sum = x * x + y * y + z * z
  if (sum > 1e-280 && sum < Number.POSITIVE_INFINITY) return Math.sqrt(sum)
  return hypotOfExtremes(Math.abs(x), Math.abs(y), Math.abs(z))
}

const hypotOfExtremes = (x: number, y: number, z: number): number => {
  const largest = Math.max(x, y, z)
  if (x === Number.POSITIVE_INFINITY || y === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  if (z === Number.POSITIVE_INFINITY) return z
  if (largest === 0 || Number.isNaN(largest)) return largest
  const by = largest > 1 ? -600 : 600
  const a = scaled(x, by)
  const b = scaled(y, by)
  const c = scaled(z, by)
  return scaled(Math.sqrt(a * a + b * b + c * c), -by)
}
