import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { patience, Tail } from '../../../src/core/session/tail.ts'
import { MILLISECOND, type Micros, SECOND } from '../../../src/core/timeline/tick.ts'

const MEMORY = 16
const tailOf = (samples: readonly Micros[]): Tail => {
  const tail = new Tail(MEMORY)
  for (const taken of samples) tail.add(taken)
  return tail
}

/** How long before a tick its grant leaves, where one way is known by this tail. */
const leadOf = (tail: Tail): Micros => patience([tail], 70 * SECOND, SECOND)

const way = {
  seed: fc.integer({ min: 1, max: 1e9 }),
  base: fc.integer({ min: 500, max: 50 * MILLISECOND }),
}
const stall = fc.integer({ min: SECOND, max: 10 * SECOND })

/** A way with a little jitter. */
const quiet = (seed: number, base: Micros, count: number): Micros[] => {
  const random = new Random(seed, 1)
  return Array.from({ length: count }, () => base + (base / 20) * random.unit())
}

describe('a tail', () => {
  test('is after few samples that are alike what it was when each counted in full', () => {
    const tail = tailOf([1000, 1100, 1050, 1200])
    expect(tail.mean).toBeCloseTo(1087.5, 6)
    let [mean, spread] = [1000, 125]
    for (const [i, taken] of [1100, 1050, 1200].entries()) {
      const off = taken - mean
      mean += off / (i + 2)
      spread += (Math.abs(off) - spread) / (i + 2)
    }
    expect(tail.spread).toBeCloseTo(spread, 6)
  })

  test('does not become long by a stall, whichever of the first it was', () => {
    const at = fc.integer({ min: 0, max: 3 })
    fc.assert(
      fc.property(fc.record({ ...way, stall, at }), ({ seed, base, stall, at }) => {
        const samples = quiet(seed, base, 4)
        samples[at] = stall
        const lead = leadOf(tailOf(samples))
        expect(lead).toBeLessThan(20 * base + 10 * MILLISECOND)
      }),
      { numRuns: 300 },
    )
  })

  test('is short again with the fourth sample, if two of them were no stalls', () => {
    fc.assert(
      fc.property(fc.record({ ...way, stall, other: stall }), ({ seed, base, stall, other }) => {
        const [a = 0, b = 0] = quiet(seed, base, 2)
        for (const samples of [
          [stall, other, a, b],
          [a, stall, other, b],
          [a, stall, b, other],
        ])
          expect(tailOf(samples).mean).toBeLessThan(3 * base)
      }),
      { numRuns: 300 },
    )
  })

  test('believes three long ones rather than the first, which was short', () => {
    fc.assert(
      fc.property(fc.record(way), ({ seed, base }) => {
        const long = quiet(seed, 20 * base, 3)
        expect(tailOf([base, ...long]).mean).toBeGreaterThan(10 * base)
      }),
    )
  })

  test('takes two that are alike for the way, and neither the one before that was short nor a stall behind', () => {
    const [short, long] = [MILLISECOND, 100 * MILLISECOND]
    const { mean } = tailOf([short, long, 1.01 * long, 10 * SECOND])
    // The stall counts as ten eighths of the median beyond it.
    expect(mean).toBeCloseTo((short + 2.01 * long + 2.25 * long) / 4, 3)
  })

  test('holds the fifth against the four before it, which stay as they are', () => {
    const tail = tailOf([1000, 1000, 1000, 1000])
    tail.add(SECOND)
    expect(tail.mean).toBeCloseTo(1000 + (10 * 100) / 5, 6)
  })

  test('of what came at one moment the least counts, and later samples as ever', () => {
    const tail = tailOf([3 * SECOND])
    tail.lower(SECOND)
    tail.lower(2 * SECOND)
    expect([tail.mean, tail.spread]).toEqual([SECOND, SECOND / 8])
    tail.add(1.2 * SECOND)
    expect(tail.mean).toBeCloseTo(1.1 * SECOND, 3)
  })
})
