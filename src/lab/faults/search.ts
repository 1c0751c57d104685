import type { Micros } from '../../core/timeline/tick.ts'
import { Coverage, type Violation } from '../checks.ts'
import { type StoryOptions, storyOf } from './draw.ts'
import { play } from './play.ts'
import type { Story } from './story.ts'
import { Table } from './table.ts'

export interface SearchOptions extends StoryOptions {
  /** Go on after a violation: no, unless told otherwise. */
  readonly all?: boolean
  /** Of so many seeds one is run twice, and must be the same both times. Undefined: none. */
  readonly twiceIn?: number
  /** Asked before each run whether to go on: for those who have a clock. */
  readonly goOn?: () => boolean
}

/** A story in which something was wrong. */
export interface Found {
  readonly seed: number
  readonly story: Story
  readonly violations: readonly Violation[]
  /** Something was thrown that is not an invariant of a machine's own: it hung, or it is wrong in itself. */
  readonly error?: unknown
}

/** A state that an invariant guards, by its name in the coverage. */
export type Counted = Exclude<keyof Coverage, 'add'>

export interface Searched {
  readonly runs: number
  /** Of all runs together, in virtual time. */
  readonly length: Micros
  /** Of all runs together, and in how many of them each state was reached. */
  readonly coverage: Coverage
  readonly reached: Readonly<Record<Counted, number>>
  /** What befell sessions in which state. */
  readonly table: Table
  /** Runs in which nobody ran a tick, or nothing found its place. */
  readonly empty: number
  /** Runs that were run a second time, and those of them that were not the same, by seed. */
  readonly twice: number
  readonly unequal: readonly number[]
  readonly found: readonly Found[]
}

/** Play the stories of so many seeds, from one on, until something is wrong. */
export const search = (from: number, count: number, options: SearchOptions = {}): Searched => {
  const { all = false, goOn = () => true, twiceIn = Number.NaN } = options
  const coverage = new Coverage()
  const table = new Table()
  let empty = 0
  let twice = 0
  const unequal: number[] = []
  const reached = zeros()
  const found: Found[] = []
  let length: Micros = 0
  let runs = 0
  while (runs < count && goOn() && (all || found.length === 0)) {
    const seed = from + runs++
    const story = storyOf(seed, options)
    const played = tried(story)
    if ('error' in played) {
      found.push({ seed, story, violations: [], error: played.error })
      continue
    }
    const { findings } = played
    length += played.length
    coverage.add(findings.coverage)
    table.add(played.table)
    if (played.empty) empty++
    if (seed % twiceIn === 0) {
      twice++
      if (play(storyOf(seed, options)).digest !== played.digest) unequal.push(seed)
    }
    for (const [name, value] of entriesOf(findings.coverage)) if (value > 0) reached[name]++
    if (!findings.clean) found.push({ seed, story, violations: findings.violations })
  }
  return { runs, length, coverage, reached, table, empty, twice, unequal, found }
}

const tried = (story: Story) => {
  try {
    return play(story)
  } catch (error) {
    return { error }
  }
}

const entriesOf = (coverage: Coverage) => Object.entries(coverage) as [Counted, number][]

const zeros = (): Record<Counted, number> =>
  Object.fromEntries(entriesOf(new Coverage()).map(([name]) => [name, 0])) as Record<Counted, number>
