import { expect, test } from 'vitest'
import { Instance } from '../../src/core/session/instance.ts'
import { type Discipline, Sequencer } from '../../src/core/session/sequencer.ts'
import { type Micros, SECOND } from '../../src/core/timeline/tick.ts'
import { States } from '../../src/lab/faults/states.ts'
import type { InstanceNode } from '../../src/lab/node.ts'
import { World } from '../../src/lab/world.ts'

const BEGUN: Micros = 3 * SECOND

/** A session in which one emits once, when all have been there for a while; and what it is at by then. */
const session = (discipline: Discipline) => {
  const sequencer = new Sequencer({ epoch: 7, fps: 25, app: 'a', instances: 2, discipline })
  const world = new World({ seed: 1, fps: 25, sequencer })
  const [first] = [1, 2].map(() =>
    world.add({
      instance: (link) => new Instance({ fps: 25, app: 'a', link }),
      up: { base: 8_000, jitter: 0 },
    }),
  ) as [InstanceNode]
  const states = new States(world)
  /** What it is at so long after the event was emitted. */
  const after = (time: Micros): readonly string[] => {
    world.run(BEGUN + time)
    return states.session().filter((state) => ['gals', 'horizon', 'switching'].includes(state))
  }
  const before = after(0)
  world.emit(first, 1)
  return { before, after }
}

test('a session in auto switches for a second after an event, and again when it was quiet for five', () => {
  const { before, after } = session('auto')
  expect(before).toEqual(['gals'])
  expect(after(0.5 * SECOND)).toEqual(['horizon', 'switching'])
  expect(after(1.1 * SECOND)).toEqual(['horizon'])
  expect(after(5.5 * SECOND)).toEqual(['gals', 'switching'])
  expect(after(6.5 * SECOND)).toEqual(['gals'])
})

test('that counts from when it happened, and not from when somebody looks', () => {
  const { after } = session('auto')
  expect(after(1.1 * SECOND)).toEqual(['horizon'])
  expect(after(8 * SECOND)).toEqual(['gals'])
})

test.each(['gals', 'horizon'] as const)('a session in %s never switches', (discipline) => {
  const { before, after } = session(discipline)
  expect([before, after(0.5 * SECOND), after(5.5 * SECOND)]).toEqual([
    [discipline],
    [discipline],
    [discipline],
  ])
})
