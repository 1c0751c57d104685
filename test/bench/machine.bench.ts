import { goBack, type KeptMemory, keepOver } from '../../src/app/memory-state.ts'
import { Runner } from '../../src/app/runner.ts'
import { type Rewindable, TimeMachine } from '../../src/core/machine/timemachine.ts'
import { EMPTY } from '../../src/core/wire/bytes.ts'
import { bodiesApp, inMemory, inObjects } from './bodies.ts'
import type { Case } from './measure.ts'

/**
 * A thousand moving bodies go back 8 ticks and return. Beside it the plain simulation of the same ticks from the
 * same state, and the machine's own part alone: the same restore and the same snapshots of bodies that stand still.
 */
const AT = 20_001
const BACK = 8

const returned = <S>(world: Rewindable<S>): { run: () => void; ticks: number } => {
  const machine = new TimeMachine(world, -1)
  for (let tick = 0; tick <= AT; tick++) machine.run(tick)
  const run = (): void => {
    machine.change(AT - BACK + 1)
    machine.run(AT)
  }
  const { ticks } = machine.stats
  run()
  return { run, ticks: machine.stats.ticks - ticks }
}

const plain = <S>(world: Rewindable<S>, ticks: number): (() => void) => {
  const start = world.save(undefined)
  return () => {
    world.restore(start, 0, 1)
    for (let tick = 0; tick < ticks; tick++) world.step(tick)
  }
}

const still = <S>(world: Rewindable<S>): Rewindable<S> => ({
  save: (spare) => world.save(spare),
  restore: (snapshot, tick, changed) => world.restore(snapshot, tick, changed),
  step: () => {},
})

/** A past of an hour at 50 FPS, and the way back from ten seconds ago. */
const longPast = (): (() => void) => {
  const machine = new TimeMachine(inMemory(), -1)
  const top = 3600 * 50
  for (let tick = 0; tick <= top; tick++) machine.run(tick)
  return () => {
    machine.change(top - 500 + 1)
    machine.run(top)
  }
}

/** The same as an application runs it: with members, held inputs and chance beside the state. */
const asApplication = (): Rewindable<KeptMemory> => {
  const runner = new Runner(bodiesApp())
  return {
    save: (spare) => keepOver(runner, spare),
    restore: (kept) => goBack(runner, kept),
    step: (tick) => {
      runner.take({ tick, id: 0, source: 0, number: 0, seq: 0, payload: EMPTY })
    },
  }
}

const memory = returned(inMemory())
const objects = returned(inObjects())

const cases: readonly Case[] = [
  { name: `typed arrays, ${memory.ticks} plain ticks`, run: plain(inMemory(), memory.ticks) },
  { name: `typed arrays, back ${BACK} and return`, run: memory.run },
  { name: 'typed arrays, own part of it', run: returned(still(inMemory())).run },
  { name: `typed arrays as an application, back ${BACK} and return`, run: returned(asApplication()).run },
  { name: `objects, ${objects.ticks} plain ticks`, run: plain(inObjects(), objects.ticks) },
  { name: `objects, back ${BACK} and return`, run: objects.run },
  { name: 'objects, own part of it', run: returned(still(inObjects())).run },
  { name: 'typed arrays, back 500 of an hour', run: longPast() },
]

export default cases
