import { expect, test } from 'vitest'
import { DRIVEN } from '../../src/app/link.ts'
import { loop } from '../../src/app/loop.ts'
import { past } from '../../src/app/past.ts'
import { encodePayload } from '../../src/app/payload.ts'
import { RewindingLink } from '../../src/app/rewinding-link.ts'
import { bodiesApp } from '../bench/bodies.ts'
import { byHand, LateSource } from './past-stage.ts'

const FPS = 50
const HOUR = 3_600 * FPS

test('an hour at 50 FPS with five events a second takes 40 snapshots and 200 kB of events, and ten seconds of it are run again within a second of processor time', () => {
  const source = new LateSource()
  source.join(0)
  const link = new RewindingLink(bodiesApp(), source)
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
  const before = process.cpuUsage()
  source.put(HOUR - 500, 1, payload)
  source.micros += 20_000
  while (link[DRIVEN].run());
  const { user, system } = process.cpuUsage(before)
  expect(link.stats()).toMatchObject({ rollbacks: 1, travelled: 501, tick: HOUR + 1 })
  expect((link.stats().ticksRun ?? 0) - ticksRun).toBeLessThanOrEqual(2 * 501 + 1)
  expect(user + system).toBeLessThan(1_000_000)

  // What lies an hour back is had as well, by a part of an hour's ticks.
  expect(l.at(HOUR / 2).x[7]).toBeGreaterThan(0)
})
