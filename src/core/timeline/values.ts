/**
 * What a state may be made of: values that every engine writes down and builds again alike. Undefined, null,
 * booleans, numbers, bigints, strings; plain objects and arrays; Map, Set, typed arrays, DataView and the
 * buffers under them. Whatever has a life outside of the state (a function, a class, a Date) is refused.
 */
export type Container = 'object' | 'bare' | 'array' | 'map' | 'set' | 'buffer' | 'view'

/** The kinds of view onto a buffer, in an order that is written into digests and snapshots: add at the end. */
export const VIEWS = [
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
] as const

export type View = InstanceType<(typeof VIEWS)[number]>

/** Deeper than this a value is refused: it refers to itself in a way that never ends, or is a chain. */
export const DEPTH_MAX = 400

const OBJECT = Object.prototype
const ARRAY = Array.prototype
const OTHERS: ReadonlyMap<unknown, Container> = new Map<unknown, Container>([
  [null, 'bare'],
  [Map.prototype, 'map'],
  [Set.prototype, 'set'],
  [ArrayBuffer.prototype, 'buffer'],
  ...VIEWS.map((view): [unknown, Container] => [view.prototype, 'view']),
])
const VIEW_KINDS: ReadonlyMap<unknown, number> = new Map(VIEWS.map((view, kind) => [view.prototype, kind]))

/** What holds other values or bytes, by its prototype; undefined for what a state may not hold. */
export const containerOf = (value: object): Container | undefined => {
  const prototype = Object.getPrototypeOf(value)
  if (prototype === OBJECT) return 'object'
  if (prototype === ARRAY) return 'array'
  return OTHERS.get(prototype)
}

/** The place of a view's kind in `VIEWS`. */
export const viewKindOf = (view: View): number => VIEW_KINDS.get(Object.getPrototypeOf(view)) as number

/** A view of that kind; the caller has seen to it that it fits. */
export const viewOf = (kind: number, buffer: ArrayBuffer, byteOffset: number, length: number): View =>
  new (VIEWS[kind] as new (buffer: ArrayBuffer, byteOffset: number, length: number) => View)(
    buffer,
    byteOffset,
    length,
  )

/** How many bytes an element of such a view has. */
export const elementBytesOf = (kind: number): number => {
  const view = VIEWS[kind]
  return view === undefined || view === DataView ? 1 : (view as typeof Uint8Array).BYTES_PER_ELEMENT
}

/** How many elements a view has: a DataView's are bytes. */
export const lengthOf = (view: View): number =>
  view instanceof DataView ? view.byteLength : (view as Uint8Array).length

/** A buffer of one's own, not shared with another thread. */
export const isPlainBuffer = (buffer: ArrayBufferLike): buffer is ArrayBuffer =>
  Object.getPrototypeOf(buffer) === ArrayBuffer.prototype

/** From a byte of a buffer to before another. */
export type Part = readonly [start: number, end: number]

/** What is left of a buffer when some parts of it are shown. */
export const partsNotShown = (byteLength: number, shown: readonly Part[]): Part[] => {
  const left: Part[] = []
  let from = 0
  for (const [start, end] of [...shown].sort((a, b) => a[0] - b[0])) {
    if (start > from) left.push([from, start])
    from = Math.max(from, end)
  }
  if (from < byteLength) left.push([from, byteLength])
  return left
}

/** Whether there is nothing at this place of an array: something else than an `undefined` that is there. */
export const isHole = (array: readonly unknown[], i: number): boolean =>
  array[i] === undefined && !Object.hasOwn(array, i)

/** A state that cannot be written down. The path says where. */
export class StateRefused extends Error {
  readonly code = 'state_refused'
  readonly path: string

  constructor(path: string, why: string) {
    super(`${path === '' ? 'The value' : path} ${why}`)
    this.name = 'StateRefused'
    this.path = path
  }
}

const NAME = /^[A-Za-z_$][\w$]*$/

