import {
  checkState,
  containerOf,
  DEPTH_MAX,
  isPlainBuffer,
  lengthOf,
  StateRefused,
  TOO_DEEP,
  type View,
  viewKindOf,
  viewOf,
  whyRefused,
} from '../core/timeline/values.ts'

/**
 * A copy that no program can tell from the original: what was one object in two places is again one, views of
 * one buffer are views of one copy of it. Throws `StateRefused`, with the path, for what a state may not hold.
 */
export const clone = <T>(value: T): T => {
  try {
    return copyOf(value, 0) as T
  } catch (error) {
    throw error instanceof StateRefused ? (checkState(value) ?? error) : error
  } finally {
    copies.clear()
  }
}

/** What was copied already, and its copy. */
const copies = new Map<object, object>()

const copyOf = (value: unknown, depth: number): unknown => {
  if (typeof value === 'object' && value !== null) return copyOfObject(value, depth)
  if (typeof value === 'function' || typeof value === 'symbol')
    throw new StateRefused('', whyRefused(value) ?? '')
  return value
}

const copyOfObject = (value: object, depth: number): object => {
  const before = copies.get(value)
  if (before) return before
  if (depth >= DEPTH_MAX) throw new StateRefused('', TOO_DEEP)
  switch (containerOf(value)) {
    case 'object':
      return properties(value, { ...value }, depth + 1)
    case 'array':
      return items(value as unknown[], (value as unknown[]).slice(), depth + 1)
    case 'map': {
      const copy = new Map<unknown, unknown>()
      copies.set(value, copy)
      for (const [key, item] of value as Map<unknown, unknown>)
        copy.set(copyOf(key, depth + 1), copyOf(item, depth + 1))
      return copy
    }
    case 'set': {
      const copy = new Set<unknown>()
      copies.set(value, copy)
      for (const item of value as Set<unknown>) copy.add(copyOf(item, depth + 1))
      return copy
    }
    case 'view':
      return view(value as View)
    case 'buffer':
      return remember(value, (value as ArrayBuffer).slice(0))
    case 'bare':
      return properties(value, Object.assign(Object.create(null), value), depth + 1)
    case undefined:
      throw new StateRefused('', whyRefused(value) ?? '')
  }
}

const remember = <T extends object>(value: object, copy: T): T => {
  copies.set(value, copy)
  return copy
}

const properties = (value: object, copy: Record<string, unknown>, depth: number): object => {
  copies.set(value, copy)
  const keys = Object.keys(copy)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    const item = copy[key]
    if (isShared(item)) copy[key] = copyOf(item, depth)
  }
  return copy
}

const items = (value: object, copy: unknown[], depth: number): object => {
  copies.set(value, copy)
  for (let i = 0; i < copy.length; i++) {
    const item = copy[i]
    if (isShared(item)) copy[i] = copyOf(item, depth)
  }
  return copy
}

/** Whether a copy of what holds it would not do. */
const isShared = (item: unknown): boolean =>
  typeof item === 'object' ? item !== null : typeof item === 'function' || typeof item === 'symbol'

const view = (value: View): object => {
  const { buffer } = value
  if (!isPlainBuffer(buffer)) throw new StateRefused('', whyRefused(value) ?? '')
  const copy = copies.get(buffer) ?? remember(buffer, buffer.slice(0))
  return remember(value, viewOf(viewKindOf(value), copy as ArrayBuffer, value.byteOffset, lengthOf(value)))
}
