import type { Cell, CellResult } from './cell.ts'
import type { Experiment, Outcome } from './experiment.ts'
import { agreementOf } from './first/compare.ts'
import { publishedFor } from './published.ts'
import { type Comparison, type Summary, summaryOf } from './summary.ts'

/**
 * An experiment and its outcome as one document for other programs. It holds nothing of the machine or of real
 * time: the same experiment gives the same document, byte for byte.
 */
export const documentOf = (experiment: Experiment, { results, complete }: Outcome): object => {
  const { rules, runs, seconds, seed, cells } = experiment
  return {
    experiment: 'gals',
    published: 'Figure 8 of Symmetric Distributed Applications (Sant’Anna, Santos, Rodriguez, 2021)',
    rules: rules.kind === 'first' ? 'first' : rules.discipline,
    ...(rules.kind === 'first' ? {} : { k: rules.k ?? 'tuned', margin_us: rules.margin ?? 'tuned' }),
    runs,
    seconds_per_run: seconds,
    seed,
    complete,
    cells_asked: cells.length,
    summary: rules.kind === 'first' ? firstOf(results) : ourOf(summaryOf(results)),
    cells: results.map(({ cell, ...measured }) => ({
      ...cellOf(cell),
      ...measured,
      published: publishedOf(publishedFor(cell)),
    })),
  }
}

const publishedOf = (published: ReturnType<typeof publishedFor>): object | null =>
  published ? { latency: published.latency, drift: published.drift, freeze: published.freeze } : null

const cellOf = ({ net, fps, instances, seconds }: Cell): object => ({
  net,
  fps,
  instances,
  seconds_per_event: seconds,
})

const comparedOf = ({ within, worst }: Comparison): object => ({
  at_or_below: within,
  worst: worst ? { ...cellOf(worst.cell), value: worst.value, published: worst.published } : null,
})

const ourOf = ({ differing, compared, beyond_limit, ...rest }: Summary): object => ({
  ...rest,
  compared: {
    latency: comparedOf(compared.latency),
    drift: comparedOf(compared.drift),
    freeze: comparedOf(compared.freeze),
  },
  differing: differing.map(({ cell, divergence }) => ({ ...cellOf(cell), divergence })),
  beyond_limit: beyond_limit.map(({ cell }) => cellOf(cell)),
})

const firstOf = (results: readonly CellResult[]): object => {
  const { cells, exceptions, agree_pct } = agreementOf(results)
  return {
    cells: results.length,
    published: cells.length,
    queue_free: cells.filter(({ queued }) => !queued).length,
    agree_pct,
    exceptions: exceptions.map(({ result, published }) => ({
      ...cellOf(result.cell),
      latency_ticks: result.latency_ticks,
      published: published.latency,
    })),
    differing: results
      .filter(({ identical }) => !identical)
      .map(({ cell, divergence }) => ({ ...cellOf(cell), divergence })),
  }
}
