import { Random } from '../../core/random.ts'
import { SECOND } from '../../core/timeline/tick.ts'
import { NETS } from '../networks.ts'
import { runPool } from '../pool.ts'
import type { Cell, CellResult } from './cell.ts'
import { merge } from './metrics.ts'
import { keyOf } from './select.ts'
import type { Job, Rules, Worker } from './worker.ts'

/** Cells, how often and how long each is run, and by which rules. */
export interface Experiment {
  readonly cells: readonly Cell[]
  readonly runs: number
  /** Virtual seconds of each run. */
  readonly seconds: number
  readonly seed: number
  readonly rules: Rules
}

/** How far an experiment has come. */
export interface Progress {
  readonly runsDone: number
  readonly runs: number
  /** Of the work, as far as it can be foretold, from 0 to 1. */
  readonly share: number
  /** Virtual seconds run through so far, all runs together. */
  readonly virtual_s: number
}

export interface Outcome {
  /** One for each cell of which a run is done, in the order of the cells. */
  readonly results: readonly CellResult[]
  /** Whether all runs of all cells are in. */
  readonly complete: boolean
}

/** Run all of it. The outcome depends on nothing but the experiment: not on how many workers, nor on their order. */
export const runExperiment = async (
  experiment: Experiment,
  workers: readonly Worker[],
  progress: (progress: Progress) => void = () => {},
  signal?: AbortSignal,
): Promise<Outcome> => {
  const jobs = jobsOf(experiment)
  const work = jobs.reduce((sum, job) => sum + workOf(job), 0)
  const doneOf = new Map<string, (CellResult | undefined)[]>()
  let runsDone = 0
  let workDone = 0
  const report = (): void =>
    progress({
      runsDone,
      runs: jobs.length,
      share: work > 0 ? workDone / work : 1,
      virtual_s: runsDone * experiment.seconds,
    })
  const done = (job: Job, result: CellResult): void => {
    const key = keyOf(job.cell)
    const runs = doneOf.get(key) ?? []
    runs[job.run] = result
    doneOf.set(key, runs)
    runsDone++
    workDone += workOf(job)
    report()
  }
  report()
  await runPool(jobs, workers, done, signal)
  const results = experiment.cells.flatMap((cell) => {
    const runs = (doneOf.get(keyOf(cell)) ?? []).filter((run) => run !== undefined)
    return runs.length > 0 ? [merge(runs)] : []
  })
  return { results, complete: runsDone === jobs.length }
}

/** The longest first, so that no worker is left with a long one while the others have nothing more to do. */
export const jobsOf = ({ cells, runs, seconds, seed, rules }: Experiment): Job[] =>
  cells
    .flatMap((cell) =>
      Array.from({ length: runs }, (_, run) => ({
        cell,
        run,
        seed: seedOf(seed, cell, run),
        seconds,
        rules,
      })),
    )
    .sort((a, b) => workOf(b) - workOf(a))

/** A run's own seed. It depends on the cell and not on what else is run: a part gives the figures of the whole. */
export const seedOf = (seed: number, cell: Cell, run: number): number =>
  [NETS.indexOf(cell.net), cell.fps, cell.instances, Math.round(cell.seconds * SECOND), run].reduce(
    (from, part) => new Random(from, part).uint32(),
    seed,
  )

/** About how much a run costs: ticks of every instance, and messages for every event. */
const workOf = ({ cell: { fps, instances, seconds: gap }, seconds }: Job): number =>
  seconds * instances * (fps + 4 / gap + 20)

/** How often and how long each cell is run, in a few words. */
export const runsInWords = ({ runs, seconds, seed }: Experiment): string => {
  const [length, unit] = seconds % 60 === 0 ? [seconds / 60, 'minute'] : [seconds, 'second']
  return `${counted(runs, 'run')} of ${counted(length, `virtual ${unit}`)}, seed ${seed}`
}

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
