import { expect, test } from 'vitest'
import { Instance } from '../../../src/core/session/instance.ts'
import { Sequencer } from '../../../src/core/session/sequencer.ts'
import { MILLISECOND, type Micros, SECOND } from '../../../src/core/timeline/tick.ts'
import type { InstanceNode } from '../../../src/lab/node.ts'
import { World } from '../../../src/lab/world.ts'

const LOOK: Micros = 250 * MILLISECOND
/** Both between two looks, with acts of all in the time between. */
const FROM: Micros = 8 * SECOND + 10 * MILLISECOND
const UNTIL: Micros = 8 * SECOND + 240 * MILLISECOND
const END: Micros = 12 * SECOND

const session = (checks = true): { world: World; first: InstanceNode } => {
  const sequencer = new Sequencer({ epoch: 7, fps: 25, app: 'a', instances: 3, discipline: 'horizon' })
  const world = new World({ seed: 1, fps: 25, sequencer, checks })
  const nodes = [1, 2, 3].map(() =>
    world.add({
      instance: (link) => new Instance({ fps: 25, app: 'a', link }),
      up: { base: 8_000, jitter: 1_500 },
    }),
  )
  return { world, first: nodes[0] as InstanceNode }
}

/** What a machine says of a place is wrong from one moment to another, and right again before the next look. */
const astray = (world: World, machine: object, what: string, wrong: (right: Micros) => Micros): string[] => {
  world.at(FROM, () => {
    const right = Reflect.get(machine, what) as (now: Micros) => Micros
    Reflect.set(machine, what, (now: Micros) => wrong(right.call(machine, now)))
  })
  world.at(UNTIL, () => Reflect.deleteProperty(machine, what))
  world.run(END)
  const { violations } = world.finish()
  // That it is right again is a jump as well.
  const found = violations.filter(({ at, what }) => at <= UNTIL || !what.includes('moves by'))
  for (const { invariant, at } of found) {
    expect(invariant).toBe('P9')
    expect(at).toBeGreaterThanOrEqual(FROM)
    expect(at).toBeLessThanOrEqual(UNTIL)
    expect(at % LOOK).not.toBe(0)
  }
  return found.map(({ what }) => what)
}

test('P9: an instance that is elsewhere between two looks only is seen as it acts', () => {
  const { world, first } = session()
  const found = astray(world, first.machine, 'position', (right) => right + 20 * MILLISECOND)
  expect(found.join()).toContain('ahead of the reference')
})

test('P9: an instance that goes back between two looks only is seen as it acts', () => {
  const { world, first } = session()
  const found = astray(world, first.machine, 'position', (right) => right - 500 * MILLISECOND)
  expect(found.join()).toMatch(new RegExp(`instance ${first.id} moves by -`))
})

test('P9: a reference that runs ahead between two looks only is seen as the sequencer acts', () => {
  const { world } = session()
  const found = astray(world, world.sequencer.machine, 'reference', (right) => right + SECOND)
  expect(found.join()).toContain('the reference moves by')
})

test('looking disturbs nothing', () => {
  const [seen, unseen] = [session(), session(false)]
  for (const { world, first } of [seen, unseen]) {
    world.at(3 * SECOND, () => world.emit(first, 1))
    world.run(END)
  }
  expect(seen.world.finish().violations).toEqual([])
  expect(unseen.world.digest).toBe(seen.world.digest)
})
