import type { CellResult } from './cell.ts'
import { agreementOf } from './first/compare.ts'
import { type Measure, printed } from './grade.ts'
import { nameOf } from './select.ts'
import { LIMIT_MARGIN, type Summary, summaryOf, type Worst } from './summary.ts'
import type { Paint } from './table.ts'
import type { Rules } from './worker.ts'

/** A word, and what is to be said under it. */
type Entry = readonly [word: string, ...lines: string[]]

/** What an experiment comes to, in words: a line for each figure by which it is judged. */
export const verdictOf = (results: readonly CellResult[], rules: Rules, paint: Paint): string =>
  (rules.kind === 'first' ? firstEntries(results, paint) : ourEntries(results, rules.discipline, paint))
    .flatMap(([word, ...lines]) =>
      lines.map((line, i) => `${paint.bold((i === 0 ? word : '').padEnd(INDENT))}${line}`),
    )
    .join('\n')

const INDENT = 11
/** Cells that are named; the rest is counted. */
const NAMED_MAX = 40

const ourEntries = (results: readonly CellResult[], discipline: string, paint: Paint): Entry[] => {
  const summary = summaryOf(results)
  return [
    timelines(summary, ', no invariant broken', paint.red),
    ...(summary.published > 0
      ? (['latency', 'drift', 'freeze'] as const).map((measure) => besideThePaper(measure, summary))
      : []),
    limits(summary, discipline, paint),
    ['Frozen', `${summary.frozen_pct.toFixed(2)} % of all ticks`],
  ]
}

/** What the first implementation's rules give, against what its authors measured. */
const firstEntries = (results: readonly CellResult[], paint: Paint): Entry[] => {
  const { cells, exceptions, agree_pct } = agreementOf(results)
  const free = cells.filter(({ queued }) => !queued).length
  const named = exceptions.map(
    ({ result, published }) =>
      `${nameOf(result.cell)}: ${printed(result.latency_ticks)} and ${printed(published.latency)}`,
  )
  return [
    ['Queues', `hardly any event waits behind another in ${free} of ${cells.length} published cells`],
    [
      'Latency',
      `within 15 % of the paper's in ${free - exceptions.length} of these ${free}: ${agree_pct.toFixed(0)} %`,
    ],
    ...(named.length > 0 ? [['Except', ...some(named)] as Entry] : []),
    timelines(summaryOf(results), '', paint.yellow),
  ]
}

const timelines = ({ cells, differing }: Summary, more: string, set: (text: string) => string): Entry => {
  if (differing.length === 0) return ['Timelines', `identical everywhere in ${allOf(cells)}${more}`]
  const named = differing.map((result) => `${nameOf(result.cell)}: ${result.divergence}`)
  const what = more === '' ? 'differ' : 'differ, or an invariant is broken,'
  return ['Timelines', set(`${what} in ${differing.length} of ${cells} cells`), ...some(named)]
}

const besideThePaper = (measure: Measure, { published, compared }: Summary): Entry => {
  const { within, worst } = compared[measure]
  const word = `${measure[0]?.toUpperCase()}${measure.slice(1)}`
  const line = `at or below the paper's in ${within === published ? allOf(published) : `${within} of ${published} cells`}`
  if (within < published) return [word, line, `worst: ${against(worst)}`]
  return measure === 'latency' ? [word, line, `closest: ${against(worst)}`] : [word, line]
}

const against = (worst: Worst | undefined): string =>
  worst ? `${nameOf(worst.cell)}: ${worst.value.toFixed(2)} and ${printed(worst.published)}` : ''

const limits = (
  { cells, above_limit_ticks, beyond_limit }: Summary,
  discipline: string,
  paint: Paint,
): Entry => {
  const mean = `${above_limit_ticks.toFixed(2)} ticks above what the delays force, in the mean`
  if (discipline !== 'horizon') return ['Limit', mean]
  if (beyond_limit.length === 0)
    return ['Limit', mean, `at most ${LIMIT_MARGIN} ticks above it in ${allOf(cells)}`]
  const named = beyond_limit.map(
    (result) =>
      `${nameOf(result.cell)}: ${printed(result.latency_ticks)}, limit ${printed(result.limit_ticks)}`,
  )
  const line = `more than ${LIMIT_MARGIN} ticks above it in ${beyond_limit.length} of ${cells} cells`
  return ['Limit', mean, paint.yellow(line), ...some(named)]
}

const allOf = (cells: number): string => (cells === 1 ? 'the one cell' : `all ${cells} cells`)

const some = (lines: readonly string[]): string[] =>
  lines.length <= NAMED_MAX
    ? [...lines]
    : [...lines.slice(0, NAMED_MAX), `and ${lines.length - NAMED_MAX} more, which --json names`]
