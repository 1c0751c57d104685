import type { Place } from '../../deterministic/guard.ts'
import { siteOf } from './site.ts'
import type { Standing } from './trap.ts'

/** Notes where one Map, Set or object is walked through, whose order is suspected. */
export interface Walked {
  readonly suspect: object | undefined
  walkedAt: string | undefined
}

type Fn = (this: unknown, ...args: unknown[]) => unknown

const trapIn = (owner: object, key: PropertyKey, walked: Walked, ofArgument: boolean): Standing => {
  const value = (owner as Record<PropertyKey, unknown>)[key] as Fn
  const stand = function walk(this: unknown, ...args: unknown[]): unknown {
    if (walked.suspect !== undefined && (ofArgument ? args[0] : this) === walked.suspect)
      walked.walkedAt = siteOf(walk) ?? walked.walkedAt
    return Reflect.apply(value, this, args)
  }
  return {
    owner: owner as Record<string, unknown>,
    key: key as string,
    value: value as Place['value'],
    stand,
  }
}

/** Every way to walk but `for … in`, which nothing can see. */
export const walkTraps = (walked: Walked): Standing[] => [
  ...[Map.prototype, Set.prototype].flatMap((owner) =>
    [Symbol.iterator, 'keys', 'values', 'entries', 'forEach'].map((key) => trapIn(owner, key, walked, false)),
  ),
  ...['keys', 'values', 'entries'].map((key) => trapIn(Object, key, walked, true)),
]
