import { type Difference, firstDifference } from './difference.ts'
import { LOW, Mixer } from './mixer.ts'
import {
  checkState,
  containerOf,
  DEPTH_MAX,
  isHole,
  isPlainBuffer,
  lengthOf,
  type Part,
  partsNotShown,
  StateRefused,
  TOO_DEEP,
  type View,
  viewKindOf,
  whyRefused,
} from './values.ts'

export { type Difference, firstDifference }

/**
 * The digest of a state: a number of 53 bits that is the same for two values exactly if no program can tell
 * them apart, but for a chance of one in 2^53. So the order of keys counts, `undefined` is not a missing key,
 * -0 is not 0, and one object in two places is not two equal ones. NaN is NaN, whatever its bits.
 *
 * The value is written as whole numbers of 32 bits, in a form that no other value has, and these are mixed.
 * Throws `StateRefused`, with the path, for what a state may not hold.
 */
export const digest = (value: unknown): number => {
  try {
    return digester.of(value)
  } catch (error) {
    // The walk keeps no path, which would cost as much as all the rest: it is found when it is needed.
    throw error instanceof StateRefused ? (checkState(value) ?? error) : error
  } finally {
    digester.forget()
  }
}

/** What the next words are. A value has one form, and no form is the beginning of another. */
const UNDEFINED = 1
const NULL = 2
const FALSE = 3
const TRUE = 4
const WHOLE = 5
const NUMBER = 6
const NOT_A_NUMBER = 7
const TEXT = 8
const BIG = 9
const OBJECT = 10
const BARE = 11
const ARRAY = 12
const MAP = 13
const SET = 14
const BUFFER = 15
const VIEW = 16
const AGAIN = 17
const HOLE = 18
/** In place of the number of keys: they are those of the last object at this depth, in their order. */
const LIKE_THE_LAST = -1

/** The one form of a NaN in a list of floats, and the high half of that in a list of doubles. */
const FLOAT_NOT_A_NUMBER = 0x7fc0_0000
const DOUBLE_NOT_A_NUMBER = 0x7ff8_0000

const float = new Float64Array(1)
const bits = new Int32Array(float.buffer)

class Digester {
  private readonly mixer = new Mixer()
  /** Everything met so far that can be met again, by the order of meeting. */
  private readonly met = new Map<object, number>()
  /** The keys of the last object at each depth. */
  private readonly keysAt: (readonly string[])[] = []
  /** Which bytes of a buffer views show, for buffers under views of a part. */
  private readonly shown = new Map<ArrayBuffer, Part[]>()

  of(value: unknown): number {
    this.mixer.start()
    this.add(value, 0)
    // Bytes that no view shows can still be reached through its buffer.
    for (const [buffer, shown] of this.shown)
      for (const [start, end] of partsNotShown(buffer.byteLength, shown))
        this.mixer.bytes(new Uint8Array(buffer, start, end - start))
    return this.mixer.end()
  }

  forget(): void {
    this.met.clear()
    this.shown.clear()
    this.keysAt.length = 0
  }

