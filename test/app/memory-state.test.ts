import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { goBack, type KeptMemory, keepOver } from '../../src/app/memory-state.ts'
import { Runner } from '../../src/app/runner.ts'
import { TimeMachine } from '../../src/core/machine/timemachine.ts'
import { tickAt } from './inputs.ts'

/** Typed arrays over one buffer, and beside them chance and a member, which are the library's to keep. */
const bodies = app({
  id: 'bodies@1',
  fps: 50,
  start: () => {
    const buffer = new ArrayBuffer(8 * 64)
    return { x: new Float64Array(buffer, 0, 32), v: new Float64Array(buffer, 256, 32) }
  },
  tick(s, t) {
    for (let i = 0; i < 32; i++) {
      s.v[i] = (s.v[i] as number) * 0.5 + t.random()
      s.x[i] = (s.x[i] as number) + (s.v[i] as number) + i
    }
  },
})

describe('a state that is one buffer', () => {
  test('is had back as often as one likes, with chance and all, and is the same as one that was cloned', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 20 }), (steps) => {
        const [fast, plain] = [new Runner(bodies), new Runner(bodies)]
        let tick = 0
        let kept = [keepOver(fast, undefined), plain.keep()] as const
        for (const step of steps) {
          for (let i = 0; i < step; i++, tick++) for (const runner of [fast, plain]) runner.take(tickAt(tick))
          expect(fast.digest()).toBe(plain.digest())
          if (step % 2 === 0) kept = [keepOver(fast, undefined), plain.keep()]
          else {
            goBack(fast, kept[0])
            plain.back(kept[1])
            tick = kept[0].tick + 1
            expect(fast.digest()).toBe(plain.digest())
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  test('is written over the bytes of a snapshot that nobody needs', () => {
    const runner = new Runner(bodies)
    const first = keepOver(runner, undefined)
    runner.take(tickAt(0))
    const second = keepOver(runner, first)
    expect(second.memory?.bytes).toBe(first.memory?.bytes)
    const digest = runner.digest()
    runner.take(tickAt(1))
    goBack(runner, second)
    expect(runner.digest()).toBe(digest)
  })

  test('allocates nothing for snapshots once there are as many as there will be', () => {
    const runner = new Runner(bodies)
    const seen = new Set<unknown>()
    const machine = new TimeMachine(
      {
        save: (spare: KeptMemory | undefined) => {
          const kept = keepOver(runner, spare)
          seen.add(kept.memory?.bytes)
          return kept
        },
        restore: (kept) => goBack(runner, kept),
        step: (tick) => {
          runner.take(tickAt(tick))
        },
      },
      -1,
    )
    for (let tick = 0; tick < 2_000; tick++) machine.run(tick)
    const digest = runner.digest()
    machine.change(1_000)
    machine.run(1_999)
    expect(runner.digest()).toBe(digest)
    expect(seen.size).toBeLessThanOrEqual(machine.kept.length + 4)
  })

  test.each([
    ['a number beside the views', () => ({ x: new Float64Array(4), n: 1 })],
    ['views of two buffers', () => ({ x: new Float64Array(4), y: new Float64Array(4) })],
    ['a list of views', () => ({ all: [new Float64Array(4)] })],
    ['nothing in it', () => ({})],
  ])('is none with %s, which is cloned', (_, start) => {
    const runner = new Runner(app({ id: 'other@1', fps: 50, start }))
    expect(keepOver(runner, undefined).memory).toBeUndefined()
  })
})

test('an event after a rollback changes the state that is shown', () => {
  const runner = new Runner(bodies)
  const kept = keepOver(runner, undefined)
  runner.take(tickAt(0))
  goBack(runner, kept)
  expect(runner.state.x[0]).toBe(0)
  runner.take(tickAt(0))
  expect(runner.state.x[1]).toBeGreaterThan(1)
})
