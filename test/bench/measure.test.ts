import { expect, test } from 'vitest'
import { interleaved, paired, quantile } from './measure.ts'

const work = (steps: number) => () => {
  let sum = 0
  for (let i = 0; i < steps; i++) sum = (sum + i * 7) | 0
  return sum
}

test('a quantile is one of the values', () => {
  expect(quantile([5, 1, 4, 2, 3], 0.5)).toBe(3)
  expect(quantile([5, 1, 4, 2, 3], 0)).toBe(1)
  expect(quantile([5, 1, 4, 2, 3], 1)).toBe(5)
  expect(quantile([], 0.5)).toBeNaN()
})

test('a pair tells which of two is slower, on a busy machine too', () => {
  const { a, b, ratio } = paired(work(100), work(10_000), 9)
  expect(a).toBeGreaterThan(0)
  expect(b).toBeGreaterThan(a)
  expect(ratio).toBeGreaterThan(5)
})

test('every case is called, and the first one is compared with itself', () => {
  const calls = [0, 0]
  const cases = calls.map((_, i) => ({ name: `${i}`, run: () => calls[i]++ }))
  const measured = interleaved(cases, { rounds: 2, round_ms_min: 0.01 })
  expect(Math.min(...calls)).toBeGreaterThan(2)
  expect(measured.map(({ name }) => name)).toEqual(['0', '1'])
  expect(measured[0]?.to_first).toBe(1)
})
