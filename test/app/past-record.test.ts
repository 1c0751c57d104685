import { afterEach, describe, expect, test, vi } from 'vitest'
import { PastRecord } from '../../src/app/past-record.ts'
import { PastViewer } from '../../src/app/past-viewer.ts'
import { encodePayload } from '../../src/app/payload.ts'
import { Runner } from '../../src/app/runner.ts'
import { eventAt, joinAt, tickAt } from './inputs.ts'
import { type Walker, walker, walkerInMemory } from './past-stage.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('what is kept', () => {
  const recordOf = (ticksMax: number, of = walker, listener = {}) => {
    const runner = new Runner(of as typeof walker) as unknown as Runner
    const record = new PastRecord(runner, ticksMax, listener)
    const run = (input: ReturnType<typeof tickAt>): void => {
      runner.take(input)
      record.took(input)
    }
    const to = (tick: number): void => {
      while (record.local < tick) run(tickAt(record.local + 1))
    }
    return { runner, record, run, to }
  }

  test('is as much as was asked for, and at most half as much again', () => {
    const { record, to } = recordOf(1_000)
    for (let tick = 2_000; tick < 12_000; tick++) {
      to(tick)
      expect(tick - record.from).toBeGreaterThanOrEqual(1_000)
      expect(tick - record.from).toBeLessThanOrEqual(1_502)
    }
  })

  test('grows with the logarithm, and so does what a rollback leaves', () => {
    const { record, runner, to } = recordOf(1e6)
    to(19_000)
    const then = runner.keep()
    to(20_000)
    expect(record.size.snapshots).toBeLessThan(2 * Math.log2(20_000) + 3)
    for (let i = 0; i < 50; i++) {
      runner.back(then)
      record.wentBack(19_000, 19_001)
      to(20_000)
    }
    expect(record.size.snapshots).toBeLessThan(2 * Math.log2(20_000) + 3)
  })

  test('is had back by at most 2n ticks and one restore, n ticks ago, wherever one looked before', () => {
    const { runner, record, to } = recordOf(1e6)
    const viewer = new PastViewer<Walker>(record, runner)
    let dearest = 0
    let state = 7
    const chance = (): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return state / 2 ** 32
    }
    for (let i = 0; i < 600; i++) {
      to(record.local + Math.floor(40 * chance()))
      const n = 1 + Math.floor(record.local * chance() ** 3)
      const tick = record.local + 1 - n
      const run = vi.spyOn(Runner.prototype, 'take')
      const restored = vi.spyOn(Runner.prototype, 'become')
      viewer.seek(tick)
      expect(run.mock.calls.length).toBeLessThanOrEqual(2 * n)
      expect(restored.mock.calls.length).toBeLessThanOrEqual(1)
      dearest = Math.max(dearest, run.mock.calls.length / n)
      vi.restoreAllMocks()
      expect(viewer.state.ticks).toBe(tick + 1)
    }
    expect(dearest).toBeGreaterThan(0.5)
  })

  test('is cheap to play backwards, however far it lies', () => {
    const { runner, record, to } = recordOf(1e6)
    to(60_000)
    const viewer = new PastViewer<Walker>(record, runner)
    viewer.seek(20_000)
    const run = vi.spyOn(Runner.prototype, 'take')
    for (let tick = 19_999; tick > 15_000; tick--) viewer.seek(tick)
    expect(run.mock.calls.length / 5_000).toBeLessThan(14)
  })

  test.each([
    ['without being told', false],
    ['and is told', true],
  ])(
    'begins anew where the run was handed another state, %s, and nobody looks at the old one',
    (_, isTold) => {
      let viewer: PastViewer<Walker> | undefined
      const { runner, record, run, to } = recordOf(1e6, walker, {
        voidFrom: (tick: number) => viewer?.voidFrom(tick),
      })
      viewer = new PastViewer<Walker>(record, runner)
      to(100)
      for (const tick of [100, 98, 99]) viewer.seek(tick)
      const other = recordOf(1e6)
      other.run(joinAt(0, 1))
      other.run(eventAt(0, 1, 1, 5))
      const at = isTold ? 100 : 104
      other.to(at)
      runner.become(other.runner.keep().world)
      if (isTold) record.tookOver(at)
      run(eventAt(at + 1, 1, 1, 1))
      to(at + 20)
      expect(record.range).toEqual({ from: at, to: at + 20 })
      for (const tick of [at, at + 1, at + 12]) {
        viewer.seek(tick)
        if (tick > at || isTold) expect(viewer.state).toMatchObject({ ticks: tick + 1 })
        expect(viewer.state.log.length).toBeGreaterThan(0)
      }
    },
  )

  test('is copied seldom by one who is far behind, and as finely as ever where it arrives', () => {
    let due = 0
    const { runner, record, to } = recordOf(1e6, walker, { due: () => due })
    const kept = vi.spyOn(runner, 'keep')
    for (due = 20_000; due > 0; due--) to(record.local + 1)
    expect(kept.mock.calls.length).toBeLessThan(60)
    const viewer = new PastViewer<Walker>(record, runner)
    const run = vi.spyOn(Runner.prototype, 'take')
    viewer.seek(record.local - 9)
    expect(run.mock.calls.length).toBeLessThanOrEqual(20)
  })

  test('is folded sooner when its events are too many', () => {
    const { record, run, runner } = recordOf(1e6)
    const payload = encodePayload('x'.repeat(60_000))
    for (let tick = 0; tick < 2_000; tick++) {
      run({ ...eventAt(tick, 1, 1), payload })
      run(tickAt(tick))
    }
    expect(record.size.eventBytes).toBeLessThan(20 * 1_048_576)
    expect(record.from).toBeGreaterThan(1_000)
    const viewer = new PastViewer<Walker>(record, runner)
    viewer.seek(record.from + 3)
    expect(viewer.state.ticks).toBe(record.from + 4)
  })

  test('allocates no snapshot of one buffer once there are as many as there will be', () => {
    const { runner, record, to } = recordOf(1_000, walkerInMemory as unknown as typeof walker)
    const seen = new Set<unknown>()
    for (let tick = 0; tick < 5_000; tick++) {
      to(tick)
      seen.add(record.at(tick).snapshot.memory?.bytes)
    }
    expect(seen.size).toBeLessThan(2 * Math.log2(1_500) + 6)
    expect(runner.tick).toBe(4_999)
  })
})
