/**
 * Bytes laid out by tables: a message is a list of named fields, all numbers are big-endian and of a fixed width,
 * so that any language can write and read them without help. The tables of docs/bridge.md are these.
 */

/** An input inside of a step, without the tick that it shares with all others of it. */
export interface LaidInput {
  readonly evt: number
  readonly player: number
  readonly number: number
  readonly seq: number
  readonly payload: Uint8Array
}

interface Values {
  u8: number
  i32: number
  /** Whole numbers up to 2^53, which is all that a program in JavaScript can hold. */
  i64: number
  text: string
  bytes: Uint8Array
  inputs: readonly LaidInput[]
  numbers: Readonly<Record<string, number>>
}

export type Encoding = keyof Values
export type Fields = readonly (readonly [name: string, encoding: Encoding])[]
export type ValuesOf<F extends Fields> = { readonly [P in F[number] as P[0]]: Values[P[1]] }

const TWO_POW_32 = 0x1_0000_0000
const SAFE_HIGH = 0x1f_ffff
/** Evt, player and number, the sequence number, and the length of the payload. */
const INPUT_BYTES_MIN = 24

class ByteWriter {
  private bytes = Buffer.allocUnsafe(256)
  private at = 0

  private room(more: number): number {
    const at = this.at
    this.at += more
    if (this.at > this.bytes.length) {
      const larger = Buffer.allocUnsafe(2 * this.at)
      larger.set(this.bytes.subarray(0, at))
      this.bytes = larger
    }
    return at
  }

  u8(value: number): void {
    const at = this.room(1)
    this.bytes[at] = value
  }

  i32(value: number): void {
    const at = this.room(4)
    this.bytes.writeInt32BE(value, at)
  }

  i64(value: number): void {
    const at = this.room(8)
    this.bytes.writeInt32BE(Math.floor(value / TWO_POW_32), at)
    this.bytes.writeUInt32BE(value >>> 0, at + 4)
  }

  bytesOf(value: Uint8Array): void {
    this.i32(value.length)
    const at = this.room(value.length)
    this.bytes.set(value, at)
  }

  write(encoding: Encoding, value: unknown): void {
    switch (encoding) {
      case 'u8':
        return this.u8(value as number)
      case 'i32':
        return this.i32(value as number)
      case 'i64':
        return this.i64(value as number)
      case 'text':
        return this.bytesOf(Buffer.from(value as string))
      case 'bytes':
        return this.bytesOf(value as Uint8Array)
      case 'inputs':
        return this.inputs(value as readonly LaidInput[])
      case 'numbers':
        return this.numbers(value as Readonly<Record<string, number>>)
    }
  }

  private inputs(inputs: readonly LaidInput[]): void {
    this.i32(inputs.length)
    for (const { evt, player, number, seq, payload } of inputs) {
      this.i32(evt)
      this.i32(player)
      this.i32(number)
      this.i64(seq)
      this.bytesOf(payload)
    }
  }

  private numbers(numbers: Readonly<Record<string, number>>): void {
    const entries = Object.entries(numbers)
    this.i32(entries.length)
    for (const [name, value] of entries) {
      this.bytesOf(Buffer.from(name))
      this.i64(Math.round(value))
    }
  }

  /** What was written, in memory of its own: the length of all the rest first. */
  framed(): Buffer {
    this.bytes.writeUInt32BE(this.at - 4, 0)
    return this.bytes.subarray(0, this.at)
  }
}

/** A message with its length before it, ready to be sent. */
export const encode = <F extends Fields>(type: number, fields: F, values: ValuesOf<F>): Buffer => {
  const w = new ByteWriter()
  w.i32(0)
  w.u8(type)
  for (const [name, encoding] of fields) w.write(encoding, values[name as keyof ValuesOf<F>])
  return w.framed()
}

/** Reads what may come from anybody: past the end or out of range it gives nothing and is `bad` from then on. */
class ByteReader {
  bad = false
  private at: number
  private readonly bytes: Buffer

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.at = at
  }

  get ok(): boolean {
    return !this.bad && this.at === this.bytes.length
  }

  get left(): number {
    return this.bytes.length - this.at
  }

  private step(n: number): number {
    if (this.bad || n < 0 || this.left < n) {
      this.bad = true
      return -1
    }
    this.at += n
    return this.at - n
  }

  u8(): number {
    const at = this.step(1)
    return at < 0 ? 0 : (this.bytes[at] as number)
  }

  i32(): number {
    const at = this.step(4)
    return at < 0 ? 0 : this.bytes.readInt32BE(at)
  }

  i64(): number {
    const at = this.step(8)
    if (at < 0) return 0
    const high = this.bytes.readInt32BE(at)
    if (high > SAFE_HIGH || high < -SAFE_HIGH) this.bad = true
    return high * TWO_POW_32 + this.bytes.readUInt32BE(at + 4)
  }

  bytesOf(): Uint8Array {
    const n = this.i32()
    const at = this.step(n)
    return at < 0 ? NOTHING : this.bytes.subarray(at, at + n)
  }

  text(): string {
    try {
      return utf8.decode(this.bytesOf())
    } catch {
      this.bad = true
      return ''
    }
  }

  read(encoding: Encoding): unknown {
    switch (encoding) {
      case 'u8':
        return this.u8()
      case 'i32':
        return this.i32()
      case 'i64':
        return this.i64()
      case 'text':
        return this.text()
      case 'bytes':
        return this.bytesOf()
      case 'inputs':
        return this.inputs()
      case 'numbers':
        return this.numbers()
    }
  }

  private inputs(): LaidInput[] {
    const n = this.i32()
    // Nothing is made for what cannot be there.
    if (n < 0 || n * INPUT_BYTES_MIN > this.left) this.bad = true
    const inputs: LaidInput[] = []
    for (let i = 0; i < n && !this.bad; i++)
      inputs.push({
        evt: this.i32(),
        player: this.i32(),
        number: this.i32(),
        seq: this.i64(),
        payload: this.bytesOf(),
      })
    return inputs
  }

  private numbers(): Readonly<Record<string, number>> {
    const n = this.i32()
    const numbers: [string, number][] = []
    for (let i = 0; i < n && !this.bad; i++) numbers.push([this.text(), this.i64()])
    return Object.fromEntries(numbers)
  }
}

const NOTHING = new Uint8Array(0)
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The fields of a message, whose type stands before them; undefined if the bytes are not exactly that. */
export const decode = <F extends Fields>(fields: F, message: Uint8Array): ValuesOf<F> | undefined => {
  const r = new ByteReader(message, 1)
  const values = Object.fromEntries(fields.map(([name, encoding]) => [name, r.read(encoding)]))
  return r.ok ? (values as ValuesOf<F>) : undefined
}
