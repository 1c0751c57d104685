import { printed } from './printed.ts'
import {
  containerOf,
  DEPTH_MAX,
  entryPath,
  isHole,
  lengthOf,
  type Part,
  partsNotShown,
  pathTo,
  StateRefused,
  shortened,
  TOO_DEEP,
  type View,
  viewKindOf,
  whyRefused,
} from './values.ts'

/** The first place where two states differ. `text` says it for people: `players[2].hp: 3 / 4`. */
export interface Difference {
  readonly path: string
  /** Undefined as well where there is nothing: `text` tells the two apart. */
  readonly a: unknown
  readonly b: unknown
  readonly text: string
}

/**
 * The first place where two values differ, in the order in which a program would walk them; undefined exactly
 * if their digests are equal. Throws `StateRefused` for what a state may not hold.
 */
export const firstDifference = (a: unknown, b: unknown): Difference | undefined =>
  new Comparison().whole(a, b)

const NOTHING = 'nothing'

class Comparison {
  /** Where each object was met first: one object in two places is not two equal ones. */
  private readonly metInA = new Map<object, string>()
  private readonly metInB = new Map<object, string>()
  /** Buffers under views of a part of them, and which parts those show. */
  private readonly partly: { a: ArrayBuffer; b: ArrayBuffer; path: string; shown: Part[] }[] = []

  whole(a: unknown, b: unknown): Difference | undefined {
    return this.compare(a, b, '', 0) ?? this.rest()
  }

  /** Bytes that no view shows can still be reached through its buffer. */
  private rest(): Difference | undefined {
    for (const { a, b, path, shown } of this.partly) {
      const [inA, inB] = [new Uint8Array(a), new Uint8Array(b)]
      for (const [start, end] of partsNotShown(a.byteLength, shown))
        for (let i = start; i < end; i++)
          if (inA[i] !== inB[i]) return differ(`${path}[${i}]`, inA[i], inB[i])
    }
    return undefined
  }

  private compare(a: unknown, b: unknown, path: string, depth: number): Difference | undefined {
    for (const value of [a, b]) {
      const why = whyRefused(value)
      if (why !== undefined) throw new StateRefused(shortened(path), why)
    }
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
      return Object.is(a, b) ? undefined : differ(path, a, b)
    if (depth >= DEPTH_MAX) throw new StateRefused(shortened(path), TOO_DEEP)
    const firstA = this.metInA.get(a)
    const firstB = this.metInB.get(b)
    if (firstA !== firstB) return differ(path, a, b, metAt(firstA), metAt(firstB))
    if (firstA !== undefined) return undefined
    this.metInA.set(a, path)
    this.metInB.set(b, path)
    const container = containerOf(a)
    if (container !== containerOf(b)) return differ(path, a, b)
    switch (container) {
      case 'array':
        return this.arrays(a as unknown[], b as unknown[], path, depth + 1)
      case 'map':
        return this.maps(a as Map<unknown, unknown>, b as Map<unknown, unknown>, path, depth + 1)
      case 'set':
        return this.sets(a as Set<unknown>, b as Set<unknown>, path, depth + 1)
      case 'view':
        return this.views(a as View, b as View, path)
      case 'buffer':
        return this.bytes(new Uint8Array(a as ArrayBuffer), new Uint8Array(b as ArrayBuffer), path)
      default:
        return this.objects(a as Record<string, unknown>, b as Record<string, unknown>, path, depth + 1)
    }
  }

  private objects(
    a: Record<string, unknown>,
    b: Record<string, unknown>,
    path: string,
    depth: number,
  ): Difference | undefined {
    const inA = Object.keys(a)
    const inB = Object.keys(b)
    for (const key of inA)
      if (!Object.hasOwn(b, key))
        return differ(pathTo(path, key), a[key], undefined, printed(a[key]), NOTHING)
    for (const key of inB)
      if (!Object.hasOwn(a, key))
        return differ(pathTo(path, key), undefined, b[key], NOTHING, printed(b[key]))
    for (const key of inA) {
      const found = this.compare(a[key], b[key], pathTo(path, key), depth)
      if (found) return found
    }
    return this.order(inA, inB, path)
  }

