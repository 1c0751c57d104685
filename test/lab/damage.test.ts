import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { storyOf } from '../../src/lab/faults/draw.ts'
import { play } from '../../src/lab/faults/play.ts'
import { ALL_STATES, type State } from '../../src/lab/faults/states.ts'
import type { Deed, MemberStory, Story } from '../../src/lab/faults/story.ts'
import { DAMAGES, Table } from '../../src/lab/faults/table.ts'
import { Path, type Way, type Wound } from '../../src/lab/network.ts'

/** Wrong bits and a missing end are faults of their own, each counted when something really is damaged like that. */

const SORTS = ['bits', 'end'] as const
const SHARES = { bits: 'corrupt', end: 'truncate' } as const

const STORIES = Array.from({ length: 40 }, (_, i) =>
  storyOf(i + 1, { always: ['damages', 'datagrams', 'damagedDatagrams'], trouble: 10_000_000 }),
)

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

const withoutShare = (story: Story, ...names: ('corrupt' | 'truncate')[]): Story =>
  plainly((way) => {
    const left: { -readonly [K in keyof Way]: Way[K] } = { ...way }
    for (const name of names) delete left[name]
    return left
  }, story)

const withDeeds = (story: Story, keeps: (deed: Deed) => boolean): Story => ({
  ...story,
  deeds: story.deeds.filter(keeps),
})

const tableOf = (stories: readonly Story[]): Table => {
  const table = new Table()
  for (const story of stories) table.add(play(story).table)
  return table
}

const rowOf = (table: Table, fault: string, states: readonly State[] = ALL_STATES): number =>
  states.reduce((sum, state) => sum + table.of(fault, state), 0)

/** A session is in one of these at any moment. */
const ONE_OF: readonly State[] = ['lobby', 'gals', 'horizon']

const isDamage = (deed: Deed): boolean => deed.kind === 'damage'
const damagesOf = (stories: readonly Story[]): number =>
  stories.reduce((sum, { deeds }) => sum + deeds.filter(isDamage).length, 0)

describe.each(SORTS)('where there is no damage but of one sort (%s)', (how) => {
  const other = how === 'bits' ? 'end' : 'bits'
  const stories = STORIES.map((story) =>
    withDeeds(withoutShare(story, SHARES[other]), (deed) => deed.kind !== 'damage' || deed.how === how),
  )
  const table = tableOf(stories)

  test('it is counted, and the other is not', () => {
    for (const by of ['deed', 'way'] as const) {
      expect(rowOf(table, DAMAGES[by][how]), by).toBeGreaterThan(10)
      expect(rowOf(table, DAMAGES[by][other]), by).toBe(0)
    }
  })

  test('a deed is counted once at most', () => {
    expect(damagesOf(stories)).toBeGreaterThan(10)
    expect(rowOf(table, DAMAGES.deed[how], ONE_OF)).toBeLessThanOrEqual(damagesOf(stories))
  })
})

test('ways that damage nothing, and no deeds: no damage is counted', () => {
  const table = tableOf(
    STORIES.map((story) =>
      withDeeds(withoutShare(story, 'corrupt', 'truncate'), (deed) => deed.kind !== 'damage'),
    ),
  )
  for (const { bits, end } of Object.values(DAMAGES))
    for (const fault of [bits, end]) expect(rowOf(table, fault), fault).toBe(0)
})

test('a share so small that nothing is ever damaged is no fault that befell anybody', () => {
  const table = tableOf(
    STORIES.map((story) =>
      plainly(
        (way) => (way.corrupt === undefined ? way : { ...way, corrupt: 1e-12, truncate: 1e-12 }),
        story,
      ),
    ),
  )
  for (const how of SORTS) expect(rowOf(table, DAMAGES.way[how])).toBe(0)
})

test('a deed before anything is sent after it is replaced by the next, and only that is counted', () => {
  const twice = STORIES.map((story) => ({
    ...withoutShare(story, 'corrupt', 'truncate'),
    deeds: story.deeds.flatMap((deed): Deed[] =>
      deed.kind === 'damage'
        ? [
            { ...deed, how: 'bits' },
            { ...deed, how: 'end' },
          ]
        : [deed],
    ),
  }))
  const table = tableOf(twice)
  expect(rowOf(table, DAMAGES.deed.bits)).toBe(0)
  expect(rowOf(table, DAMAGES.deed.end)).toBeGreaterThan(10)
})

describe('a way tells of what it damages', () => {
  const WAY: Way = { base: 5_000, jitter: 1_000, duplicate: 0.3, corrupt: 0.3, truncate: 0.3 }

  /** What was told of, and what came of what was sent. */
  const sent = (way: Way, send: (path: Path, bytes: Uint8Array, i: number) => readonly Uint8Array[]) => {
    const path = new Path(way, new Random(7))
    const told: string[] = []
    const seen: string[] = []
    path.onDamage = (how, by) => told.push(`${how} by ${by}`)
    for (let i = 0; i < 2_000; i++) {
      // Of a single byte a bit is turned over twice at times.
      const bytes = Uint8Array.of(i & 255)
      for (const after of send(path, bytes, i)) {
        if (after.length < bytes.length) seen.push('end')
        else if (after[0] !== bytes[0]) seen.push('bits')
      }
    }
    return { told, seen }
  }

  test('each datagram that is not what it was, doubles too, and no other', () => {
    const { told, seen } = sent(WAY, (path, bytes, i) =>
      path.arrivals(1_000_000 * i).map(() => path.throughDatagram(bytes)),
    )
    expect(seen.filter((how) => how === 'bits').length).toBeGreaterThan(400)
    expect(seen.filter((how) => how === 'end').length).toBeGreaterThan(300)
    expect(told).toEqual(seen.map((how) => `${how} by way`))
  })

  test('and the message that a deed damages, of a stream', () => {
    const how = (i: number): Wound => (i % 2 === 0 ? 'bits' : 'end')
    const { told, seen } = sent({ base: 5_000, jitter: 0 }, (path, bytes, i) => {
      if (i % 3 === 0) path.damageNext(how(i), new Random(i))
      return [path.through(bytes)]
    })
    expect(seen.length).toBeGreaterThan(600)
    expect(told).toEqual(seen.map((each) => `${each} by deed`))
  })
})
