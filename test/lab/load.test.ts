import { describe, expect, test } from 'vitest'
import type { Discipline } from '../../src/core/session/options.ts'
import { app, event } from '../../src/index.ts'
import { rehearse } from '../../src/lab/index.ts'

const FPS = 40

/** Notes at which tick each event came, and how many ticks that is after the tick in which it was emitted. */
const probe = app({
  id: 'probe@1',
  fps: FPS,
  events: { probe: event<number>(1) },
  start: () => ({ count: 0, late: 0 }),
  on: {
    probe(s, e, t) {
      s.count++
      s.late += t.tick - e.payload
    },
  },
  tick: () => undefined,
})

/** Ticks from emit to event in the mean, in the last seconds of ten, with an event of each instance in every gap. */
const latency = (discipline: Discipline, gap: number): { ticks: number; rounds: number } => {
  const rehearsal = rehearse(probe, {
    instances: 3,
    network: { base: 70_000, jitter: 5_000 },
    discipline,
  })
  rehearsal.every(gap, () => {
    for (const part of rehearsal.parts) if (part.phase === 'running') part.emit('probe', part.tick)
  })
  rehearsal.run(5_000)
  const { count, late } = { ...rehearsal.part(1).state }
  const { rounds } = { ...rehearsal.world.sequencer.machine.stats }
  rehearsal.run(5_000)
  expect(rehearsal.problems()).toEqual([])
  const { state } = rehearsal.part(1)
  expect(state.count - count).toBeGreaterThan(90)
  return {
    ticks: (state.late - late) / (state.count - count),
    rounds: rehearsal.world.sequencer.machine.stats.rounds - rounds,
  }
}

describe('a session in auto with more events than it could have rounds one after the other', () => {
  test.for([30, 80, 150])(
    'has no rounds after its first seconds, and the latency of horizon: one each %i ms',
    (gap) => {
      const auto = latency('auto', gap)
      expect(auto.rounds).toBe(0)
      expect(auto.ticks).toBeLessThan(latency('horizon', gap).ticks + 0.3)
    },
  )
})