  private arrays(a: unknown[], b: unknown[], path: string, depth: number): Difference | undefined {
    for (let i = 0; i < a.length && i < b.length; i++) {
      const at = `${path}[${i}]`
      const noneInA = isHole(a, i)
      const noneInB = isHole(b, i)
      if (noneInA !== noneInB)
        return differ(at, a[i], b[i], noneInA ? NOTHING : printed(a[i]), noneInB ? NOTHING : printed(b[i]))
      const found = this.compare(a[i], b[i], at, depth)
      if (found) return found
    }
    return a.length === b.length ? undefined : differ(`${path}.length`, a.length, b.length)
  }

  private maps(
    a: Map<unknown, unknown>,
    b: Map<unknown, unknown>,
    path: string,
    depth: number,
  ): Difference | undefined {
    const keys = this.members(a, b, path, `${path}.keys()`, depth)
    if (keys) return keys
    const items = b.values()
    let i = 0
    for (const [key, item] of a) {
      const found = this.compare(item, items.next().value, entryPath(path, key, i++), depth)
      if (found) return found
    }
    return undefined
  }

  private sets(a: Set<unknown>, b: Set<unknown>, path: string, depth: number): Difference | undefined {
    return this.members(a, b, path, `${path}.values()`, depth)
  }

  private members(
    a: Map<unknown, unknown> | Set<unknown>,
    b: Map<unknown, unknown> | Set<unknown>,
    path: string,
    list: string,
    depth: number,
  ): Difference | undefined {
    const inA = [...a.keys()]
    const inB = [...b.keys()]
    for (let i = 0; i < inA.length && i < inB.length; i++) {
      const found = this.compare(inA[i], inB[i], `${list}[${i}]`, depth)
      if (found) return found
    }
    return a.size === b.size ? undefined : differ(`${path}.size`, a.size, b.size)
  }

  private views(a: View, b: View, path: string): Difference | undefined {
    if (viewKindOf(a) !== viewKindOf(b)) return differ(path, a, b)
    if (lengthOf(a) !== lengthOf(b)) return differ(`${path}.length`, lengthOf(a), lengthOf(b))
    if (a.byteOffset !== b.byteOffset) return differ(`${path}.byteOffset`, a.byteOffset, b.byteOffset)
    const [over, other] = [a.buffer as ArrayBuffer, b.buffer as ArrayBuffer]
    const at = `${path}.buffer`
    const firstA = this.metInA.get(over)
    const firstB = this.metInB.get(other)
    if (firstA !== firstB) return differ(at, over, other, metAt(firstA), metAt(firstB))
    if (firstA === undefined) {
      this.metInA.set(over, at)
      this.metInB.set(other, at)
      if (over.byteLength !== other.byteLength)
        return differ(`${at}.byteLength`, over.byteLength, other.byteLength)
      if (over.byteLength !== a.byteLength) this.partly.push({ a: over, b: other, path: at, shown: [] })
    }
    this.partly.find((one) => one.a === over)?.shown.push([a.byteOffset, a.byteOffset + a.byteLength])
    if (a instanceof DataView)
      return this.bytes(
        new Uint8Array(over, a.byteOffset, a.byteLength),
        new Uint8Array(other, b.byteOffset, b.byteLength),
        path,
      )
    return this.bytes(a, b as typeof a, path)
  }

  private bytes(a: ArrayLike<unknown>, b: ArrayLike<unknown>, path: string): Difference | undefined {
    for (let i = 0; i < a.length && i < b.length; i++)
      if (!Object.is(a[i], b[i])) return differ(`${path}[${i}]`, a[i], b[i])
    return a.length === b.length ? undefined : differ(`${path}.length`, a.length, b.length)
  }

  private order(inA: readonly string[], inB: readonly string[], path: string): Difference | undefined {
    const i = inA.findIndex((key, i) => key !== inB[i])
    if (i < 0) return undefined
    return differ(path, inA, inB, `${inA[i]} is key ${i}`, `${inB[i]} is key ${i}`)
  }
}

const metAt = (path: string | undefined): string =>
  path === undefined ? 'an object of its own' : `the object at ${path || 'the top'}`

const differ = (path: string, a: unknown, b: unknown, inA = printed(a), inB = printed(b)): Difference => {
  const at = shortened(path)
  return { path: at, a, b, text: `${at || 'the whole'}: ${inA} / ${inB}` }
}
