import type { Discipline } from '../../core/session/options.ts'
import type { Micros } from '../../core/timeline/tick.ts'
import type { Cell, CellResult } from './cell.ts'
import { runFirst } from './first/run.ts'
import { runCell } from './run.ts'

/** By which rules the session of a run goes. */
export type Rules =
  /** Those of the paper's first implementation. */
  | { readonly kind: 'first' }
  /** Ours; what is undefined is tuned. */
  | {
      readonly kind: 'ours'
      readonly discipline: Discipline
      readonly k: number | undefined
      readonly margin: Micros | undefined
    }

/** One run of one cell: all that it depends on. */
export interface Job {
  readonly cell: Cell
  /** The first is 0. */
  readonly run: number
  readonly seed: number
  /** Virtual. */
  readonly seconds: number
  readonly rules: Rules
}

/** The paper's: two round trips, and a fifth of a millisecond for each instance. */
export const PAPER_K = 2
export const PAPER_MARGIN: Micros = 200

/** Whoever runs jobs, one at a time: a thread, or the caller's own. */
export interface Worker {
  run(job: Job): Promise<CellResult>
}

export const runJob = ({ cell, seed, seconds, rules }: Job): CellResult => {
  if (rules.kind === 'first') return runFirst(cell, { seconds, seed })
  const { discipline, k, margin } = rules
  return runCell(cell, { seconds, seed, discipline, k, margin })
}

/** The rules in a few words. */
export const rulesInWords = (rules: Rules): string => {
  if (rules.kind === 'first') return 'the rules of the first implementation'
  const { discipline, k, margin } = rules
  if (k === undefined && margin === undefined)
    return discipline === 'horizon' ? discipline : `${discipline}, tuned`
  return [
    discipline,
    k === undefined ? 'k tuned' : `k = ${k}`,
    margin === undefined ? 'margin tuned' : `margin ${margin} µs an instance`,
  ].join(', ')
}

/** What results by these rules are called beside the published ones. */
export const calledBy = (rules: Rules): string => (rules.kind === 'first' ? 'lab' : 'ours')
