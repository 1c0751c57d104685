import { DEPTH_MAX, elementBytesOf, VIEWS, viewOf } from '../core/timeline/values.ts'
import { Reader } from '../core/wire/bytes.ts'
import {
  AGAIN,
  ARRAY,
  BARE,
  BARE_ALIKE,
  BIG,
  BUFFER,
  FALSE,
  HOLE,
  MAP,
  NULL,
  NUMBER,
  OBJECT,
  OBJECT_ALIKE,
  SET,
  TEXT,
  TRUE,
  UNDEFINED,
  VIEW,
  WHOLE,
  WIDE,
} from './snapshot-tags.ts'

/**
 * Reads what `writeSnapshot` wrote. The bytes come from other instances: reading them never throws, and never
 * takes much more memory than they have.
 */
export const readSnapshot = (bytes: Uint8Array): { readonly value: unknown } | undefined => {
  const reader = new SnapshotReader(bytes)
  const value = reader.value(0)
  return reader.ok ? { value } : undefined
}

const float = new DataView(new ArrayBuffer(8))

class SnapshotReader {
  private readonly in = new Reader()
  private readonly met: object[] = []
  private readonly keysAt: (readonly string[])[] = []
  private bad = false

  constructor(bytes: Uint8Array) {
    this.in.over(bytes)
  }

  get ok(): boolean {
    return !this.bad && this.in.ok
  }

  value(depth: number): unknown {
    return this.tagged(this.in.u8(), depth)
  }

  private tagged(tag: number, depth: number): unknown {
    // Whatever is wrong ends the reading here: nothing is left, and everything that follows is undefined.
    if (this.bad || this.in.bad) return undefined
    switch (tag) {
      case UNDEFINED:
        return undefined
      case NULL:
        return null
      case FALSE:
        return false
      case TRUE:
        return true
      case WHOLE:
        return this.in.zigzag()
      case NUMBER:
        float.setUint32(0, this.in.u32(), true)
        float.setUint32(4, this.in.u32(), true)
        return float.getFloat64(0, true)
      case TEXT:
      case WIDE:
        return this.text(tag === WIDE ? 2 : 1)
      case BIG:
        return this.big()
      default:
        return depth < DEPTH_MAX ? this.object(tag, depth + 1) : this.refuse()
    }
  }

  private refuse(): undefined {
    this.bad = true
    return
  }

  /** How many of something follow, each of at least so many bytes. */
  private count(bytes: number): number {
    const n = this.in.varint()
    if (n * bytes <= this.in.left) return n
    this.refuse()
    return 0
  }

  private text(bytes: number): string {
    const n = this.count(bytes)
    const raw = this.in.raw(n * bytes)
    const units = bytes === 1 ? raw : Uint16Array.from({ length: n }, (_, i) => unitAt(raw, i * 2))
    let text = ''
    for (let i = 0; i < n; i += CHUNK) text += String.fromCharCode(...units.subarray(i, i + CHUNK))
    return text
  }

  private key(): string {
    const tag = this.in.u8()
    if (tag === TEXT || tag === WIDE) return this.text(tag === WIDE ? 2 : 1)
    this.refuse()
    return ''
  }

  private big(): bigint {
    const sign = this.in.u8() === 1 ? -1n : 1n
    const digits = this.key()
    if (/^[0-9a-f]+$/.test(digits)) return sign * BigInt(`0x${digits}`)
    this.refuse()
    return 0n
  }

  private object(tag: number, depth: number): object | undefined {
    switch (tag) {
      case OBJECT:
      case OBJECT_ALIKE:
        return this.properties(this.remember({}), tag === OBJECT_ALIKE, depth)
      case BARE:
      case BARE_ALIKE:
        return this.properties(this.remember(Object.create(null)), tag === BARE_ALIKE, depth)
      case ARRAY:
        return this.array(depth)
      case MAP: {
        const map = this.remember(new Map<unknown, unknown>())
        const n = this.count(2)
        for (let i = 0; i < n && !this.bad; i++) {
          const key = this.value(depth)
          map.set(key, this.value(depth))
        }
        return map.size === n ? map : this.refuse()
      }
      case SET: {
        const set = this.remember(new Set<unknown>())
        const n = this.count(1)
        for (let i = 0; i < n && !this.bad; i++) set.add(this.value(depth))
        return set.size === n ? set : this.refuse()
      }
      case BUFFER:
        return this.remember(this.in.raw(this.count(1)).slice().buffer)
      case VIEW:
        return this.view(depth)
      case AGAIN:
        return this.met[this.in.varint()] ?? this.refuse()
      default:
        return this.refuse()
    }
  }

  private remember<T extends object>(value: T): T {
    this.met.push(value)
    return value
  }

  private properties(value: Record<string, unknown>, isAlike: boolean, depth: number): object | undefined {
    const keys = isAlike ? this.keysAt[depth] : this.keys()
    if (keys === undefined) return this.refuse()
    this.keysAt[depth] = keys
    for (const key of keys) {
      if (this.bad) return undefined
      value[key] = this.value(depth)
    }
    return value
  }

  private keys(): readonly string[] | undefined {
    // A key has at least its tag, its length and its value.
    const keys = Array.from({ length: this.count(3) }, () => this.key())
    return new Set(keys).size === keys.length && !keys.includes('__proto__') ? keys : undefined
  }

  private array(depth: number): object {
    const array = this.remember<unknown[]>([])
    const n = this.count(1)
    for (let i = 0; i < n && !this.bad; i++) {
      const tag = this.in.u8()
      if (tag === HOLE) array.length = i + 1
      else array.push(this.tagged(tag, depth))
    }
    return array
  }

  private view(depth: number): object | undefined {
    const kind = this.in.u8()
    const byteOffset = this.in.varint()
    const length = this.in.varint()
    // A view is met before its buffer; its place is kept for it.
    const place = this.met.push(HOLDER) - 1
    const buffer = this.value(depth)
    const size = elementBytesOf(kind)
    if (!(buffer instanceof ArrayBuffer) || kind >= VIEWS.length) return this.refuse()
    if (byteOffset % size !== 0 || byteOffset + length * size > buffer.byteLength) return this.refuse()
    const view = viewOf(kind, buffer, byteOffset, length)
    this.met[place] = view
    return view
  }
}

const HOLDER = {}
/** Arguments of one call: far below what any engine takes. */
const CHUNK = 4096

const unitAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
