import { expect, test, vi } from 'vitest'
import { Instance } from '../../../src/core/session/instance.ts'
import { Sequencer } from '../../../src/core/session/sequencer.ts'
import { MILLISECOND, type Micros, SECOND } from '../../../src/core/timeline/tick.ts'
import { HealthChecks } from '../../../src/lab/checks/health.ts'
import { PromiseChecks } from '../../../src/lab/checks/promises.ts'
import { storyOf } from '../../../src/lab/faults/draw.ts'
import { play } from '../../../src/lab/faults/play.ts'
import type { Story } from '../../../src/lab/faults/story.ts'
import type { InstanceNode } from '../../../src/lab/node.ts'
import { Positions } from '../../../src/lab/watch/positions.ts'
import { Standing } from '../../../src/lab/watch/standing.ts'
import { World } from '../../../src/lab/world.ts'

/** Both between two looks of 250 ms, with acts of all in the time between. */
const FROM: Micros = 8 * SECOND + 10 * MILLISECOND
const UNTIL: Micros = 8 * SECOND + 240 * MILLISECOND
const END: Micros = 12 * SECOND

const session = (): { world: World; first: InstanceNode } => {
  const sequencer = new Sequencer({ epoch: 7, fps: 25, app: 'a', instances: 3, discipline: 'horizon' })
  const world = new World({ seed: 1, fps: 25, sequencer })
  const nodes = [1, 2, 3].map(() =>
    world.add({
      instance: (link) => new Instance({ fps: 25, app: 'a', link }),
      up: { base: 8_000, jitter: 1_500 },
    }),
  )
  return { world, first: nodes[0] as InstanceNode }
}

/** What the checks say when something of a machine is wrong from one moment to another between two looks. */
const said = (world: World, machine: object, what: string, wrong: unknown): string[] => {
  world.at(FROM, () => Reflect.set(machine, what, wrong))
  world.at(UNTIL, () => Reflect.deleteProperty(machine, what))
  world.run(END)
  const { violations } = world.finish()
  for (const { at } of violations) expect(at > FROM && at < UNTIL).toBe(true)
  return violations.map(({ invariant, what }) => `${invariant}: ${what}`)
}

const TOO_MANY = () => ({ pending: { size: 9, limit: 8 } })

test('P8: a limit of an instance that is broken between two looks only is seen as the instance acts', () => {
  const { world, first } = session()
  expect(said(world, first.machine, 'sizes', TOO_MANY)).toContain(
    `P8: instance ${first.id} holds 9 of at most 8 pending`,
  )
})

test('P8: a limit of the sequencer that is broken between two looks only is seen as the sequencer acts', () => {
  const { world } = session()
  expect(said(world, world.sequencer.machine, 'sizes', TOO_MANY)).toContain(
    'P8: the sequencer holds 9 of at most 8 pending',
  )
})

test('P9: an instance that goes back as it acts is seen, be it farther by then than at the last look', () => {
  const { world, first } = session()
  const { machine } = first
  world.at(FROM + 100 * MILLISECOND, () => {
    const [receive, position] = [machine.receive.bind(machine), machine.position.bind(machine)]
    let back = 0
    Reflect.set(machine, 'position', (now: Micros) => position(now) - back)
    Reflect.set(machine, 'receive', (...given: Parameters<typeof receive>) => {
      receive(...given)
      back = 5 * MILLISECOND
    })
  })
  world.run(END)
  const [found] = world.finish().violations
  expect(found?.what).toBe(`instance ${first.id} moves by -5000 in 0 us`)
  expect(found?.at).toBeLessThan(UNTIL)
})

/** An instance that runs nothing from one moment to another, while nothing seems wrong with it. */
const standing = (until: Micros): string[] => {
  const { world, first } = session()
  const { machine } = first
  world.at(4 * SECOND + 10 * MILLISECOND, () => {
    Reflect.set(machine, 'take', () => undefined)
    Reflect.set(machine, 'nextInput', () => Number.POSITIVE_INFINITY)
  })
  world.at(until, () => {
    Reflect.deleteProperty(machine, 'take')
    Reflect.deleteProperty(machine, 'nextInput')
  })
  world.run(END)
  return world.finish().violations.map(({ invariant, at }) => `${invariant} at ${at}`)
}

test('P7: who stands for too long is seen before it goes on, though no look comes in between', () => {
  // A lease of two seconds, 1.2 ticks of 40 ms and both ways: over between the looks at 6.0 and 6.25 s.
  expect(standing(6 * SECOND + 40 * MILLISECOND)).toEqual([])
  const [found, ...more] = standing(6 * SECOND + 240 * MILLISECOND)
  expect(more).toEqual([])
  expect(found).toMatch(/^P7 at 6[12]\d{5}$/)
})

/** An instance that says nothing after its event has come and until it emits again, while nothing seems wrong with it. */
const silent = (until: Micros): readonly string[] => {
  const { world, first } = session()
  const { machine } = first
  const { sequencer } = world
  const outgoing = machine.outgoing.bind(machine)
  world.at(6_350 * MILLISECOND, () => world.emit(first, 1))
  world.at(6_400 * MILLISECOND, () =>
    Reflect.set(machine, 'outgoing', () => {
      outgoing()
      return []
    }),
  )
  // The sequencer says otherwise.
  world.at(FROM, () => {
    const member = sequencer.machine.ledger.members.get(first.id)
    if (member !== undefined) member.heardAt = sequencer.clock.local(FROM)
  })
  world.at(until, () => {
    Reflect.deleteProperty(machine, 'outgoing')
    world.emit(first, 1)
  })
  world.run(END)
  return world.finish().violations.map(({ invariant, at, what }) => `${invariant} at ${at}: ${what}`)
}

test('P7: a silence that is too long is seen as it ends, whatever the sequencer says of it', () => {
  // Of 1.3 s, both ways, and 0.4 s that a timer may be late: over between the looks at 8.0 and 8.25 s.
  expect(silent(8 * SECOND + 40 * MILLISECOND)).toEqual([])
  const [found, ...more] = silent(8 * SECOND + 200 * MILLISECOND)
  expect(more).toEqual([])
  expect(found).toMatch(/^P7 at 82[0-3]\d{4}: instance \d was not heard for 1\.8\d s/)
})

const guesses = ({ members }: Story): boolean => members.some(({ predicts }) => predicts)

test('a story is the same with all checks and without any', () => {
  for (const seed of [9, 22, 228]) {
    const story = storyOf(seed)
    expect(guesses(story)).toBe(false)
    expect(play(story).digest).toBe(play(story, { checks: false }).digest)
  }
})

/** Nothing is looked at when somebody acts. */
const blind = () => [
  vi.spyOn(HealthChecks.prototype, 'holds').mockReturnValue(),
  vi.spyOn(PromiseChecks.prototype, 'runs').mockReturnValue(),
  vi.spyOn(Positions.prototype, 'step').mockReturnValue(),
  vi.spyOn(Standing.prototype, 'hears').mockReturnValue(),
  vi.spyOn(Standing.prototype, 'pulled').mockReturnValue(),
]

// Who guesses takes what is certain as it runs its guesses, and each look asks it to: without any it takes later.
test('nor does a look at an act change anything where somebody guesses', () => {
  for (const seed of [116, 137, 173]) {
    const story = storyOf(seed)
    expect(guesses(story)).toBe(true)
    const { digest } = play(story)
    const spies = blind()
    try {
      expect(play(story).digest).toBe(digest)
      for (const spy of spies) expect(spy).toHaveBeenCalled()
    } finally {
      for (const spy of spies) spy.mockRestore()
    }
  }
})
