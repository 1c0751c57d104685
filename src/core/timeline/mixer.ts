const WORDS = 4096
/** The most words that are written before the room is looked at again. */
const STRIDE = 8

/** Which half of a double lies first in memory: 0 for the low one. */
export const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1

/**
 * Mixes whole numbers of 32 bits into one of 53. Which numbers come together in one call is part of what they
 * mean: who writes the same value makes the same calls.
 */
export class Mixer {
  private readonly written = new Int32Array(WORDS + STRIDE)
  private used = 0
  private total = 0
  private a = 0
  private b = 0
  private c = 0
  private d = 0

  start(): void {
    this.used = 0
    this.total = 0
    this.a = 0x2545_f491
    this.b = 0x6c8e_9cf5
    this.c = 0x3c6e_f35f
    this.d = 0x5bd1_e995
  }

  end(): number {
    this.flush()
    let a = avalanche(this.a ^ this.total) ^ this.c
    let b = avalanche(this.b + this.total) ^ this.d
    a = avalanche(a ^ Math.imul(b, 0x85eb_ca6b))
    b = avalanche(b ^ Math.imul(a, 0xc2b2_ae35))
    return (b >>> 11) * 0x1_0000_0000 + (a >>> 0)
  }

  word(word: number): void {
    if (this.used >= WORDS) this.flush()
    this.written[this.used++] = word
  }

  two(first: number, second: number): void {
    if (this.used >= WORDS) this.flush()
    this.written[this.used++] = first
    this.written[this.used++] = second
  }

  three(first: number, second: number, third: number): void {
    if (this.used >= WORDS) this.flush()
    this.written[this.used++] = first
    this.written[this.used++] = second
    this.written[this.used++] = third
  }

  /** The units of a text, two in a word. */
  text(text: string): void {
    const words = this.written
    const even = text.length & ~1
    let used = this.used
    for (let i = 0; i < even; i += 2) {
      if (used >= WORDS) {
        this.used = used
        this.flush()
        used = 0
      }
      words[used++] = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16)
    }
    this.used = used
    if (even < text.length) this.word(text.charCodeAt(even))
  }

  bytes(bytes: Uint8Array): void {
    const whole = bytes.length >> 2
    if (LOW === 0 && bytes.byteOffset % 4 === 0) {
      this.words(new Int32Array(bytes.buffer, bytes.byteOffset, whole))
    } else {
      // The same words in the same call as above: where bytes lie in memory does not matter.
      const words = new Int32Array(whole)
      for (let i = 0; i < whole; i++) words[i] = wordAt(bytes, i * 4, 4)
      this.words(words)
    }
    if (bytes.length % 4 !== 0) this.word(wordAt(bytes, whole * 4, bytes.length % 4))
  }

  words(words: Int32Array): void {
    this.flush()
    this.mix(words, words.length)
  }

  private flush(): void {
    this.mix(this.written, this.used)
    this.used = 0
  }

  /**
   * Every word goes into two lanes of 32 bits, by different products; the shift after each lets high bits reach
   * the low ones. Words take turns between two such pairs, since a lane waits for its last product.
   */
  private mix(words: Int32Array, n: number): void {
    let { a, b, c, d } = this
    let i = 0
    for (; i + 1 < n; i += 2) {
      const even = words[i] as number
      const odd = words[i + 1] as number
      a = (Math.imul(a ^ even, 0x9e37_79b1) + 0x7f4a_7c15) | 0
      b = (Math.imul(b ^ even, 0x85eb_ca77) + 0x1656_67b1) | 0
      c = (Math.imul(c ^ odd, 0xc2b2_ae3d) + 0x27d4_eb2f) | 0
      d = (Math.imul(d ^ odd, 0xcc9e_2d51) + 0x3c6e_f372) | 0
      a ^= a >>> 15
      b ^= b >>> 13
      c ^= c >>> 16
      d ^= d >>> 14
    }
    if (i < n) {
      const last = words[i] as number
      a = (Math.imul(a ^ last, 0x9e37_79b1) + 0x1b87_3593) | 0
      b = (Math.imul(b ^ last, 0x85eb_ca77) + 0x52dc_e729) | 0
      a ^= a >>> 15
      b ^= b >>> 13
    }
    this.a = a
    this.b = b
    this.c = c
    this.d = d
    this.total = (this.total + n) | 0
  }
}

/** Up to four bytes as one number, the first as the lowest. */
const wordAt = (bytes: Uint8Array, at: number, n: number): number => {
  let word = 0
  for (let i = 0; i < n; i++) word |= (bytes[at + i] as number) << (8 * i)
  return word
}

const avalanche = (word: number): number => {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
  return h ^ (h >>> 16)
}
