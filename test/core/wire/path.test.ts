import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { MILLISECOND, type Micros, SECOND } from '../../../src/core/timeline/tick.ts'
import { CHANNEL_LIMITS } from '../../../src/core/wire/limits.ts'
import { Path } from '../../../src/core/wire/path.ts'

const pathOf = (samples: readonly Micros[]): Path => {
  const path = new Path(0, CHANNEL_LIMITS)
  for (const sample of samples) path.sample(sample)
  return path
}

describe('of the first answers', () => {
  const quiet = [3, 3.4, 3.2, 3.7].map((ms) => ms * MILLISECOND)

  test.each([0, 1, 2, 3])('number %i may have waited for a process that stood still', (at) => {
    const samples = quiet.map((sample, i) => (i === at ? 3.5 * SECOND : sample))
    expect(pathOf(samples).patience).toBeLessThan(50 * MILLISECOND)
  })

  test('any two may', () => {
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ]) {
      const samples = quiet.map((sample, i) => (i === a || i === b ? 3.5 * SECOND : sample))
      expect(pathOf(samples).patience, `${a} and ${b}`).toBeLessThan(70 * MILLISECOND)
    }
  })

  test('a later pause does not count for much then either', () => {
    const samples = [...quiet, 9.7 * SECOND, ...quiet]
    samples[3] = 3.5 * SECOND
    expect(pathOf(samples).patience).toBeLessThan(150 * MILLISECOND)
  })

  test('all are believed when the path is slow', () => {
    for (const ms of [1, 100, 600, 3_000]) {
      const { roundTrip, patience } = pathOf([ms, ms, ms, ms].map((one) => one * MILLISECOND))
      expect(roundTrip).toBe(ms * MILLISECOND)
      expect(patience).toBeGreaterThan(ms * MILLISECOND)
    }
  })

  test('the first is not, when the others tell of a slow path', () => {
    for (const count of [2, 3]) {
      const samples = [3.4 * MILLISECOND, ...new Array<Micros>(count).fill(600 * MILLISECOND)]
      expect(pathOf(samples).patience).toBeGreaterThan(600 * MILLISECOND)
    }
  })

  test.each([
    [4, 0.1],
    [10, 0.01],
  ])('%i tell how long the next takes at most, where each takes as long as it likes', (count, share) => {
    const random = new Random(1)
    let beyond = 0
    for (let i = 0; i < 1_000; i++) {
      const samples = Array.from({ length: count }, () => random.between(10, 600) * MILLISECOND)
      if (random.between(10, 600) * MILLISECOND > pathOf(samples).patience) beyond++
    }
    expect(beyond).toBeLessThan(1_000 * share)
  })
})
