import { Decoder, Encoder } from '@msgpack/msgpack'
import { LIMITS } from '../core/limits.ts'
import { pathTo, shortened } from '../core/timeline/values.ts'
import { EMPTY } from '../core/wire/bytes.ts'
import { SametickError } from './errors.ts'

/**
 * Payloads are msgpack values: null, booleans, numbers, strings, Uint8Array, lists and plain objects with text as
 * keys. No payload is no bytes. A key whose value is undefined is left out, and undefined in a list becomes
 * null, both as in JSON; -0 becomes 0. A source, too, sees its own event as it was read back from its bytes.
 */

/** Deeper than this nothing is written and nothing read. */
const DEPTH_MAX = 32

/** Neither is asked to write or read an extension: both are turned away before. */
const NO_EXTENSIONS = { tryToEncode: () => null, decode: () => null }

const encoder = new Encoder({
  extensionCodec: NO_EXTENSIONS,
  ignoreUndefined: true,
  maxDepth: DEPTH_MAX + 1,
  initialBufferSize: 1024,
})

const decoder = new Decoder({
  extensionCodec: NO_EXTENSIONS,
  maxStrLength: LIMITS.payload_bytes_max,
  maxBinLength: LIMITS.payload_bytes_max,
  maxArrayLength: LIMITS.payload_bytes_max,
  maxMapLength: LIMITS.payload_bytes_max,
  maxExtLength: 0,
})

/** A value as bytes of its own. Throws `payload_refused` with the path of what cannot be carried. */
export const encodePayload = (value: unknown): Uint8Array => {
  if (value === undefined) return EMPTY
  if (!canBeCarried(value, 0)) throw new SametickError('payload_refused', whyRefused(value, '', 0))
  const bytes = encoder.encode(value)
  if (bytes.length <= LIMITS.payload_bytes_max) return bytes
  throw new SametickError('payload_too_large', `It has ${bytes.length} bytes of ${LIMITS.payload_bytes_max}.`)
}

/** What was encoded, in memory of its own; undefined if these bytes are no payload. Never throws. */
export const decodePayload = (bytes: Uint8Array): { readonly value: unknown } | undefined => {
  if (bytes.length === 0) return { value: undefined }
  if (bytes.length > LIMITS.payload_bytes_max) return undefined
  const shape = new Shape(bytes)
  if (!shape.isWhole()) return undefined
  try {
    // Bytes in a payload are read as views of those that it was read from.
    return { value: decoder.decode(shape.hasBytes ? bytes.slice() : bytes) }
  } catch {
    return undefined
  }
}

/** Whether nothing in a value is refused: without paths, which would cost more than all the rest. */
const canBeCarried = (value: unknown, depth: number): boolean => {
  if (typeof value !== 'object' || value === null)
    return typeof value !== 'function' && typeof value !== 'symbol' && typeof value !== 'bigint'
  if (value instanceof Uint8Array) return true
  if (depth >= DEPTH_MAX) return false
  if (Array.isArray(value)) return value.every((item) => canBeCarried(item, depth + 1))
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const key of Object.keys(value))
    if (key === '__proto__' || !canBeCarried((value as Record<string, unknown>)[key], depth + 1)) return false
  return true
}

/** What is refused in a value, and where; undefined if nothing is. */
const whyRefused = (value: unknown, path: string, depth: number): string | undefined => {
  const where = path === '' ? 'The payload' : shortened(path)
  switch (typeof value) {
    case 'function':
    case 'symbol':
      return `${where} is a ${typeof value}: send its name as a string.`
    case 'bigint':
      return `${where} is a bigint: send it as a string.`
    case 'object':
      break
    default:
      return undefined
  }
  if (value === null || value instanceof Uint8Array) return undefined
  if (depth >= DEPTH_MAX) return `${where} is more than ${DEPTH_MAX} levels deep, or contains itself.`
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const why = whyRefused(value[i], `${path}[${i}]`, depth + 1)
      if (why !== undefined) return why
    }
    return undefined
  }
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null
  if (prototype !== Object.prototype && prototype !== null)
    return `${where} is of the class ${prototype.constructor?.name || '(unnamed)'}: send a plain object, a list or a Uint8Array.`
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') return `${where} has a key __proto__: use another name.`
    const why = whyRefused(item, pathTo(path, key), depth + 1)
    if (why !== undefined) return why
  }
  return undefined
}

/**
 * Looks at the shape of msgpack bytes before anything is built from them: a list is made as long as its header
 * says, so that 64 KiB of nested headers would otherwise take gigabytes.
 */
class Shape {
  hasBytes = false
  private readonly bytes: Uint8Array
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  isWhole(): boolean {
    return this.value(0) && this.at === this.bytes.length
  }

  private value(depth: number): boolean {
    if (this.at >= this.bytes.length || depth > DEPTH_MAX) return false
    const head = this.bytes[this.at++] as number
    if (head < 0x80 || head >= 0xe0 || head === 0xc0 || head === 0xc2 || head === 0xc3) return true
    if (head < 0x90) return this.pairs(head - 0x80, depth + 1)
    if (head < 0xa0) return this.values(head - 0x90, depth + 1)
    if (head < 0xc0) return this.skip(head - 0xa0)
    switch (head) {
      case 0xcc:
      case 0xd0:
        return this.skip(1)
      case 0xcd:
      case 0xd1:
        return this.skip(2)
      case 0xce:
      case 0xd2:
      case 0xca:
        return this.skip(4)
      case 0xcf:
      case 0xd3:
      case 0xcb:
        return this.skip(8)
      case 0xc4:
      case 0xc5:
      case 0xc6:
        this.hasBytes = true
        return this.skip(this.number(1 << (head - 0xc4)))
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.skip(this.number(1 << (head - 0xd9)))
      case 0xdc:
        return this.values(this.number(2), depth + 1)
      case 0xdd:
        return this.values(this.number(4), depth + 1)
      case 0xde:
        return this.pairs(this.number(2), depth + 1)
      case 0xdf:
        return this.pairs(this.number(4), depth + 1)
      default:
        // Extensions, and the one head that means nothing.
        return false
    }
  }

  private skip(n: number): boolean {
    this.at += n
    return this.at <= this.bytes.length
  }

  private number(bytes: number): number {
    let value = 0
    for (let i = 0; i < bytes; i++) value = value * 256 + (this.bytes[this.at++] ?? 0)
    return value
  }

  private values(n: number, depth: number): boolean {
    for (let i = 0; i < n; i++) if (!this.value(depth)) return false
    return true
  }

  private pairs(n: number, depth: number): boolean {
    for (let i = 0; i < n; i++) if (!this.isText() || !this.value(depth) || !this.value(depth)) return false
    return true
  }

  private isText(): boolean {
    const head = this.bytes[this.at] as number
    return (head >= 0xa0 && head < 0xc0) || (head >= 0xd9 && head <= 0xdb)
  }
}
