/** The two halves of a double: the high one holds the sign, the exponent and the first 20 bits. */
const view = new DataView(new ArrayBuffer(8))

export const highOf = (x: number): number => {
  view.setFloat64(0, x)
  return view.getInt32(0)
}

export const lowOf = (x: number): number => {
  view.setFloat64(0, x)
  return view.getInt32(4)
}

export const withHigh = (x: number, high: number): number => {
  view.setFloat64(0, x)
  view.setInt32(0, high)
  return view.getFloat64(0)
}

/** The upper half alone, so that a product with another such half is exact. */
export const withoutLow = (x: number): number => {
  view.setFloat64(0, x)
  view.setInt32(4, 0)
  return view.getFloat64(0)
}

/** x · 2ⁿ for any n, rounded once. */
export const scaled = (x: number, n: number): number => {
  if (n > 1023) return x * HUGE * powerOfTwo(Math.min(n - 1023, 1023))
  if (n >= -1022) return x * powerOfTwo(n)
  // To go below the normal numbers in one step only: 2^-969 leaves 53 bits above the least of them.
  return x * powerOfTwo(Math.max(n + 969, -1022)) * LEAST_EXACT
}

const powerOfTwo = (n: number): number => withHigh(0, (n + 1023) << 20)

const HUGE = withHigh(0, (1023 + 1023) << 20)
const LEAST_EXACT = withHigh(0, (1023 - 969) << 20)