/** The path of a property: `players` and `[2]` and `.hp` make `players[2].hp`. */
export const pathTo = (path: string, key: string): string => {
  if (!NAME.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}

/** Why a value may not be in a state, or undefined; what it holds is not looked at. */
export const whyRefused = (value: unknown): string | undefined => {
  if (typeof value === 'function')
    return 'is a function: keep its name, and the functions outside of the state'
  if (typeof value === 'symbol') return 'is a symbol: use a string'
  if (typeof value !== 'object' || value === null) return undefined
  const container = containerOf(value)
  if (container === undefined) return `is ${named(value)}`
  if (container === 'view' && !isPlainBuffer((value as View).buffer))
    return 'is a view of shared memory: copy it into an ArrayBuffer'
  return undefined
}

const INSTEAD: Readonly<Record<string, string>> = {
  Date: 'keep a tick or a number of milliseconds',
  Promise: 'a step ends before any promise does; let the answer come as an event',
  RegExp: 'keep its source as a string',
  WeakMap: 'use a Map',
  WeakSet: 'use a Set',
  WeakRef: 'keep an id',
  Buffer: 'use a Uint8Array',
}

const named = (value: object): string => {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null
  const name = String(prototype?.constructor?.name ?? '') || 'an unnamed class'
  const instead = INSTEAD[name] ?? 'use a plain object, or give the application save() and restore()'
  return `of the class ${name}: ${instead}`
}

/**
 * The first reason why a value could not be written down and built again, with its path. It also finds what the
 * faster walks do not look for: getters, hidden properties, symbols as keys, names on lists.
 */
export const checkState = (value: unknown): StateRefused | undefined => check(value, '', 0, new Set())

const check = (value: unknown, path: string, depth: number, seen: Set<object>): StateRefused | undefined => {
  const why = whyRefused(value)
  if (why !== undefined) return new StateRefused(shortened(path), why)
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined
  if (depth >= DEPTH_MAX) return new StateRefused(shortened(path), TOO_DEEP)
  seen.add(value)
  const container = containerOf(value)
  if (container === 'view' || container === 'buffer') return undefined
  const wrong = checkKeys(value, container as Container, path)
  if (wrong) return wrong
  for (const [at, item] of itemsOf(value, container as Container, path)) {
    const found = check(item, at, depth + 1, seen)
    if (found) return found
  }
  return undefined
}

export const TOO_DEEP = `is more than ${DEPTH_MAX} levels deep: keep a list and the numbers of its entries`

/** What a container holds, keys of a Map included, each with its path. */
function* itemsOf(value: object, container: Container, path: string): Generator<[string, unknown]> {
  let i = 0
  if (container === 'map') {
    for (const [key, item] of value as Map<unknown, unknown>) {
      yield [`${path}.keys()[${i}]`, key]
      yield [entryPath(path, key, i++), item]
    }
  } else if (container === 'set') {
    for (const item of value as Set<unknown>) yield [entryPath(path, item, i++), item]
  } else if (container === 'array') {
    for (const item of value as unknown[]) yield [`${path}[${i++}]`, item]
  } else {
    for (const [key, item] of Object.entries(value)) yield [pathTo(path, key), item]
  }
}

const checkKeys = (value: object, container: Container, path: string): StateRefused | undefined => {
  const isList = container === 'array'
  for (const key of [...Object.getOwnPropertySymbols(value), ...Object.getOwnPropertyNames(value)]) {
    if (typeof key === 'symbol')
      return new StateRefused(shortened(path), `has ${String(key)} as a key: use a string`)
    if (isList && (key === 'length' || INDEX.test(key))) continue
    const at = shortened(pathTo(path, key))
    if (isList || container === 'map' || container === 'set')
      return new StateRefused(
        at,
        `is a name on a ${isList ? 'list' : container}: use a plain object for names`,
      )
    if (key === '__proto__') return new StateRefused(at, 'is a name that objects keep for themselves')
    const property = Object.getOwnPropertyDescriptor(value, key)
    if (property?.get || property?.set)
      return new StateRefused(
        at,
        'is computed by a getter: keep the value, or make it a function of the state',
      )
    if (property?.enumerable === false)
      return new StateRefused(at, 'is hidden (not enumerable) and would be lost')
  }
  return undefined
}

const INDEX = /^(0|[1-9]\d*)$/

/** The path into a Map or Set: by the key if that is a text or a number, otherwise by its place. */
export const entryPath = (path: string, key: unknown, i: number): string =>
  typeof key === 'number' || typeof key === 'string'
    ? `${path}.get(${typeof key === 'number' ? key : JSON.stringify(key)})`
    : `${path}.values()[${i}]`

export const shortened = (path: string): string =>
  path.length <= 120 ? path : `${path.slice(0, 80)} … ${path.slice(-30)}`
