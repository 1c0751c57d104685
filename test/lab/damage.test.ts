import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import type { DamageSort } from '../../src/lab/damage.ts'
import { storyOf } from '../../src/lab/faults/draw.ts'
import { shrink } from '../../src/lab/faults/shrink.ts'
import type { State } from '../../src/lab/faults/states.ts'
import type { Deed, Story } from '../../src/lab/faults/story.ts'
import { DAMAGES } from '../../src/lab/faults/table.ts'
import { Path, type Way } from '../../src/lab/path.ts'
import { does, rowOf, tableOf, without, withWays } from './ways.ts'

/** Wrong bits and a missing end are faults of their own, each counted when something really is damaged like that. */

const SORTS = ['bits', 'end'] as const
const SHARES = { bits: 'corrupt', end: 'truncate' } as const

/** In each of these there is a message for every deed that waits for one. */
const STORIES = [13, 37, 39].map((seed) =>
  storyOf(seed, { always: ['damages', 'datagrams', 'damagedDatagrams'], trouble: 4_000_000 }),
)

const withDamages = (story: Story, ...sorts: readonly DamageSort[]): Story => ({
  ...story,
  deeds: story.deeds.flatMap((deed): Deed[] =>
    deed.kind === 'damage' ? sorts.map((how) => ({ ...deed, how })) : [deed],
  ),
})

const DEEDS = STORIES.flatMap(({ deeds }) => deeds.filter(({ kind }) => kind === 'damage')).length

/** A session is in one of these at any moment. */
const ONE_OF: readonly State[] = ['lobby', 'gals', 'horizon']

describe.each(SORTS)('where there is no damage but of one sort (%s)', (how) => {
  const other = how === 'bits' ? 'end' : 'bits'

  test('it is counted, each deed once, and the other is not', () => {
    const table = tableOf(
      STORIES.map((story) =>
        withDamages(
          withWays(story, (way) => without(way, SHARES[other])),
          how,
        ),
      ),
    )
    expect(rowOf(table, DAMAGES.way[how], ONE_OF)).toBeGreaterThan(100)
    expect(rowOf(table, DAMAGES.deed[how], ONE_OF)).toBe(DEEDS)
    for (const by of ['deed', 'way'] as const) expect(rowOf(table, DAMAGES[by][other]), by).toBe(0)
  })

  test('the shrinker keeps it alone', () => {
    const story = STORIES.find((each) => does(each, 'corrupt') && does(each, 'truncate')) as Story
    const small = shrink(story, { isWrong: (each) => does(each, SHARES[how]) })
    expect([does(small, SHARES[how]), does(small, SHARES[other])]).toEqual([true, false])
  })
})

test('neither a share of which nothing comes is counted, nor a deed that another one replaces at once', () => {
  const table = tableOf(
    STORIES.map((story) =>
      withDamages(
        withWays(story, (way) =>
          way.corrupt === undefined ? way : { ...way, corrupt: 1e-12, truncate: 1e-12 },
        ),
        'bits',
        'end',
      ),
    ),
  )
  for (const how of SORTS) expect(rowOf(table, DAMAGES.way[how]), how).toBe(0)
  expect(rowOf(table, DAMAGES.deed.bits)).toBe(0)
  expect(rowOf(table, DAMAGES.deed.end, ONE_OF)).toBe(DEEDS)
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
    const how = (i: number): DamageSort => (i % 2 === 0 ? 'bits' : 'end')
    const { told, seen } = sent({ base: 5_000, jitter: 0 }, (path, bytes, i) => {
      if (i % 3 === 0) path.damageNext(how(i), new Random(i))
      return [path.through(bytes)]
    })
    expect(seen.length).toBeGreaterThan(600)
    expect(told).toEqual(seen.map((each) => `${each} by deed`))
  })
})
