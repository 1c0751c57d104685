import { Random } from '../../core/random.ts'
import type { Progress } from '../gals/experiment.ts'
import { type Doer, runPool } from '../pool.ts'
import { keyOf, LATENCIES, MULTIPLIERS, merged, type PeersCell, type PeersResult, RATES } from './cell.ts'
import { runPeersCell } from './run.ts'
import { FPS, PEERS } from './topology.ts'

/** Cells, how often and how long each is run. */
export interface PeersExperiment {
  readonly cells: readonly PeersCell[]
  readonly runs: number
  /** Virtual seconds of each run that are measured. */
  readonly seconds: number
  readonly seed: number
}

/** One run of one cell: all that it depends on. */
export interface PeersJob {
  readonly experiment: 'peers'
  readonly cell: PeersCell
  /** The first is 0. */
  readonly run: number
  readonly seed: number
  readonly seconds: number
}

export type PeersWorker = Doer<PeersJob, PeersResult>

export interface PeersOutcome {
  /** One for each cell of which a run is done, in the order of the cells. */
  readonly results: readonly PeersResult[]
  readonly complete: boolean
}

/** Which cells: all combinations of these. */
export interface PeersSelection {
  readonly multipliers: readonly number[]
  readonly latencies: readonly number[]
  readonly rates: readonly number[]
  readonly churn: boolean
}

/** The 108 published cells. */
export const PUBLISHED: PeersSelection = {
  multipliers: MULTIPLIERS,
  latencies: LATENCIES,
  rates: RATES,
  churn: false,
}

export const peersCellsOf = ({ multipliers, latencies, rates, churn }: PeersSelection): PeersCell[] =>
  multipliers.flatMap((multiplier) =>
    latencies.flatMap((latency_ms) => rates.map((rate) => ({ multiplier, latency_ms, rate, churn }))),
  )

export const runPeersJob = ({ cell, seconds, seed }: PeersJob): PeersResult =>
  runPeersCell(cell, { seconds, seed })

/** Run all of it. The outcome depends on nothing but the experiment: not on how many workers, nor on their order. */
export const runPeersExperiment = async (
  experiment: PeersExperiment,
  workers: readonly PeersWorker[],
  progress: (progress: Progress) => void = () => {},
  signal?: AbortSignal,
): Promise<PeersOutcome> => {
  const jobs = peersJobsOf(experiment)
  const work = jobs.reduce((sum, job) => sum + workOf(job), 0)
  const doneOf = new Map<string, (PeersResult | undefined)[]>()
  let [runsDone, workDone] = [0, 0]
  const report = (): void =>
    progress({
      runsDone,
      runs: jobs.length,
      share: work > 0 ? workDone / work : 1,
      virtual_s: runsDone * experiment.seconds,
    })
  report()
  await runPool(
    jobs,
    workers,
    (job, result) => {
      const runs = doneOf.get(keyOf(job.cell)) ?? []
      runs[job.run] = result
      doneOf.set(keyOf(job.cell), runs)
      runsDone++
      workDone += workOf(job)
      report()
    },
    signal,
  )
  const results = experiment.cells.flatMap((cell) => {
    const runs = (doneOf.get(keyOf(cell)) ?? []).filter((run) => run !== undefined)
    return runs.length > 0 ? [merged(runs)] : []
  })
  return { results, complete: runsDone === jobs.length }
}

/** The longest first, so that no worker is left with a long one at the end. */
export const peersJobsOf = ({ cells, runs, seconds, seed }: PeersExperiment): PeersJob[] =>
  cells
    .flatMap((cell) =>
      Array.from({ length: runs }, (_, run) => ({
        experiment: 'peers' as const,
        cell,
        run,
        seed: seedOf(seed, cell, run),
        seconds,
      })),
    )
    .sort((a, b) => workOf(b) - workOf(a))

/** A run's own seed: it depends on the cell and not on what else is run. */
const seedOf = (seed: number, { multiplier, latency_ms, rate, churn }: PeersCell, run: number): number =>
  [multiplier, latency_ms, rate, churn ? 1 : 0, run].reduce(
    (from, part) => new Random(from, Math.round(part * 1_000)).uint32(),
    seed,
  )

/** About how much a run costs: ticks, messages, events over every link, and what is run again. */
const workOf = ({ cell: { multiplier, rate, latency_ms, churn }, seconds }: PeersJob): number =>
  seconds *
  (PEERS * FPS * (churn ? 4 : 1) + 300 + rate * 4 + (multiplier === 1 ? (rate * latency_ms) / 20 : 0))
