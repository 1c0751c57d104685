import { containerOf, entryPath, pathTo } from '../../core/timeline/values.ts'

/** What a state lost on its way through save and restore that its saved form does not show. */
export interface Lost {
  readonly kind: 'map-order' | 'set-order' | 'key-order' | 'value' | 'fixed'
  readonly path: string
  readonly before: unknown
  readonly after: unknown
  /** What has the other order now. */
  readonly object: object | undefined
  /** Both in words, where the values do not say it. */
  readonly said?: readonly [string, string]
}

/** What is followed from the state that was saved into the restored one. */
interface Walk {
  /** Where each object was met first, and each of those that were restored. */
  readonly seen: Map<object, string>
  readonly restored: Map<object, string>
  readonly follow: object | undefined
  followed: object | undefined
  /** What may be changed now and might not before, or the other way round: it counts if nothing else is lost. */
  fixed: Lost | undefined
}

/**
 * The first thing that a restored state has otherwise than the one that was saved, looking at the living values,
 * whatever classes they are of: an application's own `save` may say the same of both.
 */
export const lostBetween = (
  before: unknown,
  after: unknown,
  follow?: object,
): { readonly lost: Lost | undefined; readonly followed: object | undefined } => {
  const walk: Walk = { seen: new Map(), restored: new Map(), follow, followed: undefined, fixed: undefined }
  const lost = look(before, after, '', walk)
  return { lost: lost ?? walk.fixed, followed: walk.followed }
}

const look = (a: unknown, b: unknown, path: string, walk: Walk): Lost | undefined => {
  if (typeof a === 'function' && typeof b === 'function') return undefined
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return Object.is(a, b) ? undefined : { kind: 'value', path, before: a, after: b, object: undefined }
  const met = walk.seen.get(a)
  const metInB = walk.restored.get(b)
  if (met !== metInB) {
    const said = [sameAs(met), sameAs(metInB)] as const
    return { kind: 'value', path, before: a, after: b, object: undefined, said }
  }
  if (met !== undefined) return undefined
  walk.seen.set(a, path)
  walk.restored.set(b, path)
  if (a === walk.follow) walk.followed = b
  if (!isOneClass(Object.getPrototypeOf(a), Object.getPrototypeOf(b)))
    return { kind: 'value', path, before: a, after: b, object: undefined, said: [classOf(a), classOf(b)] }
  if (fixedAs(a) !== fixedAs(b)) {
    const said = [fixedAs(a), fixedAs(b)] as const
    walk.fixed ??= { kind: 'fixed', path, before: a, after: b, object: undefined, said }
  }
  if (a instanceof Map) return maps(a, b as typeof a, path, walk)
  if (a instanceof Set) return orders('set-order', [...a], [...(b as typeof a)], path, b)
  const keysA = Object.keys(a)
  const keysB = Object.keys(b)
  const isView = ArrayBuffer.isView(a)
  const isList = containerOf(a) === 'array' || isView
  if (isView) {
    // Two views of one buffer see what the other writes.
    const found = look(a.buffer, (b as typeof a).buffer, `${path}.buffer`, walk)
    if (found) return found
  } else {
    const found = hidden(a, b, path)
    if (found) return found
  }
  for (const key of new Set([...keysA, ...keysB])) {
    const at = isList ? `${path}[${key}]` : pathTo(path, key)
    const found = look((a as Values)[key], (b as Values)[key], at, walk)
    if (found) return found
  }
  return isList ? undefined : orders('key-order', keysA, keysB, path, b)
}

type Values = Record<PropertyKey, unknown>

/** What no walk over keys shows: properties by symbols, and those that are not enumerable. */
const hidden = (a: object, b: object, path: string): Lost | undefined => {
  const inA = hiddenIn(a)
  const inB = hiddenIn(b)
  // Symbols of another process are others, by the same names.
  const missing = inA.find((key) => !inB.some((other) => String(other) === String(key)))
  if (missing === undefined) return undefined
  const at = typeof missing === 'symbol' ? `${path}[${String(missing)}]` : pathTo(path, missing)
  return { kind: 'value', path: at, before: (a as Values)[missing], after: undefined, object: undefined }
}

const hiddenIn = (value: object): (string | symbol)[] =>
  Reflect.ownKeys(value).filter(
    (key) =>
      typeof key === 'symbol' ||
      (!Object.prototype.propertyIsEnumerable.call(value, key) && key !== 'length'),
  )

const maps = (
  a: Map<unknown, unknown>,
  b: Map<unknown, unknown>,
  path: string,
  walk: Walk,
): Lost | undefined => {
  const moved = orders('map-order', [...a.keys()], [...b.keys()], path, b)
  if (moved) return moved
  const items = b.values()
  let i = 0
  for (const [key, item] of a) {
    const found = look(item, items.next().value, entryPath(path, key, i++), walk)
    if (found) return found
  }
  return undefined
}

/** Keys that are objects are others after any restore: of these only the number can be told. */
const orders = (
  kind: Lost['kind'],
  a: readonly unknown[],
  b: readonly unknown[],
  path: string,
  object: object,
): Lost | undefined => {
  const isSame = (x: unknown, y: unknown): boolean =>
    Object.is(x, y) || (typeof x === 'object' && typeof y === 'object')
  if (a.length === b.length && a.every((each, i) => isSame(each, b[i]))) return undefined
  const isReordered = a.length === b.length && a.every((each) => b.includes(each))
  return { kind: isReordered ? kind : 'value', path, before: a, after: b, object }
}

const sameAs = (path: string | undefined): string =>
  path === undefined ? 'an object of its own' : `the same object as ${path || 'the whole state'}`

const classOf = (value: object): string => {
  const name = (value.constructor as { name?: string } | undefined)?.name ?? 'bare object'
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
}

/** In another process a class is another one, by the same name and with the same methods. */
const isOneClass = (a: object | null, b: object | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    classOf(a) === classOf(b) &&
    String(Object.getOwnPropertyNames(a)) === String(Object.getOwnPropertyNames(b)) &&
    isOneClass(Object.getPrototypeOf(a), Object.getPrototypeOf(b)))

/** Whether it can be changed: a copy of what was frozen is not. */
const fixedAs = (value: object): string => {
  if (Object.isExtensible(value)) return 'not frozen'
  return Object.isFrozen(value) ? 'frozen' : 'closed to new properties'
}
