import { expect, test } from 'vitest'
import { MILLISECOND, type Micros } from '../../../src/core/timeline/tick.ts'
import type { Drive } from '../../../src/lab/drive.ts'
import { UnsureWaits } from '../../../src/lab/watch/unsure.ts'

const WAYS: Micros = 4 * MILLISECOND

/** A sequencer that reckons with one reach, and with another without those that were measured once. */
const place = () => {
  const member = { link: 1, trip: { mean: 1, count: 2 }, trusted: () => true }
  const path = { way: { base: 1, jitter: 0, loss: 0 } }
  const node = { channel: {} as object | undefined, up: { path }, down: { path } }
  const reckoning = { reach: 0, sureReach: 0 }
  const machine = { reckoning, ledger: { members: new Map([[1, member]]) } }
  const sequencer = { machine, clock: { local: (now: Micros) => now } }
  const drive = { now: 0, sequencer, behind: () => node }
  const waits = new UnsureWaits(drive as unknown as Drive)
  const at = (ms: number): UnsureWaits => {
    drive.now = ms * MILLISECOND
    return waits
  }
  return {
    member,
    path,
    node,
    at,
    opens: (ms: number, round: number, reach: number, again = false) =>
      at(ms).opened(round, reach * MILLISECOND, again),
    reckons: (reach: number, sure: number) => {
      reckoning.reach = reach * MILLISECOND
      reckoning.sureReach = sure * MILLISECOND
      waits.measured()
    },
    since: (ms: number, until: number) => at(until).since(ms * MILLISECOND, WAYS) / MILLISECOND,
  }
}

test('a round waits for one that was measured once as long as it said, and no longer', () => {
  const { opens, reckons, since } = place()
  reckons(300, 2)
  opens(100, 1, 300)
  expect(since(0, 50)).toBe(0)
  expect(since(0, 150)).toBe(50)
  expect(since(120, 150)).toBe(30)
  expect(since(120, 1000)).toBe(280)
})

test('what the ways explain is no such wait, nor is what others take who were measured more than once', () => {
  const { opens, reckons, since } = place()
  reckons(4, 2)
  opens(0, 1, 4)
  reckons(300, 300)
  opens(10, 2, 300)
  expect(since(0, 1000)).toBe(0)
})

test('one that is asked again after it waits at most four times as long, though more is known by then', () => {
  const { opens, reckons, since, at } = place()
  reckons(100, 2)
  opens(0, 1, 100)
  reckons(150, 150)
  at(100).over(1)
  opens(100, 2, 600, true)
  expect(since(0, 1000)).toBe(500)
  // After a round that waited for others there is no such wait.
  opens(1000, 3, 150)
  at(1150).over(3)
  opens(1150, 4, 600, true)
  expect(since(1000, 2000)).toBe(0)
})

test('rounds that overlap are one wait, and one that is over waits no longer', () => {
  const { opens, reckons, since, at } = place()
  reckons(100, 2)
  opens(0, 1, 100)
  opens(50, 2, 100)
  expect(since(0, 1000)).toBe(150)
  at(70).over(1)
  at(80).over(2)
  expect(since(0, 1000)).toBe(80)
})

test('the first few samples over datagrams that are lost count as one: not later, not where none is lost', () => {
  const reckoned = (loss: number, count: number, over: object | undefined): number => {
    const { opens, reckons, since, member, path, node } = place()
    path.way.loss = loss
    node.channel = over
    member.trip.count = count
    reckons(100, 100)
    opens(0, 1, 100)
    return since(0, 1000)
  }
  expect(reckoned(0.1, 3, {})).toBe(100)
  expect(reckoned(0.1, 4, {})).toBe(0)
  expect(reckoned(0, 3, {})).toBe(0)
  expect(reckoned(0.1, 3, undefined)).toBe(0)
})
