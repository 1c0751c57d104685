import { EMPTY } from '../core/wire/bytes.ts'

/**
 * The part of msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md) that payloads are made of: null,
 * booleans, numbers, texts, bytes, lists, and maps with texts as keys. Extensions are none of it. Every value is
 * written in its shortest form. What is read comes from anybody: nothing takes more memory than its bytes are
 * worth, or more stack than the depth that is allowed.
 */

const TWO_POW_32 = 0x1_0000_0000
/** Texts up to this length are read and written by hand if they are plain ASCII: names and keys are. */
const BY_HAND_MAX = 32
/** Bytes that are made room for at least, and that are kept at most. */
const ROOM_MIN = 1_024
const ROOM_KEPT_MAX = 16_384
/** What is refused to be a key, since it would give an object another prototype. */
export const FORBIDDEN_KEY = '__proto__'

const texts = new TextEncoder()
const readTexts = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The sizes of a head that counts what follows: the most that fits into it, and the bytes for larger ones. */
interface Heads {
  readonly small: number
  readonly smallMax: number
  /** With one, two and four bytes for the number; 0 if there is none with one. */
  readonly u8: number
  readonly u16: number
}

const TEXT: Heads = { small: 0xa0, smallMax: 31, u8: 0xd9, u16: 0xda }
const BYTES: Heads = { small: 0, smallMax: -1, u8: 0xc4, u16: 0xc5 }
const LIST: Heads = { small: 0x90, smallMax: 15, u8: 0, u16: 0xdc }
const MAP: Heads = { small: 0x80, smallMax: 15, u8: 0, u16: 0xde }

/** Memory that is written again and again; what was written is copied out of it. */
let bytes = EMPTY
let view = new DataView(bytes.buffer)
let at = 0

const room = (more: number): void => {
  if (at + more <= bytes.length) return
  const written = bytes
  bytes = new Uint8Array(Math.max(ROOM_MIN, 2 * (at + more)))
  bytes.set(written)
  view = new DataView(bytes.buffer)
}

/** Writes a value that holds nothing else than what payloads are made of, and is not deeper than the stack is. */
export const writeMsgpack = (value: unknown): Uint8Array => {
  at = 0
  write(value)
  const written = bytes.slice(0, at)
  // One large payload is no reason to keep its memory for ever.
  if (bytes.length > ROOM_KEPT_MAX) bytes = EMPTY
  return written
}

const byte = (value: number): void => {
  room(9)
  bytes[at++] = value
}

const write = (value: unknown): void => {
  if (typeof value === 'number') writeNumber(value)
  else if (typeof value === 'string') writeText(value)
  else if (typeof value === 'object' && value !== null) writeObject(value)
  else byte(value === true ? 0xc3 : value === false ? 0xc2 : 0xc0)
}

const writeObject = (value: object): void => {
  if (value instanceof Uint8Array) {
    writeHead(BYTES, value.length)
    room(value.length)
    bytes.set(value, at)
    at += value.length
  } else if (Array.isArray(value)) {
    writeHead(LIST, value.length)
    for (const item of value) write(item)
  } else {
    const map = value as Record<string, unknown>
    const keys = Object.keys(map).filter((key) => map[key] !== undefined)
    writeHead(MAP, keys.length)
    for (const key of keys) {
      writeText(key)
      write(map[key])
    }
  }
}

const writeNumber = (value: number): void => {
  if (!Number.isSafeInteger(value)) {
    byte(0xcb)
    view.setFloat64(at, value)
    at += 8
  } else if (value >= 0) {
    if (value < 0x80) byte(value)
    else if (value < 0x100) sized(0xcc, 1, value)
    else if (value < 0x1_0000) sized(0xcd, 2, value)
    else if (value < TWO_POW_32) sized(0xce, 4, value)
    else wide(0xcf, value)
  } else if (value >= -0x20) byte(value)
  else if (value >= -0x80) sized(0xd0, 1, value)
  else if (value >= -0x8000) sized(0xd1, 2, value)
  else if (value >= -0x8000_0000) sized(0xd2, 4, value)
  else wide(0xd3, value)
}

/** A head and a number of so many bytes. */
const sized = (head: number, size: number, value: number): void => {
  byte(head)
  for (let shift = 8 * size - 8; shift >= 0; shift -= 8) bytes[at++] = value >> shift
}

const wide = (head: number, value: number): void => {
  byte(head)
  view.setUint32(at, Math.floor(value / TWO_POW_32))
  view.setUint32(at + 4, value)
  at += 8
}

