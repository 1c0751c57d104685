import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../src/core/limits.ts'
import { Instance } from '../../../src/core/session/instance.ts'
import { Sequencer } from '../../../src/core/session/sequencer.ts'
import { MILLISECOND, type Micros, SECOND } from '../../../src/core/timeline/tick.ts'
import { World } from '../../../src/lab/world.ts'

const FPS = 25
const KILLED: Micros = 5 * SECOND
const END: Micros = 60 * SECOND
/** It is looked for with each beat, a second apart, and one of them may do without; then what waits is read first. */
const MOST: Micros = LIMITS.silence_max + 1.25 * SECOND + 121 * MILLISECOND

/** What holds a sequencer up, again and again, and which share of its time that is, but for the first 100 ms of each. */
const HELD_UP = {
  'not at all': { lateness: 0, every: 0, hold: () => {}, share: 0 },
  'by pauses of 300 ms': {
    lateness: 0,
    every: SECOND,
    hold: (world: World) => world.pause(world.sequencer, world.now + 300 * MILLISECOND),
    share: 0.2,
  },
  'by pauses that overlap': {
    lateness: 0,
    every: SECOND,
    hold: (world: World) => {
      world.pause(world.sequencer, world.now + 300 * MILLISECOND)
      world.at(world.now + 100 * MILLISECOND, () =>
        world.pause(world.sequencer, world.now + 250 * MILLISECOND, 'messages'),
      )
    },
    share: 0.25,
  },
  'by a machine that gives it little': {
    lateness: 0,
    every: 10 * SECOND,
    hold: (world: World) =>
      world.slow(world.sequencer, world.now + 10 * SECOND, 250 * MILLISECOND, 150 * MILLISECOND),
    share: 0.2,
  },
  'by steps of its clock': {
    lateness: 0,
    every: SECOND,
    hold: (world: World) => world.stepClock(world.sequencer, 300 * MILLISECOND),
    // They take none of the lab's time.
    share: 0,
  },
  'by timers that are late': { lateness: 40 * MILLISECOND, every: 0, hold: () => {}, share: 0.05 },
} as const

/** One of two is killed and nobody hears of it: what the checks say, and when it is given up. */
const story = (how: keyof typeof HELD_UP, change: (sequencer: Sequencer) => void) => {
  const { lateness, every, hold } = HELD_UP[how]
  const sequencer = new Sequencer({ epoch: 7, fps: FPS, app: 'a', instances: 2, discipline: 'horizon' })
  const world = new World({ seed: 1, fps: FPS, sequencer, lateness })
  const [, dead] = [1, 2].map(() =>
    world.add({
      instance: (link) => new Instance({ fps: FPS, app: 'a', link }),
      up: { base: 5_000, jitter: 1_000 },
    }),
  )
  change(sequencer)
  let goneAt = Number.NaN
  world.hearing.sequencer = (happening, at) => {
    if (happening.kind === 'gone') goneAt = at
  }
  const again = (): void => {
    hold(world)
    world.at(world.now + every, again)
  }
  if (every > 0) world.at(2 * SECOND, again)
  world.at(KILLED, () => {
    if (dead !== undefined) world.kill(dead)
  })
  world.run(END)
  return { goneAt, violations: world.finish().violations }
}

/** Each time that it is woken it takes all for heard. */
const hearsAll = (sequencer: Sequencer): void => {
  const wake = sequencer.wake.bind(sequencer)
  Reflect.set(sequencer, 'wake', (now: Micros) => {
    for (const member of sequencer.ledger.members.values()) member.heardAt = now
    wake(now)
  })
}

/** It leaves out half of each silence, however long it was held up. */
const hearsHalf = (sequencer: Sequencer): void => {
  const wake = sequencer.wake.bind(sequencer)
  let before = 0
  Reflect.set(sequencer, 'wake', (now: Micros) => {
    for (const member of sequencer.ledger.members.values())
      member.heardAt = Math.min(now, member.heardAt + (now - before) / 2)
    before = now
    wake(now)
  })
}

/** It takes each silence for twice as long, however long it was held up. */
const hearsLate = (sequencer: Sequencer): void => {
  const wake = sequencer.wake.bind(sequencer)
  let before = 0
  Reflect.set(sequencer, 'wake', (now: Micros) => {
    for (const member of sequencer.ledger.members.values()) member.heardAt -= now - before
    before = now
    wake(now)
  })
}

describe.each(Object.keys(HELD_UP) as (keyof typeof HELD_UP)[])('a sequencer that is held up %s', (how) => {
  test('gives up who is silent, and the checks find nothing in that', () => {
    const { goneAt, violations } = story(how, () => {})
    expect(violations).toEqual([])
    expect(goneAt).toBeGreaterThan(KILLED)
    expect(goneAt).toBeLessThan(KILLED + MOST / (1 - HELD_UP[how].share) + SECOND)
  })

  test.each([
    ['everybody for heard', hearsAll],
    ['half of each silence for none', hearsHalf],
  ])('and takes %s is found, once it was awake for longer than a silence may last', (_, change) => {
    const { violations } = story(how, change)
    const [found, ...more] = violations
    expect(more).toEqual([])
    expect(found?.invariant).toBe('P7')
    expect(found?.what).toMatch(
      /^instance \d is a member, and was not heard for 11\.\d\d s, of at most 11\.37$/,
    )
    const awake = ((found?.at ?? 0) - KILLED) * (1 - HELD_UP[how].share)
    expect(awake).toBeGreaterThan(MOST * 0.85)
    expect(awake).toBeLessThan(MOST * 1.15)
  })

  test('and gives up who was silent for half as long is found as it does', () => {
    const { goneAt, violations } = story(how, hearsLate)
    expect(goneAt).toBeLessThan(KILLED + LIMITS.silence_max)
    expect(violations.map(({ at, invariant }) => ({ at, invariant }))).toEqual([
      { at: goneAt, invariant: 'P7' },
    ])
    expect(violations[0]?.what).toMatch(
      /^instance \d is given up as silent, and was not heard for \d\.\d\d s, of at least 10\.00$/,
    )
  })
})
