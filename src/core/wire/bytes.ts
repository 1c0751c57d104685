/**
 * A bounded reader and a writer of bytes. Whole numbers of up to 53 bits are little-endian base 128
 * (`varint`), signed ones are folded first (`zigzag`). The reader never throws: a read past the end or a number
 * that is too long sets `bad` and gives zero, and whoever decodes looks at `ok` once, at the end.
 */

const MAX_VARINT_BYTES = 8
const TWO_POW_32 = 0x1_0000_0000

/** Messages are written one behind the other in memory of this size; it lives as long as one of them. */
const SLAB_BYTES = 16_384
/** For fewer bytes than this a loop is faster than the call that copies them. */
const COPY_BYTES_MIN = 16

export class Writer {
  private slab = new Uint8Array(SLAB_BYTES)
  /** Where the message that is being written starts, and where it goes on. */
  private start = 0
  private at = 0

  get size(): number {
    return this.at - this.start
  }

  /** Start over. */
  reset(): this {
    this.at = this.start
    return this
  }

  private room(more: number): void {
    if (this.at + more > this.slab.length) this.move(more)
  }

  /** Go on in a new slab: what was taken from the old one stays as it is. */
  private move(more: number): void {
    const written = this.slab.subarray(this.start, this.at)
    this.slab = new Uint8Array(Math.max(SLAB_BYTES, 2 * written.length + more))
    this.slab.set(written)
    this.start = 0
    this.at = written.length
  }

  u8(value: number): this {
    this.room(1)
    this.slab[this.at++] = value
    return this
  }

  u32(value: number): this {
    this.room(4)
    const b = this.slab
    const at = this.at
    b[at] = value
    b[at + 1] = value >>> 8
    b[at + 2] = value >>> 16
    b[at + 3] = value >>> 24
    this.at = at + 4
    return this
  }

  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): this {
    this.room(MAX_VARINT_BYTES)
    const b = this.slab
    let at = this.at
    let rest = value
    while (rest >= TWO_POW_32) {
      b[at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    let low = rest >>> 0
    while (low >= 128) {
      b[at++] = (low & 127) | 128
      low >>>= 7
    }
    b[at++] = low
    this.at = at
    return this
  }

  /** A whole number from -2^52 to 2^52 - 1: small ones of either sign are short. */
  zigzag(value: number): this {
    return this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  /** Bytes as they are; their length is not written. */
  raw(bytes: Uint8Array): this {
    const n = bytes.length
    this.room(n)
    const b = this.slab
    const at = this.at
    if (n < COPY_BYTES_MIN) for (let i = 0; i < n; i++) b[at + i] = bytes[i] as number
    else b.set(bytes, at)
    this.at = at + n
    return this
  }

  /** A length, then the bytes. */
  block(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes)
  }

  /** A length in bytes, then the text as UTF-8. */
  text(value: string): this {
    return this.block(utf8(value))
  }

  /** What was written since `reset`, in memory of its own that is never written again. */
  take(): Uint8Array {
    const written = this.slab.subarray(this.start, this.at)
    this.start = this.at
    return written
  }
}

export class Reader {
  private bytes: Uint8Array = EMPTY
  private at = 0
  private end = 0
  /** Whether anything so far was missing or malformed. */
  bad = false

  over(bytes: Uint8Array): this {
    this.bytes = bytes
    this.at = 0
    this.end = bytes.length
    this.bad = false
    return this
  }

  get left(): number {
    return this.end - this.at
  }

  /** Everything was well formed and nothing is left over. */
  get ok(): boolean {
    return !this.bad && this.at === this.end
  }

  u8(): number {
    if (this.at >= this.end) return this.fail()
    return this.bytes[this.at++] as number
  }

  u32(): number {
    if (this.at + 4 > this.end) return this.fail()
    const b = this.bytes
    const at = this.at
    this.at = at + 4
    return (
      ((b[at] as number) |
        ((b[at + 1] as number) << 8) |
        ((b[at + 2] as number) << 16) |
        ((b[at + 3] as number) << 24)) >>>
      0
    )
  }

  varint(): number {
    const b = this.bytes
    const end = this.end
    let at = this.at
    if (at >= end) return this.fail()
    let byte = b[at++] as number
    if (byte < 128) {
      this.at = at
      return byte
    }
    let value = byte & 127
    let scale = 128
    for (let i = 1; i < MAX_VARINT_BYTES; i++) {
      if (at >= end) return this.fail()
      byte = b[at++] as number
      value += (byte & 127) * scale
      if (byte < 128) {
        // One number has one form: a last byte of zero would be a second one.
        if (byte === 0 || value > Number.MAX_SAFE_INTEGER) return this.fail()
        this.at = at
        return value
      }
      scale *= 128
    }
    return this.fail()
  }

  zigzag(): number {
    const folded = this.varint()
    return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
  }

  /**
   * A view of the next `n` bytes; it lives as long as the bytes that were read over. It is a plain array
   * whatever these are: a `Buffer` of Node's would reach applications, and behave otherwise than in a browser.
   */
  raw(n: number): Uint8Array {
    if (n > this.left) {
      this.fail()
      return EMPTY
    }
    if (n === 0) return EMPTY
    const view = new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + this.at, n)
    this.at += n
    return view
  }

  /** A view of a block no longer than `most`. */
  block(most: number): Uint8Array {
    const n = this.varint()
    if (n > most) {
      this.fail()
      return EMPTY
    }
    return this.raw(n)
  }

  /** A text of at most `most` bytes; malformed UTF-8 is bad. */
  text(most: number): string {
    const view = this.block(most)
    const value = fromUtf8(view)
    if (value === undefined) {
      this.fail()
      return ''
    }
    return value
  }

  private fail(): 0 {
    this.bad = true
    this.at = this.end
    return 0
  }
}

export const EMPTY = new Uint8Array(0)

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const utf8 = (value: string): Uint8Array => encoder.encode(value)

const fromUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
