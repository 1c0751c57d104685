import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Invariant } from '../../src/lab/checks.ts'
import { storyOf } from '../../src/lab/faults/draw.ts'
import { ALL_KINDS } from '../../src/lab/faults/kinds.ts'
import { play } from '../../src/lab/faults/play.ts'
import { type Counted, search } from '../../src/lab/faults/search.ts'
import { liarsOf, type Story } from '../../src/lab/faults/story.ts'
import { FAULTS, faultOf, lastingOf } from '../../src/lab/faults/table.ts'

/** Random worlds: whatever happens in them, the invariants hold, and what these guard does happen. */

const SEEDS = 300
const seeds = (count: number, from = 1): number[] => Array.from({ length: count }, (_, i) => from + i)

describe('in hundreds of random worlds', () => {
  const searched = search(1, SEEDS, { all: true })

  test('all invariants hold', () => {
    expect(searched.found.map(({ seed, violations, error }) => ({ seed, error, violations }))).toEqual([])
    expect(searched.runs).toBe(SEEDS)
  })

  /** What must have happened for a check to be worth something, in how many worlds at least. */
  const GUARDED: Readonly<Record<Invariant, Partial<Record<Counted, number>>>> = {
    P1: { sharedTicks: 100, stampsBelowEarlier: 10, lateJoins: 50 },
    P2: { stampsHeldUp: 10, pendingAtDeparture: 50 },
    P3: { freezes: 100, stampsWhileSilent: 30 },
    P4: { stampsAboveFloor: 50, stampsBelowEarlier: 10, stampsHeldUp: 10, stampsWhileSilent: 30 },
    P5: { ticks: 250, events: 250, catchUps: 50 },
    P6: { refusals: 4, pendingAtDeparture: 50, departures: 100 },
    P7: {
      freezesOfHealthy: 100,
      longestFreeze: 10,
      delays: 15,
      heardFrozen: 5,
      distrusted: 30,
      pauses: 100,
      owed: 30,
      roundsRunOut: 30,
      frozenForRounds: 5,
    },
    P8: { full: 8 },
    P9: { positions: 100, corrections: 100 },
  }

  test.each(Object.entries(GUARDED))('%s guards states that were reached', (_invariant, states) => {
    const names = Object.keys(states) as Counted[]
    const reached = Object.fromEntries(names.map((name) => [name, searched.reached[name]]))
    for (const name of names)
      expect(reached, name).toSatisfy(() => (reached[name] ?? 0) >= (states[name] ?? 0))
  })

  test('every state that is counted was reached', () => {
    const never = Object.entries(searched.reached).filter(([, count]) => count === 0)
    expect(never).toEqual([])
  })

  test('much is agreed, and the distances allowed are taken up', () => {
    expect(searched.coverage.events).toBeGreaterThan(40 * SEEDS)
    expect(searched.coverage.widestShare).toBeGreaterThan(0.5)
    expect(searched.coverage.delayedShare).toBeGreaterThan(0.05)
  })
})

test('a seed tells the same story always, and another seed another', () => {
  expect(storyOf(7)).toEqual(storyOf(7))
  expect(storyOf(8)).not.toEqual(storyOf(7))
})

test('a story is plain data', () => {
  for (const seed of seeds(30)) {
    const story = storyOf(seed)
    expect(JSON.parse(JSON.stringify(story))).toEqual(story)
  }
})

test('the same story has the same run, byte for byte', () => {
  for (const seed of seeds(25)) {
    const story = storyOf(seed)
    const kept = JSON.parse(JSON.stringify(story)) as Story
    expect(play(kept).digest).toBe(play(story).digest)
  }
})

test('a search runs some seeds twice, and says of which it was not the same', () => {
  const { runs, twice, unequal } = search(1, 12, { all: true, twiceIn: 4 })
  expect([runs, twice, unequal]).toEqual([12, 3, []])
})

test('applications that are given inputs when they are due get the same', () => {
  for (const seed of seeds(25, 100)) {
    const story = storyOf(seed)
    const eager = play(story, { eager: true })
    // One that predicts asks for a tick that it has not run yet: which one depends on when it is given its inputs.
    if (!story.members.some(({ predicts }) => predicts))
      expect([seed, eager.digest]).toEqual([seed, play(story).digest])
    expect(eager.findings.violations).toEqual([])
  }
})

test('stories are about few and many, slow and fast, and liars are a minority', () => {
  const stories = seeds(400).map((seed) => storyOf(seed))
  const mean = (numbers: number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length
  // Whoever is begun anew, or comes again, takes the place of one who was there.
  const members = stories.map((story) => story.members.filter(({ after }) => after === undefined).length)
  expect([Math.min(...members), Math.max(...members)]).toEqual([2, 7])
  expect(mean(members)).toBeCloseTo(4, 0)
  expect(mean(stories.map((story) => story.session.fps))).toBeGreaterThan(25)
  expect(mean(stories.map((story) => story.session.fps))).toBeLessThan(40)
  for (const story of stories) expect(liarsOf(story).size).toBeLessThan(story.members.length / 2)
  const befalls = new Set(stories.flatMap((story) => story.deeds.map(faultOf)))
  const lasts = new Set(stories.flatMap((story) => story.members.flatMap((_, i) => lastingOf(story, i))))
  const again = ['restart', 'comes again']
  expect(
    FAULTS.filter((fault) => !befalls.has(fault) && !lasts.has(fault) && !again.includes(fault)),
  ).toEqual([])
  expect(stories.some((story) => story.members.some(({ after }) => after !== undefined))).toBe(true)
})

test('a kind that is banned takes its own deeds away and leaves all others', () => {
  const kinds = ALL_KINDS.filter((kind) => kind !== 'disconnects')
  for (const seed of seeds(50)) {
    const others = storyOf(seed).deeds.filter((deed) => deed.kind !== 'disconnect')
    expect(storyOf(seed, { kinds }).deeds).toEqual(others)
  }
})

test('an address changes only where datagrams have one', () => {
  const changes = seeds(200).flatMap((seed) => {
    const { deeds, members } = storyOf(seed, { always: ['readdresses', 'datagrams'] })
    return deeds.flatMap(({ kind, who }) => (kind === 'readdress' ? [members[who - 1]?.datagrams] : []))
  })
  expect(changes.length).toBeGreaterThan(100)
  expect(changes.every((datagrams) => datagrams === true)).toBe(true)
})

test('a deed that is taken away leaves the story playable', () => {
  for (const seed of seeds(10)) {
    const story = storyOf(seed)
    const deeds = story.deeds.filter((_, i) => i % 2 === 0)
    expect(play({ ...story, deeds }).findings.violations).toEqual([])
  }
})

const STORIES = new URL('./stories/', import.meta.url)

/** Stories in which something was wrong once, kept as they were. */
describe('what was found does not come back', () => {
  for (const file of readdirSync(STORIES))
    test(file.replace('.json', ''), () => {
      const story = JSON.parse(readFileSync(new URL(file, STORIES), 'utf8')) as Story
      expect(play(story).findings.violations).toEqual([])
    })
})
