import {
  checkState,
  containerOf,
  DEPTH_MAX,
  elementBytesOf,
  isHole,
  isPlainBuffer,
  lengthOf,
  StateRefused,
  TOO_DEEP,
  VIEWS,
  type View,
  viewKindOf,
  viewOf,
  whyRefused,
} from '../core/timeline/values.ts'
import { Reader, Writer } from '../core/wire/bytes.ts'

/**
 * A state as bytes, and back: what is read cannot be told from what was written, down to the order of keys, -0,
 * holes, and which objects are one. The bytes come from other instances, so that reading them never throws, and
 * never takes much more memory than they have.
 */

/** A value has one tag, and the whole numbers that are most frequent have one each. */
const UNDEFINED = 0
const NULL = 1
const FALSE = 2
const TRUE = 3
const WHOLE = 4
const NUMBER = 5
/** Units of 8 bits, and of 16: not UTF-8, since a text may hold half a pair. */
const TEXT = 6
const WIDE = 7
const BIG = 8
const OBJECT = 9
const BARE = 10
/** The same two with the keys of the last object at this depth. */
const OBJECT_ALIKE = 11
const BARE_ALIKE = 12
const ARRAY = 13
const HOLE = 14
const MAP = 15
const SET = 16
const BUFFER = 17
const VIEW = 18
const AGAIN = 19

/** A value in bytes of its own. Throws `StateRefused`, with the path, for what a state may not hold. */
export const writeSnapshot = (value: unknown): Uint8Array => {
  try {
    return new SnapshotWriter().whole(value)
  } catch (error) {
    throw error instanceof StateRefused ? (checkState(value) ?? error) : error
  }
}

/** What was written, or undefined if these bytes were not. */
export const readSnapshot = (bytes: Uint8Array): { readonly value: unknown } | undefined => {
  const reader = new SnapshotReader(bytes)
  const value = reader.value(0)
  return reader.ok ? { value } : undefined
}

const float = new DataView(new ArrayBuffer(8))

class SnapshotWriter {
  private readonly out = new Writer()
  private readonly met = new Map<object, number>()
  private readonly keysAt: (readonly string[])[] = []

  whole(value: unknown): Uint8Array {
    this.value(value, 0)
    return this.out.take().slice()
  }

  private value(value: unknown, depth: number): void {
    const { out } = this
    if (value === undefined) out.u8(UNDEFINED)
    else if (value === null) out.u8(NULL)
    else if (typeof value === 'boolean') out.u8(value ? TRUE : FALSE)
    else if (typeof value === 'number') this.number(value)
    else if (typeof value === 'string') this.text(value)
    else if (typeof value === 'bigint') this.big(value)
    else if (typeof value === 'object') this.object(value, depth)
    else throw new StateRefused('', whyRefused(value) ?? '')
  }

  private number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.out.u8(WHOLE).zigzag(value)
      return
    }
    float.setFloat64(0, value, true)
    this.out.u8(NUMBER).u32(float.getUint32(0, true)).u32(float.getUint32(4, true))
  }

  private text(text: string): void {
    const { out } = this
    if (/^[\0-\xff]*$/.test(text)) {
      out.u8(TEXT).varint(text.length)
      for (let i = 0; i < text.length; i++) out.u8(text.charCodeAt(i))
    } else {
      out.u8(WIDE).varint(text.length)
      for (let i = 0; i < text.length; i++) out.u8(text.charCodeAt(i)).u8(text.charCodeAt(i) >> 8)
    }
  }

  private big(value: bigint): void {
    this.out.u8(BIG).u8(value < 0n ? 1 : 0)
    this.text((value < 0n ? -value : value).toString(16))
  }

  private object(value: object, depth: number): void {
    if (depth >= DEPTH_MAX) throw new StateRefused('', TOO_DEEP)
    const { out } = this
    if (this.metBefore(value)) return
    switch (containerOf(value)) {
      case 'object':
        return this.properties(OBJECT, OBJECT_ALIKE, value as Record<string, unknown>, depth + 1)
      case 'bare':
        return this.properties(BARE, BARE_ALIKE, value as Record<string, unknown>, depth + 1)
      case 'array': {
        const array = value as unknown[]
        out.u8(ARRAY).varint(array.length)
        for (let i = 0; i < array.length; i++)
          if (isHole(array, i)) out.u8(HOLE)
          else this.value(array[i], depth + 1)
        return
      }
      case 'map':
        out.u8(MAP).varint((value as Map<unknown, unknown>).size)
        for (const [key, item] of value as Map<unknown, unknown>) {
          this.value(key, depth + 1)
          this.value(item, depth + 1)
        }
        return
      case 'set':
        out.u8(SET).varint((value as Set<unknown>).size)
        for (const item of value as Set<unknown>) this.value(item, depth + 1)
        return
      case 'buffer':
        out.u8(BUFFER).block(new Uint8Array(value as ArrayBuffer))
        return
      case 'view':
        return this.view(value as View)
      case undefined:
        throw new StateRefused('', whyRefused(value) ?? '')
    }
  }

  private metBefore(value: object): boolean {
    const at = this.met.get(value)
    if (at === undefined) this.met.set(value, this.met.size)
    else this.out.u8(AGAIN).varint(at)
    return at !== undefined
  }

  private properties(kind: number, alike: number, value: Record<string, unknown>, depth: number): void {
    const keys = Object.keys(value)
    const last = this.keysAt[depth]
    if (last?.length === keys.length && keys.every((key, i) => key === last[i])) {
      this.out.u8(alike)
    } else {
      if (keys.includes('__proto__')) throw new StateRefused('', 'has a key __proto__')
      this.keysAt[depth] = keys
      this.out.u8(kind).varint(keys.length)
      for (const key of keys) this.text(key)
    }
    for (const key of keys) this.value(value[key], depth)
  }

  private view(view: View): void {
    const { buffer } = view
    if (!isPlainBuffer(buffer)) throw new StateRefused('', whyRefused(view) ?? '')
    this.out.u8(VIEW).u8(viewKindOf(view)).varint(view.byteOffset).varint(lengthOf(view))
    if (!this.metBefore(buffer)) this.out.u8(BUFFER).block(new Uint8Array(buffer))
  }
}

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
