import { describe, expect, test } from 'vitest'
import {
  backOf,
  delayOf,
  lateOf,
  leastOf,
  type PeersCell,
  recoveryOf,
  slowOf,
} from '../../../src/lab/peers/cell.ts'
import { allowedOf, publishedOf } from '../../../src/lab/peers/published.ts'
import { runPeersCell } from '../../../src/lab/peers/run.ts'
import { DIAMETER, diameterOf, LINKS, PEERS } from '../../../src/lab/peers/topology.ts'

const cellOf = (multiplier: number, latency_ms: number, rate: number, churn = false): PeersCell => ({
  multiplier,
  latency_ms,
  rate,
  churn,
})
const TWO_MINUTES = { seconds: 120, seed: 3 }

test('the network has 21 peers, 31 links, and ways of up to 14 of them', () => {
  expect(LINKS).toHaveLength(31)
  expect(new Set(LINKS.flat()).size).toBe(PEERS)
  expect(DIAMETER).toBe(14)
  expect(diameterOf([[0, 1]], 2)).toBe(1)
})

describe('of the published experiment', () => {
  test.each([
    cellOf(5, 250, 200),
    cellOf(2, 50, 200),
    cellOf(2, 500, 50),
    cellOf(1, 5, 200),
    cellOf(1, 100, 100),
  ])('$multiplier times, $latency_ms ms, $rate a minute: little more than the limit is travelled', (cell) => {
    const result = runPeersCell(cell, TWO_MINUTES)
    const published = publishedOf(cell)
    expect(result.broken).toBe('')
    expect(result.events).toBeGreaterThan(50)
    expect(backOf(result)).toBeLessThanOrEqual(published ? allowedOf(published) : Number.NaN)
    expect(slowOf(result)).toBeLessThan(0.1)
  })

  test('a delay that adapts keeps one in a hundred late, and is no longer than the slowest way', () => {
    const result = runPeersCell(cellOf(0, 100, 100), TWO_MINUTES)
    expect(result.broken).toBe('')
    expect(lateOf(result)).toBeLessThan(1)
    expect(backOf(result)).toBeLessThan(1)
    expect(delayOf(result)).toBeLessThan(1.15 * DIAMETER * 100)
  })

  test('who comes back has recovered within half a second, in the mean', () => {
    const result = runPeersCell(cellOf(0, 50, 25, true), TWO_MINUTES)
    expect(result.broken).toBe('')
    expect(result.returns).toBeGreaterThan(20)
    expect(recoveryOf(result)).toBeLessThan(0.5)
  })

  test('who comes back has what it lacks after one question and its answer', () => {
    const result = runPeersCell(cellOf(2, 250, 5, true), TWO_MINUTES)
    expect(result.returns).toBeGreaterThan(20)
    expect(leastOf(result)).toBeGreaterThan(0.05)
    // Two ways of a link, and what was still under way from farther off.
    expect(recoveryOf(result)).toBeLessThan(leastOf(result) + 0.2)
  })

  test('the same seed gives the same figures, and another one others', () => {
    const cell = cellOf(2, 100, 100)
    const run = { seconds: 30, seed: 5 }
    expect(runPeersCell(cell, run)).toEqual(runPeersCell(cell, run))
    expect(runPeersCell(cell, { ...run, seed: 6 })).not.toEqual(runPeersCell(cell, run))
  })
})

test('only what was published has a published figure', () => {
  expect(publishedOf(cellOf(2, 50, 25))).toEqual({ back_pct: 3.1, limit_pct: 0.29 })
  expect(publishedOf(cellOf(1, 500, 200))).toEqual({ back_pct: 601.7, limit_pct: 219.96 })
  expect(publishedOf(cellOf(5, 250, 200))).toEqual({ back_pct: 4, limit_pct: 0 })
  expect(publishedOf(cellOf(3, 50, 25))).toBeUndefined()
  expect(publishedOf(cellOf(2, 50, 30))).toBeUndefined()
  expect(publishedOf(cellOf(2, 50, 25, true))).toBeUndefined()
})