const writeHead = ({ small, smallMax, u8, u16 }: Heads, n: number): void => {
  if (n <= smallMax) byte(small + n)
  else if (u8 > 0 && n < 0x100) sized(u8, 1, n)
  else if (n < 0x1_0000) sized(u16, 2, n)
  else sized(u16 + 1, 4, n)
}

const isPlain = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

const writeText = (text: string): void => {
  const n = text.length
  if (n <= BY_HAND_MAX && isPlain(text)) {
    writeHead(TEXT, n)
    room(n)
    for (let i = 0; i < n; i++) bytes[at++] = text.charCodeAt(i)
    return
  }
  const encoded = texts.encode(text)
  writeHead(TEXT, encoded.length)
  room(encoded.length)
  bytes.set(encoded, at)
  at += encoded.length
}

/** Reads a value, no deeper than this; undefined if these bytes are not one value and nothing else. Never throws. */
export const readMsgpack = (from: Uint8Array, depthMax: number): { readonly value: unknown } | undefined => {
  const reader = new MsgpackReader(from, depthMax)
  try {
    const value = reader.value(0)
    return reader.isAtEnd ? { value } : undefined
  } catch {
    // Reads past the end, texts that are not UTF-8, and what is refused.
    return undefined
  }
}

class MsgpackReader {
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly depthMax: number
  private at = 0

  constructor(from: Uint8Array, depthMax: number) {
    this.bytes = from
    this.view = new DataView(from.buffer, from.byteOffset, from.length)
    this.depthMax = depthMax
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length
  }

  value(depth: number): unknown {
    if (depth > this.depthMax) return refuse()
    const head = this.number(1)
    if (head < 0x80) return head
    if (head < 0x90) return this.map(head - 0x80, depth)
    if (head < 0xa0) return this.list(head - 0x90, depth)
    if (head < 0xc0) return this.text(head - 0xa0)
    if (head >= 0xe0) return head - 0x100
    const { view } = this
    switch (head) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6: {
        // In memory of its own: the value outlives the bytes that it was read from.
        const n = this.number(1 << (head - 0xc4))
        return new Uint8Array(this.bytes.subarray(this.skip(n), this.at))
      }
      case 0xca:
        return view.getFloat32(this.skip(4))
      case 0xcb:
        return view.getFloat64(this.skip(8))
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.number(1 << (head - 0xcc))
      case 0xcf:
        return this.number(4) * TWO_POW_32 + this.number(4)
      case 0xd0:
        return view.getInt8(this.skip(1))
      case 0xd1:
        return view.getInt16(this.skip(2))
      case 0xd2:
        return view.getInt32(this.skip(4))
      case 0xd3:
        return view.getInt32(this.skip(4)) * TWO_POW_32 + this.number(4)
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.text(this.number(1 << (head - 0xd9)))
      case 0xdc:
      case 0xdd:
        return this.list(this.number(2 << (head - 0xdc)), depth)
      case 0xde:
      case 0xdf:
        return this.map(this.number(2 << (head - 0xde)), depth)
      default:
        // Extensions, and the one head that means nothing.
        return refuse()
    }
  }

  /** Go past so many bytes; gives where they begin. */
  private skip(n: number): number {
    const from = this.at
    this.at += n
    return this.at <= this.bytes.length ? from : refuse()
  }

  private number(size: number): number {
    let value = 0
    for (let i = this.skip(size); i < this.at; i++) value = value * 256 + (this.bytes[i] as number)
    return value
  }

  private text(n: number): string {
    const from = this.skip(n)
    let text = ''
    if (n <= BY_HAND_MAX) {
      let i = from
      for (; i < this.at; i++) {
        const code = this.bytes[i] as number
        if (code > 0x7f) break
        text += String.fromCharCode(code)
      }
      if (i === this.at) return text
    }
    return readTexts.decode(this.bytes.subarray(from, this.at))
  }

  private list(n: number, depth: number): unknown[] {
    // It grows with what is really there, whatever its head says.
    const list: unknown[] = []
    for (let i = 0; i < n; i++) list.push(this.value(depth + 1))
    return list
  }

  private map(n: number, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    for (let i = 0; i < n; i++) {
      const key = this.value(depth + 1)
      if (typeof key !== 'string' || key === FORBIDDEN_KEY) return refuse()
      map[key] = this.value(depth + 1)
    }
    return map
  }
}

const refuse = (): never => {
  throw new RangeError('It is none.')
}
