import type { Cell, CellResult } from './cell.ts'
import type { Measure } from './grade.ts'
import { type Published, publishedFor } from './published.ts'

/** How one measure stands beside the published figures. */
export interface Comparison {
  /** Cells whose figure is not above the published one by more than half of its last printed digit. */
  readonly within: number
  readonly worst: Worst | undefined
}

/** The cell whose figure is furthest above the published one, or least below it. */
export interface Worst {
  readonly cell: Cell
  readonly value: number
  readonly published: number
}

/** What an experiment comes to, in the figures by which it is judged. */
export interface Summary {
  readonly cells: number
  readonly virtual_s: number
  readonly events: number
  /** Cells whose timelines differ, or of which an invariant was broken. */
  readonly differing: readonly CellResult[]
  /** Cells that the paper prints. */
  readonly published: number
  readonly compared: { readonly [M in Measure]: Comparison }
  /** Of all ticks of all instances, in percent. */
  readonly frozen_pct: number
  /** How far latencies are above their limits: the mean over all cells, in ticks. */
  readonly above_limit_ticks: number
  /** Cells whose latency is more than 1.5 ticks above its limit. */
  readonly beyond_limit: readonly CellResult[]
}

/** What horizon may add to the limit, in ticks. */
export const LIMIT_MARGIN = 1.5
/** Half of the last digit that the paper prints. */
const HALF_A_DIGIT = 0.05

export const measureOf = (result: CellResult, measure: Measure): number =>
  ({ latency: result.latency_ticks, drift: result.drift_pct, freeze: result.frozen_pct })[measure]

export const summaryOf = (results: readonly CellResult[]): Summary => {
  const beside = results.flatMap((result) => {
    const published = publishedFor(result.cell)
    return published ? [{ result, published }] : []
  })
  const total = (of: (result: CellResult) => number) => results.reduce((sum, result) => sum + of(result), 0)
  const ticks = (result: CellResult) => result.virtual_s * result.cell.fps * result.cell.instances
  const allTicks = total(ticks)
  return {
    cells: results.length,
    virtual_s: total((result) => result.virtual_s),
    events: total((result) => result.events),
    differing: results.filter((result) => !result.identical),
    published: beside.length,
    compared: {
      latency: comparison(beside, 'latency'),
      drift: comparison(beside, 'drift'),
      freeze: comparison(beside, 'freeze'),
    },
    frozen_pct: allTicks > 0 ? total((result) => result.frozen_pct * ticks(result)) / allTicks : 0,
    above_limit_ticks:
      results.length > 0 ? total((result) => result.latency_ticks - result.limit_ticks) / results.length : 0,
    beyond_limit: results.filter((result) => result.latency_ticks > result.limit_ticks + LIMIT_MARGIN),
  }
}

interface Pair {
  readonly result: CellResult
  readonly published: Published
}

const comparison = (pairs: readonly Pair[], measure: Measure): Comparison => {
  const excess = ({ result, published }: Pair): number => measureOf(result, measure) - published[measure]
  const worst = pairs.reduce<Pair | undefined>(
    (worst, pair) => (worst && excess(worst) >= excess(pair) ? worst : pair),
    undefined,
  )
  return {
    within: pairs.filter((pair) => excess(pair) <= HALF_A_DIGIT).length,
    worst: worst && worstOf(worst, measure),
  }
}

const worstOf = ({ result, published }: Pair, measure: Measure): Worst => ({
  cell: result.cell,
  value: measureOf(result, measure),
  published: published[measure],
})
