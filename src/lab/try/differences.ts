import { firstDifference } from '../../core/timeline/difference.ts'
import { printed } from '../../core/timeline/printed.ts'
import { containerOf, entryPath, pathTo } from '../../core/timeline/values.ts'

/** A field that two instances have otherwise. */
export interface Field {
  /** From the state: `players[1].angle`; empty for the whole. */
  readonly path: string
  readonly a: unknown
  readonly b: unknown
  /** Both in words. */
  readonly text: readonly [string, string]
}

/** All fields in which two values differ, the deepest that can be named, at most so many. */
export const differencesOf = (a: unknown, b: unknown, most = 8): Field[] => {
  const found: Field[] = []
  walk(a, b, '', found, most)
  return found
}

const walk = (a: unknown, b: unknown, path: string, found: Field[], most: number): void => {
  const difference = firstDifference(a, b)
  if (difference === undefined || found.length >= most) return
  const before = found.length
  for (const [at, inA, inB] of pairsOf(a, b, path)) walk(inA, inB, at, found, most)
  if (found.length > before) return
  // None of what both hold differs: it is what one holds and the other does not, an order, or the value itself.
  const where = difference.path === '' ? path : joined(path, difference.path)
  const [inA = printed(difference.a), inB = printed(difference.b)] = saidIn(difference.text)
  found.push({ path: where, a: difference.a, b: difference.b, text: [inA, inB] })
}

const joined = (path: string, rest: string): string =>
  path === '' || rest.startsWith('[') || rest.startsWith('.') ? `${path}${rest}` : `${path}.${rest}`

/** `players[2].hp: 3 / 4`: what is said of each. */
const saidIn = (text: string): string[] => {
  const values = text.slice(text.indexOf(': ') + 2).split(' / ')
  return values.length === 2 ? values : []
}

/** What both have, with its path. */
function* pairsOf(a: unknown, b: unknown, path: string): Generator<[string, unknown, unknown]> {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return
  const container = containerOf(a)
  if (container !== containerOf(b)) return
  if (container === 'array' || container === 'view') {
    const [inA, inB] = [a as unknown[], b as unknown[]]
    for (let i = 0; i < inA.length && i < inB.length; i++) yield [`${path}[${i}]`, inA[i], inB[i]]
  } else if (container === 'map') {
    let i = 0
    for (const [key, item] of a as Map<unknown, unknown>) {
      const at = entryPath(path, key, i++)
      if ((b as Map<unknown, unknown>).has(key)) yield [at, item, (b as Map<unknown, unknown>).get(key)]
    }
  } else if (container === 'object' || container === 'bare') {
    for (const [key, item] of Object.entries(a))
      if (Object.hasOwn(b, key)) yield [pathTo(path, key), item, (b as Record<string, unknown>)[key]]
  }
}
