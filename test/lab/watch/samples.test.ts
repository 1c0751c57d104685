import { expect, test } from 'vitest'
import { MILLISECOND, type Micros, NEVER, SECOND } from '../../../src/core/timeline/tick.ts'
import type { Drive } from '../../../src/lab/drive.ts'
import type { InstanceNode } from '../../../src/lab/node.ts'
import { Samples, samplesLast } from '../../../src/lab/watch/samples.ts'

const LOOK: Micros = 250 * MILLISECOND
const TRIP: Micros = 100 * MILLISECOND

/** A sequencer and two instances, of which nothing is wrong yet, looked at until a moment. */
const place = () => {
  const whole = () => ({ wholeSince: Number.NEGATIVE_INFINITY })
  const [first, second] = [whole(), whole()] as [InstanceNode, InstanceNode]
  const sequencer = whole()
  const drive = { now: 0, sequencer, instances: [first, second] } as unknown as Drive & { now: Micros }
  const samples = new Samples(drive)
  const until = (end: Micros): void => {
    for (; drive.now < end; drive.now += LOOK) samples.look(TRIP)
    samples.look(TRIP)
  }
  until(10 * SECOND)
  return {
    first,
    second,
    sequencer,
    until,
    age: (node: InstanceNode) => samples.ageMax(node) / SECOND,
    drive,
  }
}

test('a sample is older by as long as something was wrong with its instance, or with the sequencer', () => {
  const { first, second, sequencer, until, age } = place()
  expect([age(first), age(second)]).toEqual([12, 12])
  first.wholeSince = 13.1 * SECOND
  until(15 * SECOND)
  expect([age(first), age(second)]).toEqual([15.1, 12])
  sequencer.wholeSince = 17 * SECOND
  until(18 * SECOND)
  expect([age(first), age(second)]).toEqual([17.1, 14])
})

test('what is wrong at one time counts once, and while it lasts as far as it has come', () => {
  const { first, sequencer, until, age } = place()
  first.wholeSince = NEVER
  sequencer.wholeSince = 12 * SECOND
  until(14 * SECOND)
  expect(age(first)).toBe(16)
})

test('when enough have come since, none is older than usual', () => {
  const { first, until, age } = place()
  first.wholeSince = 12 * SECOND
  until(12 * SECOND + samplesLast(TRIP) - LOOK)
  expect(age(first)).toBe(14)
  until(12 * SECOND + samplesLast(TRIP) + LOOK)
  expect(age(first)).toBe(12)
})

test('what is wrong counts up to the moment, not only up to the last look', () => {
  const { first, second, drive, until, age } = place()
  first.wholeSince = NEVER
  until(12 * SECOND)
  drive.now += 50 * MILLISECOND
  expect([age(first), age(second)]).toEqual([14.05, 12])
})
