import { expect, test } from 'vitest'
import { Instance } from '../../src/core/session/instance.ts'
import { Sequencer } from '../../src/core/session/sequencer.ts'
import { MILLISECOND, type Micros, SECOND } from '../../src/core/timeline/tick.ts'
import type { InstanceNode } from '../../src/lab/node.ts'
import { World } from '../../src/lab/world.ts'

const LOOK: Micros = 250 * MILLISECOND
/** Both between two looks, with acts of all in the time between. */
const FROM: Micros = 20 * SECOND + 10 * MILLISECOND
const UNTIL: Micros = 20 * SECOND + 240 * MILLISECOND

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

/** From one moment to another what a machine says of a place is changed, and right again before the next look. */
const astray = (world: World, machine: object, what: string, wrong: (right: Micros) => Micros): void => {
  world.at(FROM, () => {
    const right = Reflect.get(machine, what) as (now: Micros) => Micros
    Reflect.set(machine, what, (now: Micros) => wrong(right.call(machine, now)))
  })
  world.at(UNTIL, () => Reflect.deleteProperty(machine, what))
}

test('P9: an instance that is elsewhere between two looks only is seen as it acts', () => {
  const { world, first } = session()
  astray(world, first.machine, 'position', (right) => right + 20 * MILLISECOND)
  world.run(30 * SECOND)
  const { violations } = world.finish()
  expect(violations.map(({ what }) => what).join()).toContain('ahead of the reference')
  for (const { invariant, at } of violations) {
    expect(invariant).toBe('P9')
    expect(at).toBeGreaterThanOrEqual(FROM)
    expect(at).toBeLessThanOrEqual(UNTIL)
    expect(at % LOOK).not.toBe(0)
  }
})

test('P9: an instance that goes back between two looks only is seen as it acts', () => {
  const { world, first } = session()
  astray(world, first.machine, 'position', (right) => right - 500 * MILLISECOND)
  world.run(30 * SECOND)
  const { violations } = world.finish()
  expect(violations.map(({ what }) => what).join()).toMatch(new RegExp(`instance ${first.id} moves by -`))
})

test('P9: a reference that runs ahead between two looks only is seen as the sequencer acts', () => {
  const { world } = session()
  astray(world, world.sequencer.machine, 'reference', (right) => right + SECOND)
  world.run(30 * SECOND)
  const { violations } = world.finish()
  expect(violations.map(({ what }) => what).join()).toContain('the reference moves by')
})

test('looking disturbs nothing', () => {
  const [seen, unseen] = [session(), session(false)]
  for (const { world, first } of [seen, unseen]) {
    world.at(3 * SECOND, () => world.emit(first, 1))
    world.run(30 * SECOND)
  }
  expect(seen.world.finish().violations).toEqual([])
  expect(unseen.world.digest).toBe(seen.world.digest)
})
