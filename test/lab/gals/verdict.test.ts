import { expect, test } from 'vitest'
import { documentOf } from '../../../src/lab/gals/document.ts'
import { cellsOf, FIGURE_8 } from '../../../src/lab/gals/select.ts'
import { summaryOf } from '../../../src/lab/gals/summary.ts'
import { PLAIN } from '../../../src/lab/gals/table.ts'
import { verdictOf } from '../../../src/lab/gals/verdict.ts'
import { EXPERIMENT, expectGolden, FIRST, GALS, HORIZON, RESULTS, resultOf } from './made-up.ts'

test('what an experiment comes to is said in words', () => {
  const verdicts = [
    ['by gals', GALS],
    ['by horizon', HORIZON],
    ['by the rules of the first implementation', FIRST],
  ] as const
  const text = verdicts.map(([title, rules]) => `${title}\n\n${verdictOf(RESULTS, rules, PLAIN)}\n`)
  expectGolden('verdicts.txt', text.join('\n'))
})

test('what is as it should be is said without names', () => {
  const results = cellsOf(FIGURE_8).map((cell) => resultOf(cell))
  expect(verdictOf(results, HORIZON, PLAIN)).toMatchInlineSnapshot(`
    "Timelines  identical everywhere in all 108 cells, no invariant broken
    Latency    at or below the paper's in all 108 cells
               closest: Loopback, 10 FPS, 5 instances, every 1 s: 1.00 and 2.1
    Drift      at or below the paper's in all 108 cells
    Freeze     at or below the paper's in all 108 cells
    Limit      0.50 ticks above what the delays force, in the mean
               at most 1.5 ticks above it in all 108 cells
    Frozen     0.00 % of all ticks"
  `)
})

test('a figure that is printed like the published one is not above it', () => {
  const cell = { net: 'lan', fps: 10, instances: 5, seconds: 1 } as const
  const latencyOf = (latency_ticks: number) =>
    summaryOf([resultOf(cell, { latency_ticks })]).compared.latency.within
  expect([2.2, 2.24, 2.26].map(latencyOf)).toEqual([1, 1, 0])
})

test('frozen ticks weigh by how many ticks there were', () => {
  const cell = { net: 'lan', fps: 10, instances: 10, seconds: 1 } as const
  const results = [resultOf(cell, { frozen_pct: 4 }), resultOf({ ...cell, fps: 30 }, { frozen_pct: 0 })]
  expect(summaryOf(results).frozen_pct).toBeCloseTo(1)
})

test('of nothing nothing is said that is not true', () => {
  expect(summaryOf([])).toMatchObject({ cells: 0, published: 0, frozen_pct: 0, above_limit_ticks: 0 })
})

test('the document has everything for another program', () => {
  const outcome = { results: RESULTS, complete: true }
  const text = JSON.stringify(documentOf(EXPERIMENT, outcome), null, 2)
  expectGolden('document.json', `${text}\n`)
  const first = JSON.parse(JSON.stringify(documentOf({ ...EXPERIMENT, rules: FIRST }, outcome)))
  expect(first).toMatchObject({ rules: 'first', summary: { queue_free: expect.any(Number) } })
  expect(first).not.toHaveProperty('k')
})
