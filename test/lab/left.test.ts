import { expect, test } from 'vitest'
import { Instance } from '../../src/core/session/instance.ts'
import { type Discipline, Sequencer } from '../../src/core/session/sequencer.ts'
import { MILLISECOND, type Micros, SECOND } from '../../src/core/timeline/tick.ts'
import { World } from '../../src/lab/world.ts'

const APP = 'a@1'
const FPS = 25
const WAY = { base: 10 * MILLISECOND, jitter: 0 }
const LEAVES: Micros = 12 * SECOND

/** One hears nothing for nine seconds and leaves, with an event on its way or without; then another comes. */
const secondOfTwo = (discipline: Discipline, emits: boolean): { late: Micros[]; frozen: Micros } => {
  const sequencer = new Sequencer({ epoch: 1, instances: 1, fps: FPS, app: APP, discipline })
  const world = new World({ seed: 1, fps: FPS, sequencer })
  const add = (at: Micros) =>
    world.add({ instance: (link) => new Instance({ fps: FPS, app: APP, link }), up: WAY, at })
  const first = add(0)
  const second = add(LEAVES + 3 * SECOND)
  world.at(3 * SECOND, () => world.clog(first, 10 * SECOND, 'down'))
  if (emits) world.at(LEAVES - 100 * MILLISECOND, () => world.emit(first, 1))
  world.at(LEAVES, () => world.leave(first))
  const emitted = new Map<number, Micros>()
  for (const later of [4, 6, 8])
    world.at(LEAVES + later * SECOND, () => emitted.set(world.emit(second, 1) as number, world.now))
  const late: Micros[] = []
  world.hearing.input = (node, input, at) => {
    if (node === second && input.source === second.id) late.push(at - (emitted.get(input.number) as Micros))
  }
  world.run(LEAVES + 12 * SECOND)
  expect(world.finish().violations).toEqual([])
  expect(late).toHaveLength(3)
  return { late, frozen: second.machine.stats.frozenMicros }
}

test.each(['gals', 'horizon', 'auto'] as const)(
  'who comes when all have left does not wait for what the last was granted or stamped, in %s',
  (discipline) => {
    for (const emits of [false, true]) {
      const { late, frozen } = secondOfTwo(discipline, emits)
      expect(Math.max(...late)).toBeLessThanOrEqual(300 * MILLISECOND)
      expect(frozen).toBeLessThan(20 * MILLISECOND)
    }
  },
)
