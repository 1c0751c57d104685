import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { Ahead } from '../../../src/core/session/ahead.ts'
import { MILLISECOND, type Micros, SECOND } from '../../../src/core/timeline/tick.ts'

const BEAT: Micros = SECOND / 4
const exponential = (random: Random, mean: Micros): Micros => -mean * Math.log(1 - random.unit())

/** Round trips over two ways, each of a length and with exponential jitter. */
const trips = (seed: number, base: Micros, jitter: Micros, count: number): Micros[] => {
  const random = new Random(seed, 1)
  return Array.from(
    { length: count },
    () => 2 * base + exponential(random, jitter) + exponential(random, jitter),
  )
}

/** How far ahead of the reference who had these has to run, where a grant leaves when its tick is due. */
const leadAfter = (samples: readonly Micros[], gap: Micros = BEAT): Micros => {
  const ahead = new Ahead()
  ahead.granted(1)
  samples.forEach((trip, i) => {
    ahead.returned((i + 1) * gap, trip)
  })
  return ahead.micros
}

const ways = {
  seed: fc.integer({ min: 1, max: 1e9 }),
  base: fc.integer({ min: 500, max: 200 * MILLISECOND }),
  jitter: fc.integer({ min: 100, max: 50 * MILLISECOND }),
}

describe('how far ahead one has to run', () => {
  test('covers what a way up takes, but for a few in a hundred, whatever its jitter', () => {
    fc.assert(
      fc.property(fc.record(ways), ({ seed, base, jitter }) => {
        expect(leadAfter(trips(seed, base, jitter, 48))).toBeGreaterThan(base + 2.5 * jitter)
      }),
      { numRuns: 300 },
    )
  })

  test('is not more than the tail of its jitter asks for', () => {
    fc.assert(
      fc.property(fc.record(ways), ({ seed, base, jitter }) => {
        expect(leadAfter(trips(seed, base, jitter, 48))).toBeLessThan(1.1 * base + 13 * jitter)
      }),
      { numRuns: 300 },
    )
  })

  test('is what it is without stalls, as soon as a few more samples were none', () => {
    const stall = fc.integer({ min: SECOND, max: 10 * SECOND })
    const few = { ...ways, base: fc.integer({ min: 500, max: 100 * MILLISECOND }) }
    const jitter = fc.integer({ min: 100, max: 10 * MILLISECOND })
    const stalls = fc.array(stall, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.record({ ...few, jitter, stalls }), ({ seed, base, jitter, stalls }) => {
        const held = stalls.map((stall) => 2 * base + stall)
        const good = trips(seed, base, jitter, stalls.length + 4)
        const without = leadAfter(good)
        const tolerated = base / 4 + 16 * jitter
        expect(Math.abs(leadAfter([...held, ...good]) - without)).toBeLessThan(tolerated)
        expect(Math.abs(leadAfter([...good, ...held]) - without)).toBeLessThan(tolerated)
      }),
      { numRuns: 300 },
    )
  })

  test('is known from the second sample, if the first was a stall', () => {
    const [second] = trips(3, 50 * MILLISECOND, MILLISECOND, 1) as [Micros]
    expect(leadAfter([SECOND])).toBeGreaterThan(SECOND)
    expect(leadAfter([SECOND, second])).toBeLessThan(180 * MILLISECOND)
  })

  test('takes what was held up together for one sample: that which waited least', () => {
    const held = [SECOND, 0.75 * SECOND, 0.5 * SECOND, 0.25 * SECOND]
    expect(leadAfter(held, 10)).toBe(leadAfter([0.25 * SECOND]))
  })

  test('believes in a way that has become longer, as soon as that is the rule', () => {
    const before = trips(1, 20 * MILLISECOND, 2 * MILLISECOND, 48)
    const since = trips(2, 120 * MILLISECOND, 2 * MILLISECOND, 25)
    expect(leadAfter([...before, ...since.slice(0, 8)])).toBeLessThan(60 * MILLISECOND)
    expect(leadAfter([...before, ...since])).toBeGreaterThan(120 * MILLISECOND)
  })
})
