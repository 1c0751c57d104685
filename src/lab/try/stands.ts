import { nodeTraps } from './node-traps.ts'
import type { Standing, Trap } from './trap.ts'
import { traps } from './traps.ts'

/**
 * Traps stand in place of the machine's own functions while a step runs, and while a program is loaded: what takes
 * `Math.sin` into a variable of its own then takes the trap. Outside of both a trap is what it stands for.
 */

export interface Stand extends Standing {
  /** How many want it there. */
  wanted: number
  original: unknown
}

export const standing = (all: readonly Standing[]): Stand[] =>
  all.map((trap) => ({ ...trap, wanted: 0, original: undefined }))

let stands: { readonly all: readonly Stand[]; readonly ofLoading: readonly Stand[] } | undefined
let nodes: readonly Stand[] | undefined

const standsOf = (): NonNullable<typeof stands> => {
  if (stands === undefined) {
    const later = ({ dimension }: Trap): boolean => dimension === 'later'
    // Whoever loads modules has timers of its own, which must go off.
    const ofLoading = standing(traps().filter((trap) => !later(trap)))
    stands = { all: [...ofLoading, ...standing(traps().filter(later))], ofLoading }
  }
  return stands
}

export const put = (some: readonly Stand[]): void => {
  for (const one of some) {
    if (one.wanted++ > 0) continue
    one.original = one.owner[one.key]
    one.owner[one.key] = one.stand
  }
}

export const take = (some: readonly Stand[]): void => {
  for (const one of some) if (--one.wanted === 0) one.owner[one.key] = one.original
}

export const raiseTraps = (): void => put(standsOf().all)
export const lowerTraps = (): void => take(standsOf().all)

/** Load modules: what they take of the machine for themselves is taken from the traps. */
export const trapped = async <T>(load: () => Promise<T>): Promise<T> => {
  const { ofLoading } = standsOf()
  put(ofLoading)
  try {
    return await load()
  } finally {
    take(ofLoading)
  }
}

/** What modules import from `node:crypto` and `node:timers` by its name is there all the time that something is tried. */
export const withNodeTraps = async <T>(run: () => Promise<T>): Promise<T> => {
  const { all, sync } = nodeTraps()
  nodes ??= standing(all)
  put(nodes)
  sync()
  try {
    return await run()
  } finally {
    take(nodes)
    sync()
  }
}
