import { expect, test } from 'vitest'
import { PLAIN } from '../../../src/lab/gals/table.ts'
import { merged, type PeersCell } from '../../../src/lab/peers/cell.ts'
import { peersDocumentOf } from '../../../src/lab/peers/document.ts'
import {
  PUBLISHED,
  peersCellsOf,
  peersJobsOf,
  runPeersExperiment,
  runPeersJob,
} from '../../../src/lab/peers/experiment.ts'
import { peersFigureOf } from '../../../src/lab/peers/figure.ts'
import { peersTableOf } from '../../../src/lab/peers/table.ts'
import { judge, peersVerdictOf } from '../../../src/lab/peers/verdict.ts'
import { peersResultOf } from './made-up.ts'

const cells = peersCellsOf(PUBLISHED)
const results = cells.map((cell) => peersResultOf(cell))
const experiment = { cells, runs: 1, seconds: 60, seed: 1 }
const cellOf = (multiplier: number, latency_ms: number, rate: number, churn = false): PeersCell => ({
  multiplier,
  latency_ms,
  rate,
  churn,
})
const judged = (word: string, ...of: ReturnType<typeof peersResultOf>[]) =>
  judge(of).find((each) => each.word === word)

test('the experiment has the 108 published cells, each of three runs', () => {
  expect(cells).toHaveLength(108)
  expect(peersJobsOf({ ...experiment, runs: 3 })).toHaveLength(324)
  expect(new Set(peersJobsOf({ ...experiment, runs: 3 }).map(({ seed }) => seed)).size).toBe(324)
})

test('the table shows ours, the limit and the paper, a row for each latency', () => {
  const table = peersTableOf(results.slice(36, 72), { width: 120, paint: PLAIN })
  expect(table.split('\n')).toHaveLength(9)
  expect(table).toMatch(/^Delay 2 × 5 links: ticks travelled back, %\n/)
  expect(table).toMatch(/\n50 ms .* 0\.29 {2}0\.29 {3}3\.1 /)
  for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(121)
})

test('a narrow terminal gets the rates below each other', () => {
  const table = peersTableOf(results.slice(36, 72), { width: 60, paint: PLAIN })
  for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  expect(table).toContain('200/min')
})

test('each figure is judged, and what is not as it should be is found', () => {
  expect(judge(results).every(({ holds }) => holds)).toBe(true)
  expect(peersVerdictOf(results, PLAIN)).toContain('bit-equal at the end in all 108 cells')
  const cell = cellOf(2, 50, 25)
  expect(judged('Back', peersResultOf(cell, { travelled: 54 }))?.holds).toBe(true)
  expect(judged('Back', peersResultOf(cell, { travelled: 56 }))?.holds).toBe(false)
  expect(judged('States', peersResultOf(cell, { broken: 'Q1: peer 1 and peer 2' }))?.holds).toBe(false)
  expect(judged('Pace', peersResultOf(cell, { slow: 2 }))?.holds).toBe(false)
  const both = [peersResultOf({ ...cell, churn: true }, { slow: 2 }), peersResultOf(cell)] as const
  expect(judged('Pace', both[0])?.holds).toBe(false)
  expect(judged('Pace', ...both)?.holds).toBe(true)
  const adaptive = cellOf(0, 50, 25)
  expect(judged('Late', peersResultOf(adaptive))?.holds).toBe(true)
  expect(judged('Late', peersResultOf(adaptive, { late: 21 }))?.holds).toBe(false)
  expect(judged('Delay', peersResultOf(adaptive, { delay_ms: 100 * 14 * 50 * 1.2 }))?.holds).toBe(false)
  const churn = cellOf(0, 50, 25, true)
  expect(judged('Return', peersResultOf(churn))?.holds).toBe(true)
  expect(judged('Return', peersResultOf(churn, { recovery_s: 6 }))?.holds).toBe(false)
  expect(judged('Return', peersResultOf(churn, { recovery_s: 6, least_s: 3.1 }))?.holds).toBe(true)
})

test('the figure has both figures of each published cell, and is well-formed', () => {
  const figure = peersFigureOf(results, experiment)
  expect(figure.match(/class="n( zero)?"/g)).toHaveLength(216)
  expect(figure.match(/<rect/g)).toHaveLength(217)
  expect(figure).toContain('>497</text>')
  expect(figure.match(/<text/g)?.length).toBe(figure.match(/<\/text>/g)?.length)
})

test('the document has all of it', () => {
  const document = JSON.parse(JSON.stringify(peersDocumentOf(experiment, { results, complete: true })))
  expect(document).toMatchObject({ experiment: 'peers', complete: true, cells_asked: 108 })
  expect(document.cells[60]).toMatchObject({ multiplier: 2, published: { back_pct: expect.any(Number) } })
})

test('runs of a cell are merged by their sums', () => {
  const cell = cellOf(2, 50, 25)
  const both = merged([
    peersResultOf(cell, { farthest: 5, broken: '' }),
    peersResultOf(cell, { farthest: 9, broken: 'Q2: x' }),
  ])
  expect(both).toMatchObject({ runs: 2, ticks: 20_000, farthest: 9, broken: 'Q2: x' })
})

test('however many workers there are, the outcome is the same', async () => {
  const few = {
    cells: peersCellsOf({ multipliers: [2], latencies: [5, 25], rates: [100], churn: false }),
    runs: 2,
    seconds: 5,
    seed: 1,
  }
  const worker = { run: (job: Parameters<typeof runPeersJob>[0]) => Promise.resolve(runPeersJob(job)) }
  const one = await runPeersExperiment(few, [worker])
  expect(one.complete).toBe(true)
  expect(one.results.map(({ runs }) => runs)).toEqual([2, 2])
  expect(await runPeersExperiment(few, [worker, worker, worker])).toEqual(one)
})
