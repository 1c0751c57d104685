import type { Paint } from '../gals/table.ts'
import {
  backOf,
  delayOf,
  lateOf,
  leastOf,
  merged,
  nameOf,
  type PeersCell,
  type PeersResult,
  recoveryOf,
  slowOf,
} from './cell.ts'
import { allowedOf, PUBLISHED_RECOVERY_S, publishedOf } from './published.ts'
import { DIAMETER } from './topology.ts'

/** A figure by which the experiment is judged: what it comes to, and whether that is as it should be. */
export interface Judged {
  readonly word: string
  readonly line: string
  readonly holds: boolean
}

/** An adaptive delay is to keep its bound in these cells. */
const isBound = ({ multiplier, latency_ms, rate, churn }: PeersCell): boolean =>
  multiplier === 0 && !churn && latency_ms <= 250 && rate <= 100

const BOUND_PCT = 1
const DELAY_MAX = 1.15
const SLOW_MAX_PCT = 0.1
/** In the mean of all rows; with slow links alone, twice what they force: it takes a question and its answer. */
const RECOVERY_S_MAX = 0.5
const RECOVERY_LEAST_MAX = 2

/** How long the delay is, beside what the slowest way between two peers takes. */
export const ofTheSlowest = (result: PeersResult): number =>
  delayOf(result) / (DIAMETER * result.cell.latency_ms)

const worstOf = (
  results: readonly PeersResult[],
  of: (result: PeersResult) => number,
): PeersResult | undefined =>
  results.reduce<PeersResult | undefined>(
    (worst, result) => (worst && of(worst) >= of(result) ? worst : result),
    undefined,
  )

/** The figures by which an experiment is judged: those of which it has cells. */
export const judge = (results: readonly PeersResult[]): Judged[] =>
  [states(results), back(results), ...adaptive(results), pace(results), returns(results)].filter(
    (judged) => judged !== undefined,
  )

const states = (results: readonly PeersResult[]): Judged => {
  const broken = results.filter((result) => result.broken !== '')
  const line =
    broken.length === 0
      ? `bit-equal at the end in ${allOf(results)}, and Q1 to Q5 hold`
      : `an invariant is broken in ${broken.length} of ${results.length} cells. ${broken
          .map(({ cell, broken }) => `${nameOf(cell)}: ${broken}`)
          .slice(0, 5)
          .join('; ')}`
  return { word: 'States', line, holds: broken.length === 0 }
}

const back = (results: readonly PeersResult[]): Judged | undefined => {
  const published = results.flatMap((result) => {
    const figures = publishedOf(result.cell)
    return figures ? [{ result, allowed: allowedOf(figures), paper: figures.back_pct }] : []
  })
  if (published.length === 0) return undefined
  const above = published.filter(({ result, allowed }) => backOf(result) > allowed)
  const below = published.filter(({ result, paper }) => backOf(result) <= paper + 0.05)
  const nearest = worstOf(
    published.map(({ result }) => result),
    (result) => backOf(result) / (published.find((each) => each.result === result)?.allowed ?? 1),
  ) as PeersResult
  const within =
    above.length === 0 ? allOf(published) : `${published.length - above.length} of ${published.length} cells`
  const allowed = published.find((each) => each.result === nearest)?.allowed ?? 0
  return {
    word: 'Back',
    line: `within 1.2 × the limit and 0.2 points in ${within}; nearest: ${nameOf(nearest.cell)}, ${backOf(nearest).toFixed(2)} of ${allowed.toFixed(2)} %; not above the paper's in ${below.length} of ${published.length}`,
    holds: above.length === 0,
  }
}

const adaptive = (results: readonly PeersResult[]): Judged[] => {
  const bound = results.filter(({ cell }) => isBound(cell))
  if (bound.length === 0) return []
  const [latest, longest] = [worstOf(bound, lateOf), worstOf(bound, ofTheSlowest)] as [
    PeersResult,
    PeersResult,
  ]
  const farthest = worstOf(bound, backOf) as PeersResult
  return [
    {
      word: 'Late',
      line: `at most ${lateOf(latest).toFixed(2)} % of what comes (${nameOf(latest.cell)}), at most ${backOf(farthest).toFixed(2)} % of ticks travelled back (${nameOf(farthest.cell)}); the bound is ${BOUND_PCT} %`,
      holds: lateOf(latest) <= BOUND_PCT && backOf(farthest) <= BOUND_PCT,
    },
    {
      word: 'Delay',
      line: `at most ${ofTheSlowest(longest).toFixed(2)} of the slowest way between two peers (${nameOf(longest.cell)})`,
      holds: ofTheSlowest(longest) <= DELAY_MAX,
    },
  ]
}

/** Each cell on its own; with churn all of them together, since a root that goes and comes is rare and costs much. */
const pace = (results: readonly PeersResult[]): Judged => {
  const slowest = worstOf(results, slowOf) as PeersResult
  const all = slowOf(merged(results))
  const steady = results.filter(({ cell }) => !cell.churn)
  return {
    word: 'Pace',
    line: `within a link's delay and a tick of the fastest at ${(100 - all).toFixed(3)} % of looks, ${(100 - slowOf(slowest)).toFixed(3)} % or more in each cell`,
    holds: all <= SLOW_MAX_PCT && steady.every((result) => slowOf(result) <= SLOW_MAX_PCT),
  }
}

const returns = (results: readonly PeersResult[]): Judged | undefined => {
  const churned = results.filter(({ cell, returns }) => cell.churn && returns > 0)
  if (churned.length === 0) return undefined
  const [slowest] = [worstOf(churned, recoveryOf)] as [PeersResult]
  const all = merged(churned)
  return {
    word: 'Return',
    line: `${all.returns} returns took ${recoveryOf(all).toFixed(2)} s in the mean, where the links force ${leastOf(all).toFixed(2)} s; at most ${recoveryOf(slowest).toFixed(2)} s in the mean of a cell (${nameOf(slowest.cell)}; the longest there ${slowest.recovery_s_max.toFixed(1)} s); published: ${PUBLISHED_RECOVERY_S} s`,
    holds: recoveryOf(all) <= Math.max(RECOVERY_S_MAX, RECOVERY_LEAST_MAX * leastOf(all)),
  }
}

const allOf = (cells: { readonly length: number }): string =>
  cells.length === 1 ? 'the one cell' : `all ${cells.length} cells`

const INDENT = 8

/** What an experiment comes to, in words. */
export const peersVerdictOf = (results: readonly PeersResult[], paint: Paint): string =>
  judge(results)
    .map(({ word, line, holds }) => `${paint.bold(word.padEnd(INDENT))}${holds ? line : paint.red(line)}`)
    .join('\n')
