import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { storyOf } from '../../src/lab/faults/draw.ts'
import { play } from '../../src/lab/faults/play.ts'
import { shrink } from '../../src/lab/faults/shrink.ts'
import { ALL_STATES } from '../../src/lab/faults/states.ts'
import type { MemberStory, Story } from '../../src/lab/faults/story.ts'
import { DISORDERS, Table } from '../../src/lab/faults/table.ts'
import { type Disorder, Path, type Way } from '../../src/lab/network.ts'

/** Datagrams that come twice and such that overtake others are faults of their own, each counted when it comes to pass. */

const SHARES = { twice: 'duplicate', overtakes: 'reorder' } as const
const SORTS = ['twice', 'overtakes'] as const

const plainly = (change: (way: Way) => Way, story: Story): Story => ({
  ...story,
  members: story.members.map(
    (member): MemberStory => ({
      ...member,
      up: change(member.up),
      down: change(member.down),
    }),
  ),
})

/** Ways on which nothing overtakes but by a detour. */
const even = ({ jitter: _, shape: __, ...way }: Way): Way => ({ ...way, jitter: 0 })

const without =
  (...names: ('duplicate' | 'reorder')[]) =>
  (way: Way): Way => {
    const left: { -readonly [K in keyof Way]: Way[K] } = { ...way }
    for (const name of names) delete left[name]
    return left
  }

const STORIES = Array.from({ length: 20 }, (_, i) =>
  storyOf(i + 1, { always: ['datagrams'], trouble: 10_000_000 }),
)

const rowsOf = (change: (way: Way) => Way): Record<Disorder, number> => {
  const table = new Table()
  for (const story of STORIES) table.add(play(plainly(change, story)).table)
  const row = (what: Disorder): number =>
    ALL_STATES.reduce((sum, state) => sum + table.of(DISORDERS[what], state), 0)
  return { twice: row('twice'), overtakes: row('overtakes') }
}

describe.each(SORTS)('where a way without jitter does one of the two (%s)', (what) => {
  const other = what === 'twice' ? 'overtakes' : 'twice'

  test('it is counted, and the other is not', () => {
    const rows = rowsOf((way) => without(SHARES[other])(even(way)))
    expect(rows[what]).toBeGreaterThan(100)
    expect(rows[other]).toBe(0)
  })

  test('the shrinker keeps it alone', () => {
    const has = (name: 'duplicate' | 'reorder', { members }: Story): boolean =>
      members.some(({ up, down }) => up[name] !== undefined || down[name] !== undefined)
    const story = STORIES.find((each) => has('duplicate', each) && has('reorder', each)) as Story
    const small = shrink(story, { isWrong: (each) => has(SHARES[what], each) })
    expect(has(SHARES[what], small)).toBe(true)
    expect(has(SHARES[other], small)).toBe(false)
  })
})

test('a share so small that nothing ever comes of it is no fault that befell anybody', () => {
  const rows = rowsOf((way) => ({
    ...even(way),
    ...(way.duplicate === undefined ? {} : { duplicate: 1e-12, reorder: 1e-12 }),
  }))
  expect(rows).toEqual({ twice: 0, overtakes: 0 })
})

test('what overtakes by jitter alone is counted', () => {
  const rows = rowsOf(without('duplicate', 'reorder'))
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
    let told: Disorder[] = []
    path.onDisorder = (what) => told.push(what)
    /** When each datagram that was not lost arrives first. */
    const firsts: number[] = []
    let overtaken = 0
    for (let i = 0; i < 2_000; i++) {
      told = []
      const copies = path.arrivals(500 * i)
      const at = Math.min(...copies)
      const overtakes = copies.length > 0 && firsts.some((earlier) => earlier > at)
      if (overtakes) overtaken++
      if (copies.length > 0) firsts.push(at)
      expect(told, `datagram ${i}`).toEqual([
        ...(copies.length > 1 ? ['twice'] : []),
        ...(overtakes ? ['overtakes'] : []),
      ])
    }
    expect(overtaken).toBeGreaterThan(100)
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
