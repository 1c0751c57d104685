import { SECOND } from '../../core/timeline/tick.ts'
import { counted } from '../gals/experiment.ts'
import { type Paint, PLAIN } from '../gals/table.ts'
import type { HuntOptions } from './hunt.ts'
import type { Failure, Tally } from './job.ts'
import { ALL_STATES } from './states.ts'
import type { Story } from './story.ts'
import { FAULTS, reachable, type Table } from './table.ts'
import { violationInWords, wordsOf } from './words.ts'

/** A cell of the table that was hit so often counts as covered. */
export const ENOUGH = 100

const thousands = (count: number): string => count.toLocaleString('en')

/** What a search came to. */
export const summaryOf = ({ from }: HuntOptions, tally: Tally, paint: Paint = PLAIN): string[] => {
  const { runs, coverage, found, twice, unequal, empty, table } = tally
  const seeds = runs === 1 ? `Seed ${from}` : `${thousands(runs)} seeds from ${from} on`
  const cells = cellsOf(table)
  return [
    `${seeds}: ${found.length === 0 ? 'no invariant broken' : paint.red(`something is wrong in ${counted(found.length, 'run')}`)}.`,
    `${thousands(coverage.events)} events agreed on, ${thousands(coverage.ticks)} ticks run; in ${counted(empty, 'run')} nothing happened.`,
    `${counted(coverage.pauses, 'pause')}, ${counted(coverage.cuts, 'cut')}, ${counted(coverage.kills, 'kill')}, ${counted(coverage.departures, 'departure')}; ${counted(coverage.freezes, 'freeze')} seen.`,
    unequal.length === 0
      ? `${counted(twice, 'seed')} run twice: the same both times.`
      : paint.red(`Not the same twice: ${unequal.join(', ')}.`),
    `Of ${cells.length} pairs of a fault and a state, ${cells.filter((n) => n >= ENOUGH).length} came up ${ENOUGH} times or more, ${cells.filter((n) => n > 0 && n < ENOUGH).length} less often, ${cells.filter((n) => n === 0).length} never.`,
  ]
}

const cellsOf = (table: Table): number[] =>
  FAULTS.flatMap((fault) =>
    ALL_STATES.filter((state) => reachable(fault, state)).map((state) => table.of(fault, state)),
  )

/** What befell sessions in which state, and what never did. */
export const coveragePage = (table: Table): string[] => {
  const width = Math.max(...FAULTS.map(({ length }) => length))
  const cell = (fault: string, state: (typeof ALL_STATES)[number]): string =>
    (reachable(fault, state) ? short(table.of(fault, state)) : '–').padStart(state.length + 1)
  const heads = ' '.repeat(width) + ALL_STATES.map((state) => ` ${state}`).join('')
  const rows = FAULTS.map(
    (fault) => fault.padEnd(width) + ALL_STATES.map((state) => cell(fault, state)).join(''),
  )
  const never = FAULTS.flatMap((fault) =>
    ALL_STATES.filter((state) => reachable(fault, state) && table.of(fault, state) === 0).map(
      (state) => `${fault} while ${state}`,
    ),
  )
  return [heads, ...rows, ...(never.length > 0 ? ['', `Never: ${never.join('; ')}.`] : [])]
}

/** A number in at most four letters. */
const short = (n: number): string => {
  if (n < 10_000) return String(n)
  return n < 1_000_000 ? `${Math.floor(n / 1_000)}k` : `${Math.floor(n / 1_000_000)}M`
}

const VIOLATIONS_SHOWN = 3
/** Of the other seeds in which something is wrong. */
const OTHERS_SHOWN = 20

/** What is wrong in one seed, in a line. */
export const failureLine = ({ seed, violations: [first], error }: Failure): string => {
  const what = error?.split('\n')[0] ?? (first === undefined ? '' : violationInWords(first).trim())
  return `Seed ${seed}: ${what}`
}

/** The seeds beside the first in which something is wrong, by their numbers. */
export const othersPage = ([, ...others]: readonly Failure[]): string[] => {
  if (others.length === 0) return []
  const more = others.length - OTHERS_SHOWN
  const rest = more > 0 ? [`and ${more} more`] : []
  return ['', 'And in others:', ...others.slice(0, OTHERS_SHOWN).map(failureLine), ...rest]
}

/** What broke, in the fewest words that it takes, and how to see it again. */
export const failurePage = (
  failure: Failure,
  story: Story,
  kept: string,
  { stories }: HuntOptions,
  paint: Paint = PLAIN,
): string[] => {
  const { seed, violations, error } = failure
  const what =
    error === undefined ? [...new Set(violations.map(violationInWords))].slice(0, VIOLATIONS_SHOWN) : [error]
  const whole = [
    `npx sametick lab story ${seed}`,
    ...(stories.discipline === undefined ? [] : [`--discipline ${stories.discipline}`]),
  ].join(' ')
  return [
    paint.red(`Seed ${seed}:`),
    ...what,
    '',
    paint.bold(
      `What is left of it when all is taken away that it breaks without (${sizeOf(story)} of ${sizeOf(failure.story)}):`,
    ),
    ...wordsOf(story),
    '',
    `Again:      npx sametick lab story ${kept}`,
    `All of it:  ${whole}`,
  ]
}

const sizeOf = ({ members, deeds }: Story): number =>
  members.filter(({ at }) => at !== null).length + deeds.length

/** For programs. */
export const documentOf = (
  { from, seeds, stories }: HuntOptions,
  tally: Tally,
  shrunk: { readonly failure: Failure; readonly story: Story; readonly kept: string } | undefined,
): unknown => {
  const { runs, length, coverage, reached, empty, twice, unequal, found, table } = tally
  return {
    from,
    seeds,
    ...stories,
    runs,
    complete: runs === seeds,
    virtual_s: length / SECOND,
    empty,
    twice: { runs: twice, unequal },
    coverage,
    reached,
    table: Object.fromEntries(
      FAULTS.map((fault) => [
        fault,
        Object.fromEntries(ALL_STATES.map((state) => [state, table.of(fault, state)])),
      ]),
    ),
    found: found.map(({ seed, violations, error }) => ({ seed, violations, error })),
    ...(shrunk === undefined
      ? {}
      : { shrunk: { seed: shrunk.failure.seed, file: shrunk.kept, story: shrunk.story } }),
  }
}
