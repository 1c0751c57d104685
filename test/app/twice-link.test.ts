import { expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'
import { DRIVEN } from '../../src/app/link.ts'
import { solo } from '../../src/app/solo.ts'

/** A clock of the test's own: ticks are due when it says so. */
const stage = (definition: Parameters<typeof app>[0]) => {
  let micros = 1
  const link = solo(app(definition as never), { clock: () => micros, twice: true, trial: false })
  const run = (ticks: number): void => {
    for (let i = 0; i < ticks; i++) {
      micros += 20_000
      while (link[DRIVEN].run());
    }
  }
  return { link, run }
}

test('an application that depends on its state and inputs alone runs as ever, each effect once', () => {
  const { link, run } = stage({
    id: 'good@1',
    fps: 50,
    events: { add: event<number>(1) },
    start: () => ({ sum: 0, chance: 0 }),
    on: {
      add: (s: { sum: number }, e: { payload: number }, t: { effect(n: string): void }) => {
        s.sum += e.payload
        t.effect('plus')
      },
    },
    tick: (s: { chance: number }, t: { random(): number }) => {
      s.chance = t.random()
    },
  } as never)
  run(3)
  ;(link as { emit(name: string, payload: unknown): unknown }).emit('add', 5)
  run(3)
  expect(link.state).toMatchObject({ sum: 5 })
  expect(link[DRIVEN].takeEffects().map(({ name }) => name)).toEqual(['plus'])
})

test('one that keeps something outside of its state is found at the first tick in which it matters', () => {
  let outside = 0
  const { run } = stage({
    id: 'bad@1',
    fps: 50,
    start: () => ({ bodies: [{ x: 0 }] }),
    tick: (s: { bodies: { x: number }[] }, t: { tick: number }) => {
      if (t.tick >= 4) outside++
      ;(s.bodies[0] as { x: number }).x = outside
    },
  } as never)
  run(3)
  expect(() => run(3)).toThrow('Tick 4, run a second time after a rollback: state.bodies[0].x: 1 / 2.')
})

test('one whose effects are others the second time is found as well, though its state is the same', () => {
  let outside = 0
  const { run } = stage({
    id: 'loud@1',
    fps: 50,
    start: () => ({ ticks: 0 }),
    tick: (s: { ticks: number }, t: { effect(name: string, data: unknown): void }) => {
      if (++s.ticks === 3) t.effect('bang', { volume: outside++ })
    },
  } as never)
  run(1)
  expect(() => run(3)).toThrow('Tick 2, run a second time after a rollback: effects[0].data.volume: 0 / 1.')
})
