import type { Micros } from '../../core/timeline/tick.ts'
import { Coverage, type Invariant, type Violation } from '../checks.ts'
import type { StoryOptions } from './draw.ts'
import { type Counted, type Searched, search } from './search.ts'
import { breaks, shrink } from './shrink.ts'
import type { Story } from './story.ts'
import { Table } from './table.ts'

/** Seeds to be played in a row, by whoever does such things: a thread, or the caller's own. */
export interface SearchJob {
  readonly from: number
  readonly count: number
  readonly options: StoryOptions
  /** Of so many seeds one is run twice. */
  readonly twiceIn: number
}

/** A story in which something was wrong, as plain data. */
export interface Failure {
  readonly seed: number
  readonly story: Story
  readonly violations: readonly Violation[]
  /** What a machine threw that was no invariant of its own. */
  readonly error: string | undefined
}

/** What came of a job, as plain data. */
export interface SearchPart extends Pick<Searched, 'runs' | 'length' | 'empty' | 'twice' | 'unequal'> {
  readonly coverage: Readonly<Record<Counted, number>>
  readonly reached: Readonly<Record<Counted, number>>
  readonly table: readonly number[]
  readonly found: readonly Failure[]
}

export interface ShrinkJob {
  readonly story: Story
  /** Undefined: a machine throws. */
  readonly invariant: Invariant | undefined
}

/** Whoever does either. */
export interface Searcher {
  search(job: SearchJob): Promise<SearchPart>
  shrink(job: ShrinkJob): Promise<Story>
}

export const runSearch = ({ from, count, options, twiceIn }: SearchJob): SearchPart => {
  const { coverage, table, found, ...searched } = search(from, count, { ...options, all: true, twiceIn })
  const plain = Object.fromEntries(Object.entries(coverage)) as Record<Counted, number>
  const failures = found.map(({ error, ...each }) => ({
    ...each,
    error:
      error === undefined
        ? undefined
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error),
  }))
  return { ...searched, coverage: plain, table: table.counts, found: failures }
}

export const runShrink = ({ story, invariant }: ShrinkJob): Story =>
  shrink(story, { isWrong: breaks(invariant) })

/** What came of many jobs, in whatever order they are done. */
export class Tally {
  runs = 0
  length: Micros = 0
  empty = 0
  twice = 0
  readonly coverage = new Coverage()
  readonly reached: Partial<Record<Counted, number>> = {}
  readonly table = new Table()
  readonly unequal: number[] = []
  readonly found: Failure[] = []

  add(part: SearchPart): void {
    this.runs += part.runs
    this.length += part.length
    this.empty += part.empty
    this.twice += part.twice
    this.coverage.add(Object.assign(new Coverage(), part.coverage))
    for (const [name, count] of Object.entries(part.reached) as [Counted, number][])
      this.reached[name] = (this.reached[name] ?? 0) + count
    this.table.add(new Table(part.table))
    this.unequal.push(...part.unequal)
    this.found.push(...part.found)
    this.found.sort((a, b) => a.seed - b.seed)
  }
}
