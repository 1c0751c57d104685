import { Random } from '../../src/core/random.ts'
import { Instance } from '../../src/core/session/instance.ts'
import { type Discipline, Sequencer } from '../../src/core/session/sequencer.ts'
import { SECOND } from '../../src/core/timeline/tick.ts'
import { experimentNetwork, type NetName } from '../../src/lab/networks.ts'
import { Schedule } from '../../src/lab/schedule.ts'
import { World } from '../../src/lab/world.ts'
import type { Case } from './measure.ts'

/** Events a second over the whole session. */
const RATE = 4

/** One virtual second of a running session a call, with all checks: a second by what it takes is the speed. */
const session = (net: NetName, size: number, fps: number, discipline: Discipline, checks = true): Case => {
  const sequencer = new Sequencer({ epoch: 1, instances: size, fps, app: 'a', discipline })
  const world = new World({ seed: 1, fps, sequencer, checks })
  for (const up of experimentNetwork(net, size).ways)
    world.add({ instance: (link) => new Instance({ fps, app: 'a', link }), up })
  const chance = new Random(2)
  const next = (): void => {
    const node = world.instances[chance.below(size)]
    if (node !== undefined) world.emit(node, 1)
    world.at(world.now + Math.ceil(chance.between(0, (2 * SECOND) / RATE)), next)
  }
  world.at(2 * SECOND, next)
  world.run(10 * SECOND)
  const name = `${size} on ${net}, ${fps} FPS, ${discipline}${checks ? '' : ', no checks'}`
  return {
    name,
    run: () => {
      world.run(world.now + SECOND)
      return world.digest
    },
  }
}

/** So many entries stand in the schedule while one goes and one comes. */
const ENTRIES = 300

const standing = (): Case => {
  const schedule = new Schedule()
  const chance = new Random(3)
  const delays = Float64Array.from({ length: 4096 }, () => chance.below(100_000))
  for (let i = 0; i < ENTRIES; i++) schedule.push(delays[i] as number, i)
  let i = 0
  return {
    name: `a push and a pop at ${ENTRIES} entries`,
    run: () => {
      const at = schedule.nextAt()
      const what = schedule.pop()
      schedule.push(at + (delays[i++ & 4095] as number), what)
      return what
    },
  }
}

const cases: Case[] = [
  session('wan', 10, 25, 'auto'),
  session('wan', 10, 25, 'auto', false),
  session('wan', 25, 25, 'auto'),
  session('wan', 10, 25, 'gals'),
  session('lan', 100, 100, 'horizon'),
  standing(),
]

export default cases
