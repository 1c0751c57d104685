import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { storyOf } from '../../src/lab/faults/draw.ts'
import { shrink } from '../../src/lab/faults/shrink.ts'
import type { Story } from '../../src/lab/faults/story.ts'
import { DISORDERS } from '../../src/lab/faults/table.ts'
import { type Disorder, Path, type Way } from '../../src/lab/path.ts'
import { does, rowOf, tableOf, without, withWays } from './ways.ts'

/** Datagrams that come twice and such that overtake others are faults of their own, each counted when it comes to pass. */

const SORTS = ['twice', 'overtakes'] as const
const SHARES = { twice: 'duplicate', overtakes: 'reorder' } as const

/** Among few, of whom some are reached by datagrams. */
const STORIES = [1, 3, 7].map((seed) => storyOf(seed, { always: ['datagrams'], trouble: 4_000_000 }))

/** Ways on which nothing overtakes but by a detour. */
const even = (way: Way): Way => ({ ...without(way, 'shape'), jitter: 0 })

const rowsOf = (change: (way: Way) => Way): Record<Disorder, number> => {
  const table = tableOf(STORIES.map((story) => withWays(story, change)))
  return { twice: rowOf(table, DISORDERS.twice), overtakes: rowOf(table, DISORDERS.overtakes) }
}

describe.each(SORTS)('where a way without jitter does one of the two (%s)', (what) => {
  const other = what === 'twice' ? 'overtakes' : 'twice'

  test('it is counted, and the other is not', () => {
    const rows = rowsOf((way) => even(without(way, SHARES[other])))
    expect(rows[what]).toBeGreaterThan(100)
    expect(rows[other]).toBe(0)
  })

  test('the shrinker keeps it alone', () => {
    const story = STORIES.find((each) => does(each, 'duplicate') && does(each, 'reorder')) as Story
    const small = shrink(story, { isWrong: (each) => does(each, SHARES[what]) })
    expect([does(small, SHARES[what]), does(small, SHARES[other])]).toEqual([true, false])
  })
})

test('a share of which nothing comes is no fault that befell anybody', () => {
  const rows = rowsOf((way) =>
    even(way.duplicate === undefined ? way : { ...way, duplicate: 1e-12, reorder: 1e-12 }),
  )
  expect(rows).toEqual({ twice: 0, overtakes: 0 })
})

test('what overtakes by jitter alone is counted', () => {
  const rows = rowsOf((way) => without(way, 'duplicate', 'reorder'))
  expect(rows.twice).toBe(0)
  expect(rows.overtakes).toBeGreaterThan(100)
})

describe('a way tells of each datagram that comes twice or overtakes, and of no other', () => {
  const ALL: Way = { base: 5_000, jitter: 1_000, loss: 0.2, duplicate: 0.3, reorder: 0.2 }

  test.each([
    ['all', ALL],
    ['detours without jitter', { ...ALL, jitter: 0 }],
    ['jitter alone', { base: 5_000, jitter: 1_000 }],
  ])('%s', (_, way) => {
    const path = new Path(way, new Random(7))
    const told: string[] = []
    const seen: string[] = []
    /** When each datagram that was not lost arrives first. */
    const firsts: number[] = []
    for (let i = 0; i < 1_000; i++) {
      path.onDisorder = (what) => told.push(`${i} ${what}`)
      const copies = path.arrivals(500 * i)
      if (copies.length === 0) continue
      const at = Math.min(...copies)
      if (copies.length > 1) seen.push(`${i} twice`)
      if (firsts.some((earlier) => earlier > at)) seen.push(`${i} overtakes`)
      firsts.push(at)
    }
    expect(seen.filter((what) => what.endsWith('overtakes')).length).toBeGreaterThan(50)
    expect(told).toEqual(seen)
  })

  test('but nothing is told while it is cut', () => {
    const path = new Path(ALL, new Random(7))
    const told: Disorder[] = []
    path.onDisorder = (what) => told.push(what)
    path.cut(1_000_000)
    for (let i = 0; i < 1_000; i++) path.arrivals(500 * i)
    expect(told).toEqual([])
  })
})
