import { containerOf, lengthOf, type View, viewKindOf } from './values.ts'

const TEXT_MAX = 40
const DEPTH_SHOWN = 4

/** A value in words, as a program would write it, in at most about so many characters. Any value will do. */
export const printed = (value: unknown, length_max = 200): string => {
  const page: Page = { left: length_max }
  const text = print(value, page, 0)
  return text.length > length_max + 2 ? `${text.slice(0, length_max)} …` : text
}

interface Page {
  left: number
}

const print = (value: unknown, page: Page, depth: number): string => {
  const text = typeof value === 'object' && value !== null ? container(value, page, depth) : plain(value)
  page.left -= text.length
  return text
}

const plain = (value: unknown): string => {
  if (typeof value === 'string')
    return JSON.stringify(value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX)} …` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `function ${value.name}`
  return Object.is(value, -0) ? '-0' : String(value)
}

const container = (value: object, page: Page, depth: number): string => {
  const kind = containerOf(value)
  if (depth >= DEPTH_SHOWN) return kind === 'array' ? '[…]' : '{…}'
  switch (kind) {
    case 'array':
      return `[${listed(value as unknown[], page, (item) => print(item, page, depth + 1))}]`
    case 'map':
      return `Map {${listed(value as Map<unknown, unknown>, page, ([key, item]) => `${print(key, page, depth + 1)} => ${print(item, page, depth + 1)}`)}}`
    case 'set':
      return `Set {${listed(value as Set<unknown>, page, (item) => print(item, page, depth + 1))}}`
    case 'view':
      return view(value as View, page)
    case 'buffer':
      return `ArrayBuffer(${(value as ArrayBuffer).byteLength})`
    case 'object':
    case 'bare':
      return `${kind === 'bare' ? 'without prototype ' : ''}{${listed(properties(value), page, ([key, item]) => `${key}: ${print(item, page, depth + 1)}`)}}`
    case undefined:
      return `a ${String((value.constructor as { name?: unknown } | undefined)?.name || 'nameless')}`
  }
}

function* properties(value: object): Generator<[string, unknown]> {
  for (const key of Object.keys(value)) yield [key, (value as Record<string, unknown>)[key]]
}

const VIEW_NAMES = [
  ...['Uint8Array', 'Uint8ClampedArray', 'Int8Array', 'Uint16Array', 'Int16Array', 'Uint32Array'],
  ...['Int32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'DataView'],
]

const view = (value: View, page: Page): string => {
  const name = `${VIEW_NAMES[viewKindOf(value)]}(${lengthOf(value)})`
  if (value instanceof DataView) return name
  return `${name} [${listed(value as Iterable<unknown>, page, plain)}]`
}

const listed = <T>(items: Iterable<T>, page: Page, one: (item: T) => string): string => {
  const shown: string[] = []
  for (const item of items) {
    if (page.left <= 0) {
      shown.push('…')
      break
    }
    const text = one(item)
    page.left -= 2
    shown.push(text)
  }
  return shown.join(', ')
}
