import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Cell } from '../../../src/lab/gals/cell.ts'
import { Emits } from '../../../src/lab/gals/emits.ts'
import { FirstClient } from '../../../src/lab/gals/first/client.ts'
import { agreementOf, compareFirst, lineOf } from '../../../src/lab/gals/first/compare.ts'
import { differenceIn } from '../../../src/lab/gals/first/difference.ts'
import { runFirst } from '../../../src/lab/gals/first/run.ts'
import { FirstServer } from '../../../src/lab/gals/first/server.ts'
import { FirstSession } from '../../../src/lab/gals/first/session.ts'
import { Metrics, merge } from '../../../src/lab/gals/metrics.ts'
import { PUBLISHED, publishedFor } from '../../../src/lab/gals/published.ts'
import type { NetName } from '../../../src/lab/networks.ts'
import { lineAt } from '../../../src/lab/trace.ts'

const cell = (net: NetName, fps: number, instances: number, seconds: number): Cell => ({
  net,
  fps,
  instances,
  seconds,
})

/** Two instances at 40 FPS on ways without jitter, the second nearer, and what everybody does. */
const told = (roundTrips: readonly [number, number], emits: readonly (readonly [number, number])[]) => {
  const lines: { at: number; line: string }[] = []
  const tell = (at: number, what: string) => lines.push({ at, line: lineAt(at, what).trim() })
  const session = new FirstSession({
    fps: 40,
    seed: 1,
    ways: roundTrips.map((rtt) => ({ base: (rtt * 1000) / 2, jitter: 0 })),
    ears: {
      emitted: (at, { id, next, want }) =>
        tell(at, `instance ${id} emits, its next tick is at ${next * 25}: async(${want / 1000})`),
      proposed: (at, waiting) => tell(at, `propose, ${waiting} waiting`),
      answered: (at, { id }, position) => tell(at, `instance ${id}: ack(${position / 1000})`),
      stamped: (at, { stamp }, rtt) => tell(at, `sync(${stamp / 1000}), RTT was ${rtt / 1000}`),
      synced: (at, { id }, { behind }) => tell(at, `instance ${id} has it: dt(${behind / 1000})`),
      delivered: (at, { id }, event, tick) =>
        tell(at, `instance ${id} shows event ${event.id} in place of the tick at ${tick * 25}`),
      froze: (at, { id }, tick) => tell(at, `instance ${id} freezes at ${tick * 25}`),
    },
  })
  for (const [ms, instance] of emits) session.emitAt(ms * 1000, instance - 1)
  session.run(4_000_000)
  return lines.sort((a, b) => a.at - b.at).map(({ line }) => line)
}

test('a round: stamped two round trips after the furthest answer, which is two ticks ahead', () => {
  expect(told([45, 10], [[752, 2]])).toEqual([
    '752.0  instance 2 emits, its next tick is at 750: async(775)',
    '757.0  propose, 0 waiting',
    '762.0  instance 2: ack(800)',
    '779.5  instance 1: ack(800)',
    '802.0  sync(890), RTT was 45',
    '807.0  instance 2 has it: dt(0)',
    '824.5  instance 1 has it: dt(0)',
    '905.0  instance 2 shows event 2 in place of the tick at 900',
    '922.5  instance 1 shows event 2 in place of the tick at 900',
  ])
})

test('the figures of the paper, but for the margin: whoever is behind is told by how much', () => {
  const server = new FirstServer(2, 45_000)
  server.enqueue({ id: 1, source: 2, at: 0, next: 29, nextAt: 0, want: 750_000, stamp: 0 })
  expect(server.begin(1_000_000)).toEqual({ want: 750_000, rtt: 45_000 })
  expect(server.answer(1_020_000, 0, 700_000)).toBeUndefined()
  expect(server.answer(1_050_000, 1, 800_000)?.stamp).toBe(890_000)
  expect([server.behind(0), server.behind(1), server.rtt]).toEqual([100_000, 0, 50_000])
})

test('one event is in flight at a time, and one is shown in a tick', () => {
  const emits = [
    [1000, 1],
    [1001, 2],
    [1002, 1],
  ] as const
  expect(told([4, 2], emits).filter((line) => /propose|sync|shows/.test(line))).toEqual([
    '1000.0  instance 1 emits, its next tick is at 1000: async(1025)',
    '1001.0  instance 2 emits, its next tick is at 1025: async(1050)',
    '1002.0  instance 1 emits, its next tick is at 1025: async(1050)',
    '1002.0  propose, 0 waiting',
    '1006.0  sync(1058), RTT was 4',
    '1006.0  propose, 1 waiting',
    '1010.0  sync(1058), RTT was 4',
    '1010.0  propose, 0 waiting',
    '1014.0  sync(1058), RTT was 4',
    '1076.0  instance 2 shows event 1 in place of the tick at 1075',
    '1077.0  instance 1 shows event 1 in place of the tick at 1075',
    '1101.0  instance 2 shows event 2 in place of the tick at 1100',
    '1102.0  instance 1 shows event 2 in place of the tick at 1100',
    '1126.0  instance 2 shows event 1 in place of the tick at 1125',
    '1127.0  instance 1 shows event 1 in place of the tick at 1125',
  ])
})

