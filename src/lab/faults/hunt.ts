import { SECOND } from '../../core/timeline/tick.ts'
import { runPool } from '../pool.ts'
import type { StoryOptions } from './draw.ts'
import { type Failure, type Searcher, type SearchJob, Tally } from './job.ts'

export interface HuntOptions {
  readonly from: number
  readonly seeds: number
  readonly stories: StoryOptions
  /** Of so many seeds one is run twice. */
  readonly twiceIn: number
  /** Go on when something is wrong. */
  readonly all: boolean
}

export interface HuntProgress {
  readonly runsDone: number
  readonly runs: number
  readonly share: number
  readonly virtual_s: number
  /** What was found since this was last told. */
  readonly found: readonly Failure[]
}

/** So many seeds at a time: enough that their coming and going costs nothing. */
const PART = 50

/**
 * Play the stories of many seeds, by as many as there are searchers, until something is wrong. Unless it is stopped,
 * by whoever waits or by what was found, what comes of them depends on the seeds alone.
 */
export const huntFaults = async (
  options: HuntOptions,
  searchers: readonly Searcher[],
  progress: (progress: HuntProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<Tally> => {
  const { from, seeds, stories, twiceIn, all } = options
  const jobs: SearchJob[] = []
  for (let at = 0; at < seeds; at += PART)
    jobs.push({ from: from + at, count: Math.min(PART, seeds - at), options: stories, twiceIn })
  const tally = new Tally()
  const enough = new AbortController()
  const workers = searchers.map((searcher) => ({ run: (job: SearchJob) => searcher.search(job) }))
  const either = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal])
  await runPool(
    jobs,
    workers,
    (_job, part) => {
      tally.add(part)
      const { runs: runsDone, length } = tally
      progress({
        runsDone,
        runs: seeds,
        share: runsDone / seeds,
        virtual_s: length / SECOND,
        found: part.found,
      })
      if (!all && tally.found.length > 0) enough.abort()
    },
    either,
  )
  return tally
}
