import { parentPort, workerData } from 'node:worker_threads'
import type { SearchOptions } from '../../src/lab/faults/search.ts'
import type { Story } from '../../src/lab/faults/story.ts'

/** What runs in a worker, built with the source of one mutant: search until something is wrong. */
export interface Hunt {
  /** A seed to try first; 0: none. */
  readonly hint: number
  /** A story to try first. */
  readonly kept: Story | undefined
  readonly from: number
  readonly count: number
  readonly seconds: number
  readonly stories: SearchOptions
}

export interface Catch {
  readonly runs: number
  readonly seed: number
  /** All the invariants that broke in that run, the first one first. */
  readonly by: readonly string[]
  readonly what: string
}

/** What was wrong in one run. */
export type Broken = readonly { readonly invariant: string; readonly what: string }[]

/** Searches in worlds of one kind, each played from a seed or as it is told. */
export const huntIn = (
  play: (seed: number, stories: SearchOptions) => Broken,
  tell?: (story: Story) => Broken,
): void => {
  const { hint, kept, from, count, seconds, stories } = workerData as Hunt
  const end = performance.now() + seconds * 1000
  let runs = 0

  const tried = (seed: number, run: () => Broken): Catch | undefined => {
    runs++
    try {
      const broken = run()
      const [first] = broken
      if (first === undefined) return undefined
      return { runs, seed, by: [...new Set(broken.map(({ invariant }) => invariant))], what: first.what }
    } catch (error) {
      return { runs, seed, by: ['error'], what: String(error) }
    }
  }
  const played = (seed: number): Catch | undefined => tried(seed, () => play(seed, stories))

  const searched = (): Catch => {
    for (let seed = from; seed < from + count && performance.now() < end; seed++) {
      const found = played(seed)
      if (found) return found
    }
    return { runs, seed: 0, by: [], what: '' }
  }

  const told = kept && tell ? tried(kept.seed, () => tell(kept)) : undefined
  const hinted = hint > 0 && told === undefined ? played(hint) : undefined
  parentPort?.postMessage(told ?? hinted ?? searched())
}
