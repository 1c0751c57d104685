import { expect, test } from 'vitest'
import { PacedClock } from '../../src/page/paced-clock.ts'

test('a clock with a pace of its own never jumps when that changes', () => {
  let real = 1_000
  const clock = new PacedClock(() => real)
  real += 1_000
  expect(clock.now()).toBe(2_000)
  clock.setRate(1.5)
  expect(clock.now()).toBe(2_000)
  real += 1_000
  expect(clock.now()).toBe(3_500)
  clock.setRate(0.5)
  real += 1_000
  expect(clock.now()).toBe(4_000)
})
