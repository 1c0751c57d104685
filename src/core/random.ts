/** The words of a source of chance, each from 0 to 2^32 - 1. */
export type RandomState = readonly [number, number, number, number]

/**
 * The one source of chance: sfc32, four words of state, the same numbers on every machine for the same seed.
 * Nothing in the core draws for itself; who needs chance is handed a source.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private d = 1

  constructor(seed: number, stream = 0) {
    this.a = seed >>> 0
    this.b = Math.floor(seed / 0x1_0000_0000) >>> 0
    this.c = stream >>> 0
    for (let i = 0; i < 15; i++) this.uint32()
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0
    this.d = (this.d + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (this.c << 21) | (this.c >>> 11)
    this.c = (this.c + t) | 0
    return t >>> 0
  }

  /** All of its state, in four words: whoever restores it draws the same numbers. */
  save(): RandomState {
    return [this.a >>> 0, this.b >>> 0, this.c >>> 0, this.d >>> 0]
  }

  restore([a, b, c, d]: RandomState): void {
    this.a = a | 0
    this.b = b | 0
    this.c = c | 0
    this.d = d | 0
  }

  /** From 0 inclusive to 1 exclusive, 32 bits fine. */
  unit(): number {
    return this.uint32() / 0x1_0000_0000
  }

  /** A whole number from 0 inclusive to `n` exclusive. */
  below(n: number): number {
    return Math.floor(this.unit() * n)
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.unit() < probability
  }

  /** Uniform between two numbers. */
  between(low: number, high: number): number {
    return low + this.unit() * (high - low)
  }

  /** Exponential with this mean. */
  exponential(mean: number): number {
    return -mean * ln((this.uint32() + 1) / 0x1_0000_0000)
  }

  /** A source of its own for one purpose: taking one stream away leaves the others as they were. */
  fork(stream: number): Random {
    return new Random(this.uint32() * 0x1_0000_0000 + this.uint32(), stream)
  }
}

const bits = new DataView(new ArrayBuffer(8))

/**
 * The natural logarithm of a positive normal number with the same bits everywhere: only exact operations are
 * used, which `Math.log` does not promise. Range reduction to [sqrt(1/2), sqrt(2)), then the series of atanh.
 */
export const ln = (x: number): number => {
  bits.setFloat64(0, x)
  const high = bits.getUint32(0)
  let exponent = (high >>> 20) - 1023
  bits.setUint32(0, (high & 0x000f_ffff) | 0x3ff0_0000)
  let mantissa = bits.getFloat64(0)
  if (mantissa > Math.SQRT2) {
    mantissa /= 2
    exponent++
  }
  const s = (mantissa - 1) / (mantissa + 1)
  const z = s * s
  const series =
    1 +
    z *
      (1 / 3 +
        z *
          (1 / 5 +
            z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z * (1 / 13 + z * (1 / 15 + z * (1 / 17 + z / 19))))))))
  return exponent * Math.LN2 + 2 * s * series
}
