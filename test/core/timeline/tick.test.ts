import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dueAt, tickAt, tickFrom } from '../../../src/core/timeline/tick.ts'

const A_YEAR = 365 * 24 * 3_600
/** A tick within a year, and its FPS. */
const TICKS = fc
  .record({ fps: fc.integer({ min: 1, max: 1_000 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ fps, share }) => [Math.floor(share * A_YEAR * fps), fps] as const)

test('a tick is the last that is due at its own position, and the first from there', () => {
  fc.assert(
    fc.property(TICKS, ([tick, fps]) => {
      expect(tickAt(dueAt(tick, fps), fps)).toBe(tick)
      expect(tickFrom(dueAt(tick, fps), fps)).toBe(tick)
    }),
  )
})

test('a position before a tick is due is not its own, one after it is', () => {
  fc.assert(
    fc.property(TICKS, ([tick, fps]) => {
      expect(tickAt(dueAt(tick + 1, fps) - 1, fps)).toBe(tick)
      expect(tickFrom(dueAt(tick, fps) + 1, fps)).toBe(tick + 1)
      expect(tickFrom(dueAt(tick, fps) + 0.5, fps)).toBe(tick + 1)
    }),
  )
})

test('before tick 0 there is none, and the first from there is tick 0', () => {
  expect(tickAt(-1, 25)).toBe(-1)
  expect(tickFrom(-1, 25)).toBe(0)
  expect(tickFrom(0, 25)).toBe(0)
})
