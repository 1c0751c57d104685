import { describe, expect, test } from 'vitest'
import type { CellResult } from '../../../src/lab/gals/cell.ts'
import { jobsOf, type Progress, runExperiment, seedOf } from '../../../src/lab/gals/experiment.ts'
import { cellsOf, FIGURE_8, keyOf, WHOLE } from '../../../src/lab/gals/select.ts'
import { type Job, runJob, type Worker } from '../../../src/lab/gals/worker.ts'
import { experimentOf, FIRST, HORIZON, resultOf } from './made-up.ts'

const PART = cellsOf({ nets: ['lan', 'wan'], fps: [10, 50], instances: [5], seconds: [1, 0.25] })

/** What a run gives, made up from its seed. */
const madeUp = ({ cell, seed }: Job): CellResult =>
  resultOf(cell, { latency_ticks: seed / 3, events: 1 + (seed % 7), rtt_ms: seed / 7 })

/** Needs as many turns as it is told to for each of its jobs. */
const workerOf = (turns: (job: Job) => number): Worker => ({
  run: async (job) => {
    for (let i = turns(job); i > 0; i--) await Promise.resolve()
    return madeUp(job)
  },
})
const prompt = workerOf(() => 0)

describe('seeds', () => {
  test('are of the cell, the run and the seed of the experiment alone, and stay what they were', () => {
    const cell = { net: 'wan', fps: 25, instances: 10, seconds: 0.5 } as const
    expect([0, 1, 2].map((run) => seedOf(1, cell, run))).toMatchInlineSnapshot(`
      [
        4194553628,
        3308387207,
        1601570297,
      ]
    `)
    expect(seedOf(2, cell, 0)).not.toBe(seedOf(1, cell, 0))
  })

  test('are different for all runs of the whole experiment', () => {
    const seeds = jobsOf(experimentOf(cellsOf(WHOLE), { runs: 3 })).map(({ seed }) => seed)
    expect(new Set(seeds).size).toBe(864)
  })
})

test('the longest runs come first', () => {
  const jobs = jobsOf(experimentOf(cellsOf(WHOLE)))
  expect(jobs[0]?.cell).toMatchObject({ fps: 100, instances: 100, seconds: 0.25 })
  expect(jobs.at(-1)?.cell).toMatchObject({ fps: 10, instances: 2, seconds: 5 })
})

describe('the results', () => {
  const experiment = experimentOf(PART, { runs: 3 })

  test('come in the order of the cells, all runs of a cell as one', async () => {
    const { results, complete } = await runExperiment(experiment, [prompt])
    expect(complete).toBe(true)
    expect(results.map(({ cell }) => cell)).toEqual(PART)
    expect(results.every(({ runs }) => runs === 3)).toBe(true)
  })

  test('are the same to the last bit however many work on them, and however fast', async () => {
    const alone = await runExperiment(experiment, [prompt])
    const five = [7, 0, 3, 1, 12].map((n) => workerOf(({ seed }) => (seed % 5) * n))
    expect(await runExperiment(experiment, five)).toEqual(alone)
  })

  test('of a part are those of the whole', async () => {
    const whole = await runExperiment(experimentOf(cellsOf(FIGURE_8), { runs: 3 }), [prompt])
    const part = await runExperiment(experiment, [prompt])
    const keys = new Set(PART.map(keyOf))
    expect(whole.results.filter(({ cell }) => keys.has(keyOf(cell)))).toEqual(part.results)
  })
})

test('progress grows to all of the work', async () => {
  const seen: Progress[] = []
  await runExperiment(experimentOf(PART, { runs: 2 }), [prompt], (progress) => seen.push(progress))
  expect(seen[0]).toEqual({ runsDone: 0, runs: 16, share: 0, virtual_s: 0 })
  expect(seen.at(-1)).toMatchObject({ runsDone: 16, virtual_s: 16 * 60 })
  expect(seen.at(-1)?.share).toBeCloseTo(1)
  expect(seen.every(({ share }, i) => i === 0 || share > (seen[i - 1]?.share ?? 0))).toBe(true)
})

describe('an experiment that is stopped', () => {
  test('has the cells of which a run was done, and says that it is not complete', async () => {
    const stop = new AbortController()
    const stopping = (progress: Progress) => {
      if (progress.runsDone === 5) stop.abort()
    }
    const outcome = await runExperiment(experimentOf(PART, { runs: 2 }), [prompt], stopping, stop.signal)
    expect(outcome.complete).toBe(false)
    expect(outcome.results.reduce((sum, { runs }) => sum + runs, 0)).toBe(5)
    expect(outcome.results.length).toBe(3)
  })

  test('does not wait for a run that goes on', async () => {
    const stop = new AbortController()
    const never: Worker = { run: () => new Promise(() => {}) }
    const outcome = runExperiment(experimentOf(PART), [never], undefined, stop.signal)
    stop.abort()
    expect(await outcome).toEqual({ results: [], complete: false })
  })

  test('before it began has nothing', async () => {
    const outcome = await runExperiment(experimentOf(PART), [prompt], undefined, AbortSignal.abort())
    expect(outcome).toEqual({ results: [], complete: false })
  })
})

test('a run that fails ends the experiment', async () => {
  let runs = 0
  const failing: Worker = {
    run: (job) => (++runs === 2 ? Promise.reject(new Error('broken')) : Promise.resolve(madeUp(job))),
  }
  await expect(runExperiment(experimentOf(PART), [failing])).rejects.toThrow('broken')
  expect(runs).toBe(2)
})

test.each([
  ['the first implementation', FIRST],
  ['horizon', HORIZON],
])('a run by the rules of %s is the same each time', (_, rules) => {
  const [cell] = PART as [(typeof PART)[0]]
  const job = { cell, run: 0, seed: 5, seconds: 10, rules }
  expect(runJob(job)).toEqual(runJob(job))
  expect(runJob(job)).toMatchObject({ cell, runs: 1, virtual_s: 10, identical: true })
})
