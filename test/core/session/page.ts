/**
 * A reader of docs/protocol.md, and of messages by its tables alone. It shares nothing with the codec, so that
 * the two can be held against each other.
 */

/** A row of a table: how one field of a message is laid out. */
export interface Field {
  /** `local`, or `events[].stamp` for what is repeated `count` times. */
  readonly name: string
  /** `u8`, `u32`, `varint`, `varint + 1`, `zigzag`, `block`, `text`, `code`, … */
  readonly encoding: string
  /** Bytes in a block or a text, or the highest number, where the table names one. */
  readonly most: number | undefined
}

/** A message or a payload, with its heading, its table and its example. */
export interface Section {
  readonly name: string
  /** The type of a message, the id of a membership event. */
  readonly number: number
  readonly fields: readonly Field[]
  /** As it stands on the page, one field a line. */
  readonly example: string
}

export type Value = number | string | Uint8Array

/** A field as it was read: where it stands on the wire, and what it says. */
export interface Read {
  readonly name: string
  readonly encoding: string
  readonly bytes: Uint8Array
  readonly value: Value
}

const PROTOCOL_VERSION = 1

/** The cells of every row of the table whose head has this first cell. */
export const tableOf = (page: string, head: string): string[][] => {
  const lines = page.split('\n')
  const at = lines.findIndex((line) => line.startsWith(`| ${head} |`))
  if (at < 0) throw new Error(`no table begins with ${head}`)
  const end = lines.findIndex((line, i) => i > at && !line.startsWith('|'))
  return lines.slice(at + 2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const bare = (cell: string): string => cell.replaceAll('`', '')

const numberIn = (cell: string): number | undefined => {
  const found = /at most ([\d,]+)/.exec(cell)?.[1]
  return found === undefined ? undefined : Number(found.replaceAll(',', ''))
}

const sectionOf = (name: string, number: number, text: string): Section => ({
  name,
  number,
  fields: text.includes('\n| field |')
    ? tableOf(text, 'field').map(([field = '', encoding = '', , limits = '']) => ({
        name: bare(field),
        encoding,
        most: numberIn(limits),
      }))
    : [],
  example: /```example\n([\s\S]*?)```/.exec(text)?.[1] ?? '',
})

/** The sections below a heading of the second level, one for each heading like "### `ack`: type 3". */
export const sectionsOf = (page: string, chapter: RegExp): Section[] => {
  const text = page.split(/^## /m).find((part) => chapter.test(part.split('\n')[0] as string))
  if (text === undefined) throw new Error(`no chapter is named ${chapter}`)
  return text
    .split(/^### /m)
    .slice(1)
    .flatMap((part) => {
      const found = /^`(\w+)`: (?:type|id) (-?\d+)\n/.exec(part.replace('−', '-'))
      return found === null ? [] : [sectionOf(found[1] as string, Number(found[2]), part)]
    })
}

const hexOf = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(' ')

class Cursor {
  at = 0
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  byte(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new RangeError('the message ends too early')
    return byte
  }

  varint(): bigint {
    let value = 0n
    for (let i = 0n; i < 8n; i++) {
      const byte = this.byte()
      value += BigInt(byte & 127) << (7n * i)
      if (byte < 128) {
        if (byte === 0 && i > 0n) throw new RangeError('a number is written longer than it need be')
        if (value > 2n ** 53n - 1n) throw new RangeError('a number is too large')
        return value
      }
    }
    throw new RangeError('a number is too long')
  }

  block(most: number): Uint8Array {
    const length = Number(this.varint())
    if (length > most) throw new RangeError('a block is too long')
    const block = this.bytes.slice(this.at, this.at + length)
    if (block.length < length) throw new RangeError('the message ends too early')
    this.at += length
    return block
  }
}

const read = (cursor: Cursor, { encoding, most = 0 }: Field, codes: readonly string[]): Value => {
  const code = (number: number): string => {
    const name = codes[number]
    if (name === undefined) throw new RangeError('no such code')
    return name
  }
  switch (encoding) {
    case 'u8':
      return cursor.byte()
    case 'u8 of −id':
      return 0 - cursor.byte()
    case 'u32':
      return cursor.byte() + cursor.byte() * 2 ** 8 + cursor.byte() * 2 ** 16 + cursor.byte() * 2 ** 24
    case 'varint':
      return Number(cursor.varint())
    case 'varint + 1':
      return Number(cursor.varint() - 1n)
    case 'varint + 2':
      return Number(cursor.varint() - 2n)
    case 'zigzag': {
      const folded = cursor.varint()
      return Number(folded % 2n === 0n ? folded / 2n : -(folded + 1n) / 2n)
    }
    case 'block':
      return cursor.block(most)
    case 'text':
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(cursor.block(most))
    case 'code':
      return code(cursor.byte())
    case 'code + 1': {
      const number = cursor.byte()
      return number === 0 ? '' : code(number - 1)
    }
    default:
      throw new Error(`the page does not say what ${encoding} is`)
  }
}

/** Read bytes by a table: every field in its order, or an error that says why they do not fit. */
export const readBy = (fields: readonly Field[], bytes: Uint8Array, codes: readonly string[]): Read[] => {
  const cursor = new Cursor(bytes)
  const found: Read[] = []
  const take = (field: Field, name = field.name): Value => {
    const from = cursor.at
    const value = read(cursor, field, codes)
    if (typeof value === 'number' && field.most !== undefined && value > field.most)
      throw new RangeError(`${name} is too large`)
    found.push({ name, encoding: field.encoding, bytes: bytes.subarray(from, cursor.at), value })
    return value
  }
  let count: number | undefined
  for (const field of fields.filter(({ name }) => !name.includes('[]'))) {
    if (field.name === 'first' && count === 0) continue
    const value = take(field)
    if (field.name === 'count') count = Number(value)
  }
  const repeated = fields.filter(({ name }) => name.includes('[]'))
  for (let i = 0; i < (count ?? 0); i++)
    for (const field of repeated) take(field, field.name.replace('[]', `[${i}]`))
  if (cursor.at !== bytes.length) throw new RangeError('bytes are left over')
  return found
}

const varint = (value: bigint): number[] =>
  value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)]

const written = (encoding: string, value: Value, codes: readonly string[]): number[] => {
  if (value instanceof Uint8Array) return [...varint(BigInt(value.length)), ...value]
  if (typeof value === 'string') {
    if (encoding !== 'text') return [codes.indexOf(value)]
    return written('block', new TextEncoder().encode(value), codes)
  }
  switch (encoding) {
    case 'u8':
      return [value]
    case 'u8 of −id':
      return [-value]
    case 'u32':
      return [0, 8, 16, 24].map((shift) => (value >>> shift) & 255)
    case 'zigzag':
      return varint(value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value))
    default:
      return varint(BigInt(value) + BigInt(/ \+ (\d)$/.exec(encoding)?.[1] ?? 0))
  }
}

/** Write a message without repeated fields by its table. */
export const writeBy = (
  section: Section,
  values: Readonly<Record<string, Value>>,
  codes: readonly string[],
): Uint8Array => {
  const all: Readonly<Record<string, Value>> = { version: PROTOCOL_VERSION, type: section.number, ...values }
  return Uint8Array.from(
    withHead(section).flatMap(({ name, encoding }) => written(encoding, all[name] as Value, codes)),
  )
}

/** The first two bytes of every message. */
export const withHead = ({ fields }: Section): Field[] => [
  { name: 'version', encoding: 'u8', most: PROTOCOL_VERSION },
  { name: 'type', encoding: 'u8', most: undefined },
  ...fields,
]

const shown = (value: Value): string => {
  if (typeof value === 'number') return `${value}`.replace('-', '−')
  return typeof value === 'string' ? value : hexOf(value)
}

/** How an example is written: the bytes of a field, its name and what it says, one field a line. */
export const asExample = (fields: readonly Read[]): string => {
  const width = Math.max(...fields.map(({ bytes }) => hexOf(bytes).length)) + 4
  return fields
    .map(({ name, encoding, bytes, value }) => {
      const said = encoding === 'text' ? JSON.stringify(value) : shown(value)
      return `${hexOf(bytes).padEnd(width)}${name} ${said}`.trimEnd()
    })
    .map((line) => `${line}\n`)
    .join('')
}

/** The bytes of an example: what stands before the first two blanks of each line. */
export const bytesOf = (example: string): Uint8Array => {
  const pairs = example
    .split('\n')
    .flatMap((line) => (line.split(/ {2,}/)[0] as string).split(' '))
    .filter((pair) => pair !== '')
  if (pairs.some((pair) => !/^[0-9a-f]{2}$/.test(pair)))
    throw new Error(`not hexadecimal: ${pairs.join(' ')}`)
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16))
}

/** The fields as one object, in the form of the types of the codec. */
export const objectOf = (fields: readonly Read[]): Record<string, unknown> => {
  const object: Record<string, unknown> = {}
  const events: Record<string, unknown>[] = []
  let first = 0
  for (const { name, value } of fields) {
    const event = /^events\[(\d+)\]\.(\w+)$/.exec(name)
    if (event !== null) {
      const at = Number(event[1])
      events[at] ??= { seq: first + at }
      const one = events[at] as Record<string, unknown>
      one[event[2] as string] = value
    } else if (name === 'first') first = Number(value)
    else if (name === 'count') object.events = events
    else if (name !== 'version' && name !== 'type') object[name] = value
  }
  return object
}
