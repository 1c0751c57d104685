import { expect, test } from 'vitest'
import { interleaved, paired, quantile } from './measure.ts'

test('a quantile is one of the values', () => {
  expect(quantile([5, 1, 4, 2, 3], 0.5)).toBe(3)
  expect(quantile([5, 1, 4, 2, 3], 0)).toBe(1)
  expect(quantile([5, 1, 4, 2, 3], 1)).toBe(5)
  expect(quantile([], 0.5)).toBeNaN()
})

test('a pair tells how much slower one of two is, on a machine too that stands still now and then', () => {
  let ns = 0
  let reads = 0
  // The clock takes a microsecond to be read, and every seventh time the machine has just stood still for a second.
  const clock = (): bigint => {
    reads++
    ns += reads % 7 === 0 ? 1e9 : 1e3
    return BigInt(ns)
  }
  const work = (cost: number) => () => {
    ns += cost
  }
  const { a, b, ratio } = paired(work(100), work(10_000), 9, clock)
  expect(a).toBeCloseTo(100, 0)
  expect(b).toBeCloseTo(10_000, -2)
  expect(ratio).toBeCloseTo(100, 0)
})

test('every case is called, and the first one is compared with itself', () => {
  const calls = [0, 0]
  const cases = calls.map((_, i) => ({ name: `${i}`, run: () => calls[i]++ }))
  const measured = interleaved(cases, { rounds: 2, round_ms_min: 0.01 })
  expect(Math.min(...calls)).toBeGreaterThan(2)
  expect(measured.map(({ name }) => name)).toEqual(['0', '1'])
  expect(measured[0]?.to_first).toBe(1)
})