test('the rest of every third sync is late, and whoever waits for it freezes', () => {
  const emits = [
    [1000, 1],
    [2000, 1],
    [3001, 1],
  ] as const
  expect(told([4, 2], emits).slice(-10)).toEqual([
    '3001.0  instance 1 emits, its next tick is at 3000: async(3025)',
    '3003.0  propose, 0 waiting',
    '3004.0  instance 2: ack(3050)',
    '3005.0  instance 1: ack(3050)',
    '3007.0  sync(3058), RTT was 4',
    '3050.0  instance 2 has it: dt(0)',
    '3052.0  instance 1 freezes at 3025',
    '3053.0  instance 1 has it: dt(0)',
    '3076.0  instance 2 shows event 1 in place of the tick at 3075',
    '3102.0  instance 1 shows event 1 in place of the tick at 3075',
  ])
})

test('turns made up in one go are those of a loop that wakes every millisecond', () => {
  const gap = fc.integer({ min: 1, max: 400 })
  const round = fc.record({ before: gap, open: gap, rtt: fc.nat(60), ahead: fc.nat(80), behind: fc.nat(90) })
  fc.assert(
    fc.property(fc.array(round, { maxLength: 12 }), fc.constantFrom(10, 25, 50, 100), (rounds, fps) => {
      const [lazy, busy] = [0, 1].map(() => new FirstClient(1, 100, fps, 1_500, {})) as [
        FirstClient,
        FirstClient,
      ]
      let now = 0
      const pass = (ms: number) => {
        for (let i = 0; i < ms; i++) {
          now += 1000
          busy.advance(now)
        }
      }
      for (const { before, open, rtt, ahead, behind } of rounds) {
        pass(before)
        const proposal = { want: busy.position - 5_000, rtt: rtt * 1000 }
        const position = busy.propose(now, proposal)
        expect(lazy.propose(now, proposal)).toBe(position)
        pass(open)
        const stamp = position + 2 * proposal.rtt + ahead * 1000
        const event = { id: 1, source: 1, at: 0, next: 0, nextAt: 0, want: 0, stamp }
        for (const client of [lazy, busy]) client.sync(now, { event, behind: behind * 1000 })
      }
      pass(1_000)
      lazy.advance(now)
      for (const of of ['next', 'turnAt', 'turns', 'turnsFrozen', 'shown'] as const)
        expect(lazy[of]).toEqual(busy[of])
    }),
  )
})

test('the latency is near the published one on every kind of network', () => {
  const some = [
    cell('loopback', 10, 5, 1),
    cell('loopback', 25, 25, 0.5),
    cell('loopback', 50, 10, 0.25),
    cell('lan', 25, 10, 0.25),
    cell('lan', 50, 50, 0.5),
    cell('wan', 25, 5, 0.5),
    cell('wan', 50, 10, 1),
    cell('wan', 10, 25, 0.5),
  ]
  const { cells, agree_pct } = agreementOf(some.map((c) => runFirst(c, { seconds: 120, seed: 1 })))
  expect(cells).toHaveLength(some.length)
  for (const each of cells) {
    expect(each.ratio, lineOf(each)).toBeGreaterThan(0.8)
    expect(each.ratio, lineOf(each)).toBeLessThan(1.25)
    expect(each.result.identical).toBe(true)
  }
  expect(agree_pct).toBeGreaterThanOrEqual(80)
})

test('four of five published cells without a queue are met within 15 %', () => {
  const { cells, agree_pct, exceptions } = compareFirst(1, 120)
  expect(cells).toHaveLength(108)
  expect(agree_pct, exceptions.map(lineOf).join('\n')).toBeGreaterThanOrEqual(80)
})

test('where latency comes from a queue, events wait behind each other', () => {
  const busy = runFirst(cell('wan', 25, 100, 0.25), { seconds: 60, seed: 1 })
  expect(busy.waiting).toBeGreaterThan(10)
  expect(runFirst(cell('wan', 25, 100, 5), { seconds: 60, seed: 1 }).waiting).toBeLessThan(0.1)
})

