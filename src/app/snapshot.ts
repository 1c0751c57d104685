import {
  checkState,
  containerOf,
  DEPTH_MAX,
  isHole,
  isPlainBuffer,
  lengthOf,
  StateRefused,
  TOO_DEEP,
  type View,
  viewKindOf,
  whyRefused,
} from '../core/timeline/values.ts'
import { Writer } from '../core/wire/bytes.ts'
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

/** A value in bytes of its own. Throws `StateRefused`, with the path, for what a state may not hold. */
export const writeSnapshot = (value: unknown): Uint8Array => {
  try {
    return new SnapshotWriter().whole(value)
  } catch (error) {
    throw error instanceof StateRefused ? (checkState(value) ?? error) : error
  }
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