  private add(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'number':
        return this.number(value)
      case 'string':
        return this.text(TEXT, value)
      case 'boolean':
        return this.mixer.word(value ? TRUE : FALSE)
      case 'undefined':
        return this.mixer.word(UNDEFINED)
      case 'object':
        if (value === null) return this.mixer.word(NULL)
        return this.object(value, depth)
      case 'bigint':
        return this.text(BIG, value.toString(36))
      default:
        throw new StateRefused('', whyRefused(value) ?? '')
    }
  }

  private number(value: number): void {
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) return this.mixer.two(WHOLE, value)
    if (Number.isNaN(value)) return this.mixer.word(NOT_A_NUMBER)
    float[0] = value
    this.mixer.three(NUMBER, bits[LOW] as number, bits[1 - LOW] as number)
  }

  private text(kind: number, text: string): void {
    this.mixer.two(kind, text.length)
    this.mixer.text(text)
  }

  private object(value: object, depth: number): void {
    if (depth >= DEPTH_MAX) throw new StateRefused('', TOO_DEEP)
    const at = this.met.get(value)
    if (at !== undefined) return this.mixer.two(AGAIN, at)
    this.met.set(value, this.met.size)
    switch (containerOf(value)) {
      case 'object':
        return this.properties(OBJECT, value as Record<string, unknown>, depth + 1)
      case 'array':
        return this.array(value as unknown[], depth + 1)
      case 'map':
        this.mixer.two(MAP, (value as Map<unknown, unknown>).size)
        for (const [key, item] of value as Map<unknown, unknown>) {
          this.add(key, depth + 1)
          this.add(item, depth + 1)
        }
        return
      case 'set':
        this.mixer.two(SET, (value as Set<unknown>).size)
        for (const item of value as Set<unknown>) this.add(item, depth + 1)
        return
      case 'view':
        return this.view(value as View)
      case 'buffer':
        this.mixer.two(BUFFER, (value as ArrayBuffer).byteLength)
        return this.mixer.bytes(new Uint8Array(value as ArrayBuffer))
      case 'bare':
        return this.properties(BARE, value as Record<string, unknown>, depth + 1)
      case undefined:
        throw new StateRefused('', whyRefused(value) ?? '')
    }
  }

  private properties(kind: number, value: Record<string, unknown>, depth: number): void {
    const keys = Object.keys(value)
    if (sameKeys(keys, this.keysAt[depth])) {
      this.mixer.two(kind, LIKE_THE_LAST)
    } else {
      this.keysAt[depth] = keys
      this.mixer.two(kind, keys.length)
      for (let i = 0; i < keys.length; i++) this.text(TEXT, keys[i] as string)
    }
    for (let i = 0; i < keys.length; i++) this.add(value[keys[i] as string], depth)
  }

  private array(value: readonly unknown[], depth: number): void {
    this.mixer.two(ARRAY, value.length)
    for (let i = 0; i < value.length; i++) {
      const item = value[i]
      if (item === undefined && isHole(value, i)) this.mixer.word(HOLE)
      else this.add(item, depth)
    }
  }

  /** A view is its kind, which bytes of which buffer, and its elements. */
  private view(view: View): void {
    const buffer = view.buffer
    if (!isPlainBuffer(buffer)) throw new StateRefused('', whyRefused(view) ?? '')
    this.mixer.two(VIEW, viewKindOf(view))
    this.mixer.two(view.byteOffset, lengthOf(view))
    const met = this.met.get(buffer)
    if (met === undefined) {
      this.met.set(buffer, this.met.size)
      this.mixer.two(BUFFER, buffer.byteLength)
      if (view.byteLength !== buffer.byteLength) this.shown.set(buffer, [])
    } else this.mixer.two(AGAIN, met)
    this.shown.get(buffer)?.push([view.byteOffset, view.byteOffset + view.byteLength])
    this.elements(view)
  }

  private elements(view: View): void {
    if (view instanceof DataView || view.BYTES_PER_ELEMENT === 1)
      return this.mixer.bytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
    if (view.BYTES_PER_ELEMENT === 2) {
      for (let i = 0; i < view.length; i++) this.mixer.word(view[i] as number)
      return
    }
    const words = new Int32Array(view.buffer, view.byteOffset, view.byteLength / 4)
    const isFloat = view instanceof Float64Array || view instanceof Float32Array
    const plain = isFloat ? withoutNaN(view, words) : words
    if (LOW === 0 || view.BYTES_PER_ELEMENT === 4) return this.mixer.words(plain)
    this.mixer.words(plain.map((_, i) => plain[i ^ 1] as number))
  }
}

/** Text is compared by place first, so that the names of one kind of object cost next to nothing. */
const sameKeys = (keys: readonly string[], others: readonly string[] | undefined): boolean => {
  if (others === undefined || keys.length !== others.length) return false
  for (let i = 0; i < keys.length; i++) if (keys[i] !== others[i]) return false
  return true
}

/** The words of a list of floats, with one form for every NaN, whose bits are the engine's: a copy if need be. */
const withoutNaN = (view: Float64Array | Float32Array, words: Int32Array): Int32Array => {
  let plain = words
  for (let i = 0; i < view.length; i++) {
    if (!Number.isNaN(view[i])) continue
    if (plain === words) plain = words.slice()
    if (view.BYTES_PER_ELEMENT === 4) plain[i] = FLOAT_NOT_A_NUMBER
    else {
      plain[i * 2 + LOW] = 0
      plain[i * 2 + 1 - LOW] = DOUBLE_NOT_A_NUMBER
    }
  }
  return plain
}

const digester = new Digester()
