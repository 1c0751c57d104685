import type { Encoding, Fields, LaidInput } from '../../src/bridge/layout.ts'

/**
 * A reader of messages by the tables of docs/bridge.md alone: it shares nothing with the codec, so that the two can
 * be held against each other.
 */

/** A field as it stands on the wire, and what it says. */
export interface Shown {
  readonly name: string
  readonly hex: string
  readonly said: string
}

export interface Decoded {
  readonly type: number
  readonly shown: readonly Shown[]
  readonly values: Readonly<Record<string, unknown>>
}

const hexOf = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(' ')

class Page {
  readonly shown: Shown[] = []
  private at = 0
  private readonly view: DataView
  private readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get ended(): boolean {
    return this.at === this.bytes.length
  }

  take(name: string, encoding: Encoding): unknown {
    switch (encoding) {
      case 'u8':
        return this.show(name, 1, (at) => this.view.getUint8(at))
      case 'i32':
        return this.show(name, 4, (at) => this.view.getInt32(at))
      case 'i64':
        return this.show(name, 8, (at) => Number(this.view.getBigInt64(at)))
      case 'bytes':
        return this.show(name, 4 + this.view.getInt32(this.at), (at, n) =>
          Buffer.from(this.bytes.subarray(at + 4, at + n)),
        )
      case 'text':
        return this.show(name, 4 + this.view.getInt32(this.at), (at, n) =>
          new TextDecoder().decode(this.bytes.subarray(at + 4, at + n)),
        )
      case 'inputs':
        return this.many(
          name,
          (each): LaidInput => ({
            evt: this.take(`${each}.evt`, 'i32') as number,
            player: this.take(`${each}.player`, 'i32') as number,
            number: this.take(`${each}.number`, 'i32') as number,
            seq: this.take(`${each}.seq`, 'i64') as number,
            payload: this.take(`${each}.payload`, 'bytes') as Uint8Array,
          }),
        )
      case 'numbers':
        return Object.fromEntries(
          this.many(name, (each) => [this.take(`${each}.name`, 'text'), this.take(`${each}.value`, 'i64')]),
        )
    }
  }

  private many<T>(name: string, one: (name: string) => T): T[] {
    const count = this.take('count', 'i32') as number
    return Array.from({ length: count }, (_, i) => one(`${name}[${i}]`))
  }

  private show<T>(name: string, n: number, read: (at: number, n: number) => T): T {
    const at = this.at
    if (at + n > this.bytes.length) throw new RangeError(`${name} ends too late`)
    this.at += n
    const value = read(at, n)
    this.shown.push({ name, hex: hexOf(this.bytes.subarray(at, this.at)), said: saidOf(value) })
    return value
  }
}

const saidOf = (value: unknown): string => {
  if (value instanceof Uint8Array) return hexOf(value)
  return typeof value === 'string' ? JSON.stringify(value) : String(value).replace('-', '−')
}

/** A message with its length, read by a table. */
export const readBy = (fields: Fields, bytes: Uint8Array): Decoded => {
  const page = new Page(bytes)
  const length = page.take('length', 'i32') as number
  if (length !== bytes.length - 4) throw new RangeError(`the length says ${length}`)
  const type = page.take('type', 'u8') as number
  const values = Object.fromEntries(fields.map(([name, encoding]) => [name, page.take(name, encoding)]))
  if (!page.ended) throw new RangeError('bytes are left over')
  return { type, shown: page.shown, values }
}

/** Numbers of fixed width, one after the other, read by a table: the first protocol. */
export const readPlain = (fields: Fields, bytes: Uint8Array): readonly Shown[] => {
  const page = new Page(bytes)
  for (const [name, encoding] of fields) page.take(name, encoding)
  if (!page.ended) throw new RangeError('bytes are left over')
  return page.shown
}

/** How an example is written: the bytes of a field, its name and what it says, one field a line. */
export const asExample = (shown: readonly Shown[]): string => {
  const width = Math.max(...shown.map(({ hex }) => hex.length)) + 4
  return shown.map(({ name, hex, said }) => `${`${hex.padEnd(width)}${name} ${said}`.trimEnd()}\n`).join('')
}
