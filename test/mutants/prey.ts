import { parentPort, workerData } from 'node:worker_threads'
import { play } from '../../src/lab/faults/play.ts'
import { type SearchOptions, search } from '../../src/lab/faults/search.ts'
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

const { hint, kept, from, count, seconds, stories } = workerData as Hunt
const end = performance.now() + seconds * 1000
const goOn = (): boolean => performance.now() < end

const toldBy = (story: Story): Catch => {
  const { violations } = play(story).findings
  const by = [...new Set(violations.map((each) => each.invariant))]
  return { runs: 1, seed: story.seed, by, what: violations[0]?.what ?? '' }
}

const told = kept === undefined ? undefined : toldBy(kept)

const searchedFor = (): Catch => {
  const tried = hint > 0 ? search(hint, 1, stories) : undefined
  const searched =
    tried === undefined || tried.found.length === 0 ? search(from, count, { ...stories, goOn }) : undefined
  const runs = (tried?.runs ?? 0) + (searched?.runs ?? 0)
  const [first] = searched?.found ?? tried?.found ?? []
  const by = first?.error === undefined ? (first?.violations.map((each) => each.invariant) ?? []) : ['error']
  const what = first?.error === undefined ? first?.violations[0]?.what : String(first.error)
  return { runs, seed: first?.seed ?? 0, by: [...new Set(by)], what: what ?? '' }
}

parentPort?.postMessage(told !== undefined && told.by.length > 0 ? told : searchedFor())
