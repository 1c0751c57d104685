import { containerOf, entryPath, pathTo } from '../../core/timeline/values.ts'

/** What a state lost on its way through save and restore that its saved form does not show. */
export interface Lost {
  readonly kind: 'map-order' | 'set-order' | 'key-order' | 'value'
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
  const walk: Walk = { seen: new Map(), restored: new Map(), follow, followed: undefined }
  const lost = look(before, after, '', walk)
  return { lost, followed: walk.followed }
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
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b))
    return { kind: 'value', path, before: classOf(a), after: classOf(b), object: undefined }
  if (a instanceof Map) return maps(a, b as typeof a, path, walk)
  if (a instanceof Set) return orders('set-order', [...a], [...(b as typeof a)], path, b)
  const keysA = Object.keys(a)
  const keysB = Object.keys(b)
  const isList = containerOf(a) === 'array' || ArrayBuffer.isView(a)
  for (const key of new Set([...keysA, ...keysB])) {
    const at = isList ? `${path}[${key}]` : pathTo(path, key)
    const found = look((a as Values)[key], (b as Values)[key], at, walk)
    if (found) return found
  }
  return isList ? undefined : orders('key-order', keysA, keysB, path, b)
}

type Values = Record<string, unknown>

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

const classOf = (value: object): string =>
  `a ${(value.constructor as { name?: string } | undefined)?.name ?? 'bare object'}`
