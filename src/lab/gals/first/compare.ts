import type { CellResult } from '../cell.ts'
import { merge } from '../metrics.ts'
import { PUBLISHED, type Published, publishedFor } from '../published.ts'
import { runFirst } from './run.ts'

/** How far from the published latency is still agreement. */
const TOLERANCE = 0.15
/** Mean events waiting from which a cell has a queue, whose length no short experiment repeats. */
const QUEUE = 1

export interface FirstComparison {
  readonly published: Published
  readonly result: CellResult
  /** Our latency as a multiple of the published one. */
  readonly ratio: number
  readonly queued: boolean
  /** Whether the latency is within the tolerance, either way. */
  readonly agrees: boolean
}

export interface FirstAgreement {
  readonly cells: readonly FirstComparison[]
  /** Of the cells without a queue, in percent. */
  readonly agree_pct: number
  /** The cells without a queue that do not agree. */
  readonly exceptions: readonly FirstComparison[]
}

/** Results of the first implementation's rules against what was published; cells that were not are left out. */
export const agreementOf = (results: readonly CellResult[]): FirstAgreement => {
  const cells = results.flatMap((result) => {
    const published = publishedFor(result.cell)
    return published === undefined ? [] : [comparisonOf(published, result)]
  })
  const free = cells.filter(({ queued }) => !queued)
  const exceptions = free.filter(({ agrees }) => !agrees)
  const agreeing = free.length - exceptions.length
  return { cells, exceptions, agree_pct: free.length > 0 ? (100 * agreeing) / free.length : 0 }
}

const comparisonOf = (published: Published, result: CellResult): FirstComparison => {
  const ratio = result.latency_ticks / published.latency
  return {
    published,
    result,
    ratio,
    queued: result.waiting >= QUEUE,
    agrees: Math.abs(ratio - 1) <= TOLERANCE,
  }
}

/** Runs all published cells, by default as the authors did: each three times for five minutes. */
export const compareFirst = (runs = 3, seconds = 300): FirstAgreement =>
  agreementOf(
    PUBLISHED.map(({ net, fps, instances, seconds: every }) =>
      merge(
        Array.from({ length: runs }, (_, run) =>
          runFirst({ net, fps, instances, seconds: every }, { seconds, seed: run + 1 }),
        ),
      ),
    ),
  )

/** One line for a comparison: published and ours, of latency, drift and freeze. */
export const lineOf = ({ published: p, result: r, ratio, queued, agrees }: FirstComparison): string => {
  const verdict = queued ? 'queue' : agrees ? '' : 'differs'
  return [
    `${p.net.padEnd(8)} ${`${p.fps}`.padStart(2)} FPS x ${`${p.instances}`.padStart(2)}, ${`${p.seconds}`.padEnd(4)} s`,
    `latency ${pair(p.latency, r.latency_ticks)} (x ${ratio.toFixed(2)}) ${verdict.padEnd(7)}`,
    `drift ${pair(p.drift, r.drift_pct)} %`,
    `freeze ${pair(p.freeze, r.frozen_pct)} %`,
  ].join('   ')
}

const pair = (published: number, ours: number): string =>
  `${published.toFixed(1).padStart(5)} / ${ours.toFixed(1).padStart(5)}`
