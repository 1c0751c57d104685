import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NEVER, SECOND } from '../../src/core/timeline/tick.ts'
import { Clock } from '../../src/lab/clock.ts'

const change = fc.record({
  after: fc.nat({ max: 3 * SECOND }),
  ppm: fc.integer({ min: -200_000, max: 200_000 }),
  by: fc.option(fc.integer({ min: -SECOND, max: SECOND }), { nil: undefined }),
})
const clocks = fc
  .record({
    offset: fc.integer({ min: 0, max: 1_000 * SECOND }),
    ppm: fc.integer({ min: -200_000, max: 200_000 }),
    changes: fc.array(change, { maxLength: 5 }),
  })
  .map(({ offset, ppm, changes }) => {
    const clock = new Clock(offset, ppm)
    let at = 0
    for (const { after, ppm, by } of changes) {
      at += after
      if (by === undefined) clock.setRate(at, ppm)
      else clock.step(at, by)
    }
    return clock
  })
const moments = fc.integer({ min: 0, max: 20 * SECOND })

test('a clock shows whole microseconds and never runs backward', () => {
  fc.assert(
    fc.property(clocks, moments, fc.nat({ max: 50 }), (clock, from, n) => {
      let before = clock.local(from)
      for (let i = 1; i <= n; i++) {
        const shown = clock.local(from + i)
        expect(Number.isSafeInteger(shown)).toBe(true)
        expect(shown).toBeGreaterThanOrEqual(before)
        before = shown
      }
    }),
  )
})

test('the moment at which a clock shows a time is the first at which it does', () => {
  fc.assert(
    fc.property(clocks, moments, fc.integer({ min: -10, max: 10 }), (clock, moment, by) => {
      const wanted = clock.local(moment) + by
      const global = clock.global(wanted)
      expect(clock.local(global)).toBeGreaterThanOrEqual(wanted)
      expect(clock.local(global - 1)).toBeLessThan(wanted)
    }),
    { numRuns: 1000 },
  )
})

test('a fast clock gains its share and a step back is stood out', () => {
  const clock = new Clock(100, 50)
  expect(clock.local(0)).toBe(100)
  expect(clock.local(SECOND)).toBe(SECOND + 150)
  clock.step(SECOND, -1000)
  expect(clock.local(SECOND + 500)).toBe(SECOND + 150)
  expect(clock.local(2 * SECOND)).toBe(2 * SECOND - 800)
  expect(clock.global(SECOND + 151)).toBe(SECOND + 1001)
  expect(clock.global(NEVER)).toBe(NEVER)
})

test('it is known when a clock that was put back goes on, by the rate that it has then', () => {
  const clock = new Clock(0, -200_000)
  expect(clock.stillUntil).toBe(0)
  clock.step(SECOND, -2 * SECOND)
  expect(clock.stillUntil).toBeGreaterThan(3.4 * SECOND)
  clock.setRate(2 * SECOND, 0)
  expect(clock.stillUntil).toBeCloseTo(3.2 * SECOND, -2)
  const stood = clock.local(2 * SECOND)
  expect(clock.local(clock.stillUntil - 1)).toBe(stood)
  expect(clock.local(clock.stillUntil)).toBe(stood + 1)
})
