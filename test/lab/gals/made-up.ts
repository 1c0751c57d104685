import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Cell, CellResult } from '../../../src/lab/gals/cell.ts'
import type { Experiment } from '../../../src/lab/gals/experiment.ts'
import { cellsOf } from '../../../src/lab/gals/select.ts'
import { PAPER_K, PAPER_MARGIN, type Rules } from '../../../src/lab/gals/worker.ts'

/** A result that nobody has measured, with round figures. */
export const resultOf = (cell: Cell, changed: Partial<CellResult> = {}): CellResult => ({
  cell,
  runs: 1,
  virtual_s: 60,
  events: 60 / cell.seconds,
  latency_ticks: 1,
  latency_ms: 1_000 / cell.fps,
  limit_ticks: 0.5,
  frozen_pct: 0,
  drift_pct: 0,
  rtt_ms: 10,
  waiting: 0,
  messages: 1_000,
  identical: true,
  divergence: '',
  ...changed,
})

export const GALS: Rules = { kind: 'ours', discipline: 'gals', k: PAPER_K, margin: PAPER_MARGIN }
export const HORIZON: Rules = { kind: 'ours', discipline: 'horizon', k: undefined, margin: undefined }
export const FIRST: Rules = { kind: 'first' }

export const experimentOf = (cells: readonly Cell[], changed: Partial<Experiment> = {}): Experiment => ({
  cells,
  runs: 1,
  seconds: 60,
  seed: 1,
  rules: GALS,
  ...changed,
})

const CELLS = cellsOf({
  nets: ['loopback', 'wan'],
  fps: [10, 50],
  instances: [5, 50],
  seconds: [5, 1, 0.25],
})

/** A small experiment with everything in it: all colours, long and short figures, what differs, what is missing. */
export const RESULTS: readonly CellResult[] = CELLS.map((cell, i) =>
  resultOf(cell, {
    latency_ticks: (i * i) / 9,
    limit_ticks: i / 20,
    drift_pct: (i % 7) / 2,
    frozen_pct: (i % 5) / 8,
    rtt_ms: 2 + 5 * i,
    waiting: i % 6 === 5 ? 2 : 0,
    identical: i !== 16,
    divergence: i === 16 ? 'P1 at 12.5 s: event #7 (3.2) is at tick 40 in instance 2' : '',
  }),
).filter((_, i) => i !== 4)

export const EXPERIMENT = experimentOf(CELLS)

/**
 * The text that a person has looked at and found right. To write it anew after a change:
 * `UPDATE_GOLDEN=1 npx vitest run test/lab/gals test/cli`, then look at it, and at what git says changed.
 */
export const expectGolden = (name: string, text: string): void => {
  const file = new URL(`./golden/${name}`, import.meta.url)
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text)
  expect(text).toBe(readFileSync(file, 'utf8'))
}
