import { expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'
import { DRIVEN } from '../../src/app/link.ts'
import { loop } from '../../src/app/loop.ts'
import { past } from '../../src/app/past.ts'
import { encodePayload } from '../../src/app/payload.ts'
import { RewindingLink } from '../../src/app/rewinding-link.ts'
import { byHand, LateSource } from './past-stage.ts'

const FPS = 50
const HOUR = 3_600 * FPS

/** Counts its ticks and adds up where it was pushed, in typed arrays over one buffer. */
const pushed = app({
  id: 'pushed@1',
  fps: FPS,
  events: { push: event<{ x: number; y: number }>(1) },
  start: () => {
    const buffer = new ArrayBuffer(24)
    return { by: new Float64Array(buffer, 0, 2), ticks: new Uint32Array(buffer, 16, 2) }
  },
  on: {
    push({ by }, { payload: { x, y } }) {
      by[0] = (by[0] as number) + x
      by[1] = (by[1] as number) + y
    },
  },
  tick({ ticks }) {
    ticks[0] = (ticks[0] as number) + 1
  },
})

test('an hour at 50 FPS with five events a second takes 40 snapshots and 200 kB of events, and ten seconds of it are run again by twice as many ticks at most', () => {
  const source = new LateSource()
  source.join(0)
  const link = new RewindingLink(pushed, source)
  const { drive } = byHand()
  const l = loop(link, { drive, past: past({ minutes: 60 }) })
  const payload = encodePayload({ x: 12, y: 34 })
  for (let tick = 0; tick <= HOUR; tick += 10) {
    source.put(tick, 1, payload)
    source.micros = tick * 20_000
    while (link[DRIVEN].run());
  }
  expect(l.range).toEqual({ from: -1, to: HOUR })
  expect(l.kept.snapshots).toBeLessThanOrEqual(40)
  expect(l.kept.events).toBe(18_002)
  expect(l.kept.eventBytes).toBeLessThan(200_000)

  const ticksRun = link.stats().ticksRun ?? 0
  source.put(HOUR - 500, 1, payload)
  source.micros += 20_000
  while (link[DRIVEN].run());
  expect(link.stats()).toMatchObject({ rollbacks: 1, travelled: 501, tick: HOUR + 1 })
  expect((link.stats().ticksRun ?? 0) - ticksRun).toBeLessThanOrEqual(2 * 501 + 1)

  // What lies half an hour back is had as well, by a part of an hour's ticks, and what came late is in the present.
  const then = l.at(HOUR / 2)
  expect([then.ticks[0], ...then.by]).toEqual([HOUR / 2 + 1, 12 * 9_001, 34 * 9_001])
  expect([...link.state.by]).toEqual([12 * 18_002, 34 * 18_002])
})