test('with 100 instances at 100 FPS timelines differ, and the first difference is named', () => {
  for (const net of ['loopback', 'lan'] as const) {
    const result = runFirst(cell(net, 100, 100, 0.25), { seconds: 60, seed: 1 })
    expect(result.identical).toBe(false)
    expect(result.divergence).toMatch(
      /^P1: event #\d+ of instance \d+, stamped for tick \d+, came at tick \d+ in .+, at tick \d+ in .+$/,
    )
  }
})

test('with a margin of at most one tick all timelines are equal', () => {
  for (const c of [cell('loopback', 50, 100, 0.25), cell('lan', 100, 50, 0.25), cell('wan', 100, 25, 0.25)])
    expect(runFirst(c, { seconds: 60, seed: 1 }).divergence).toBe('')
})

test('a difference is one as soon as somebody has passed a tick without its event', () => {
  const session = new FirstSession({
    fps: 10,
    seed: 1,
    ways: [1, 2, 3].map(() => ({ base: 1_000, jitter: 0 })),
  })
  session.emitAt(1_000_000, 1)
  session.run(2_000_000)
  expect(differenceIn(session)).toBeUndefined()
  const third = session.clients[2]?.shown as number[]
  const tick = third.pop() as number
  expect(differenceIn(session)).toContain(`not yet in instance 3, at tick ${tick} in instances 1, 2`)
  third.push(tick + 1)
  expect(differenceIn(session)).toContain(`at tick ${tick + 1} in instance 3`)
})

test('the same seed gives the same run, another one another', () => {
  const run = (seed: number) => runFirst(cell('wan', 25, 10, 0.5), { seconds: 60, seed })
  expect(run(7)).toEqual(run(7))
  expect(run(8)).not.toEqual(run(7))
})

test('ticks that the first implementation does not know are refused', () => {
  expect(() => new FirstSession({ fps: 30, seed: 1, ways: [] })).toThrow(RangeError)
})

test('the published table is that of the figure', () => {
  expect(PUBLISHED).toHaveLength(108)
  expect(publishedFor(cell('loopback', 10, 5, 1))).toMatchObject({ latency: 2.1, drift: 0, freeze: 0 })
  expect(publishedFor(cell('lan', 25, 50, 0.25))).toMatchObject({ latency: 2.7, drift: 1, freeze: 0.2 })
  expect(publishedFor(cell('wan', 10, 25, 0.25))).toMatchObject({ latency: 56.8, drift: 42.8, freeze: 0.6 })
  expect(publishedFor(cell('wan', 50, 50, 0.25))).toMatchObject({ latency: 135.7, drift: 44.4, freeze: 2.1 })
  expect(publishedFor(cell('wan', 100, 50, 0.25))).toBeUndefined()
})

test('emits come at the rate of the cell, in gaps of up to twice the nominal one', () => {
  const c = cell('lan', 25, 50, 0.25)
  const emits = new Emits(c, 3, 1_000_000)
  const counts: number[] = []
  for (let i = 0; i < c.instances; i++) {
    let count = 0
    for (let before = 1_000_000; emits.nextAt(i) < 1_001_000_000; count++) {
      const gap = emits.nextAt(i) - before
      expect(gap).toBeGreaterThanOrEqual(0)
      expect(gap).toBeLessThanOrEqual(2 * 0.25e6 * 50)
      before = emits.nextAt(i)
      emits.advance(i)
    }
    counts.push(count)
  }
  const total = counts.reduce((sum, count) => sum + count, 0)
  expect(total / 4_000).toBeGreaterThan(0.95)
  expect(total / 4_000).toBeLessThan(1.05)
})

test('what is a mean over events is merged by their number, all else by the time run', () => {
  const run = (seconds: number, latencies: readonly number[], waiting: number, where?: string) => {
    const metrics = new Metrics(cell('lan', 25, 5, 1), 1_000_000)
    for (const latency of latencies) {
      metrics.event(latency, 1)
      metrics.delivered(latency * 40_000)
    }
    metrics.round(8_000)
    metrics.waitingNow(1_000_000, waiting)
    metrics.instance(1_000, 10, seconds * 1_000_000, 20_000 * seconds)
    metrics.messages(5)
    if (where !== undefined) metrics.diverged(where)
    return metrics.result(1_000_000 + seconds * 1_000_000)
  }
  const merged = merge([run(10, [2, 2, 5], 0), run(30, [7], 2, 'there')])
  expect(merged).toMatchObject({ runs: 2, virtual_s: 40, events: 4, latency_ticks: 4, latency_ms: 160 })
  expect(merged).toMatchObject({ limit_ticks: 1, frozen_pct: 1, drift_pct: 2, rtt_ms: 8, waiting: 1.5 })
  expect(merged).toMatchObject({ messages: 10, identical: false, divergence: 'there' })
  expect(() => merge([])).toThrow(RangeError)
})
