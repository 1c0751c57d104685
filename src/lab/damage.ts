import type { Random } from '../core/random.ts'

/** What is wrong with something that is damaged: a few bits are turned over, or its end is missing. */
export type DamageSort = 'bits' | 'end'

/** Turn a few bits over, or leave the end out. */
export const damaged = (bytes: Uint8Array, how: DamageSort, random: Random): Uint8Array => {
  if (how === 'end') return bytes.slice(0, random.below(bytes.length))
  const copy = bytes.slice()
  for (let n = 1 + random.below(3); n > 0; n--) {
    const at = random.below(copy.length)
    copy[at] = (copy[at] as number) ^ (1 << random.below(8))
  }
  return copy
}
