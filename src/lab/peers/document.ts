import { backOf, delayOf, lateOf, leastOf, recoveryOf, slowOf } from './cell.ts'
import type { PeersExperiment, PeersOutcome } from './experiment.ts'
import { publishedOf } from './published.ts'
import { judge, ofTheSlowest } from './verdict.ts'

/** An experiment and its outcome as one document for other programs: the same experiment, the same bytes. */
export const peersDocumentOf = (
  experiment: PeersExperiment,
  { results, complete }: PeersOutcome,
): object => ({
  experiment: 'peers',
  published: 'the table of Symmetric Peer-to-Peer Applications (Sant’Anna, final version)',
  runs: experiment.runs,
  seconds_per_run: experiment.seconds,
  seed: experiment.seed,
  complete,
  cells_asked: experiment.cells.length,
  summary: judge(results),
  cells: results.map((result) => {
    const { cell, ...sums } = result
    return {
      ...cell,
      delay_rule: cell.multiplier === 0 ? 'adaptive' : 'fixed',
      back_pct: backOf(result),
      late_pct: lateOf(result),
      slow_pct: slowOf(result),
      mean_delay_ms: delayOf(result),
      delay_of_slowest_way: ofTheSlowest(result),
      mean_recovery_s: result.returns > 0 ? recoveryOf(result) : null,
      least_recovery_s: result.returns > 0 ? leastOf(result) : null,
      published: publishedOf(cell) ?? null,
      sums,
    }
  }),
})
