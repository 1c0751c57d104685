import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { Threads } from '../../src/cli/threads.ts'
import { storyOf } from '../../src/lab/faults/draw.ts'
import { runSearch, type Searcher } from '../../src/lab/faults/job.ts'
import { runExperiment } from '../../src/lab/gals/experiment.ts'
import { cellsOf } from '../../src/lab/gals/select.ts'
import { type Rules, runJob } from '../../src/lab/gals/worker.ts'
import { experimentOf, FIRST, GALS } from '../lab/gals/made-up.ts'

/** Lets a thread, or a process, run TypeScript. */
const FROM_SOURCE = ['--import', './test/ts.mjs']

const CELLS = cellsOf({ nets: ['lan'], fps: [10, 25], instances: [2, 5], seconds: [1] })

const inThreads = async (count: number, rules: Rules) => {
  const threads = new Threads(count, { execArgv: FROM_SOURCE })
  try {
    return await runExperiment(experimentOf(CELLS, { runs: 2, seconds: 10, rules }), threads.workers)
  } finally {
    await threads.end()
  }
}

test.each([
  ['ours', GALS],
  ['those of the first implementation', FIRST],
])('threads give what this thread gives, however many there are, by rules that are %s', async (_, rules) => {
  const here = await runExperiment(experimentOf(CELLS, { runs: 2, seconds: 10, rules }), [
    { run: (job) => Promise.resolve(runJob(job)) },
  ])
  expect(here.complete).toBe(true)
  expect(await inThreads(1, rules)).toEqual(here)
  expect(await inThreads(3, rules)).toEqual(here)
})

test('a thread that is asked for two things gives to each its own', async () => {
  const threads = new Threads(1, { execArgv: FROM_SOURCE })
  const [searcher] = threads.searchers as [Searcher]
  const job = { options: {}, twiceIn: 1, count: 1 }
  const story = { ...storyOf(3), deeds: [] }
  const all = await Promise.all([
    searcher.search({ ...job, from: 5 }),
    searcher.shrink({ story, invariant: 'P1' }),
    searcher.search({ ...job, from: 6 }),
  ])
  expect(all).toEqual([runSearch({ ...job, from: 5 }), story, runSearch({ ...job, from: 6 })])
  await threads.end()
})

test('an error in a thread names the run and its seed', async () => {
  const threads = new Threads(1, { execArgv: FROM_SOURCE })
  const [cell] = CELLS as [(typeof CELLS)[0]]
  const broken = { cell: { ...cell, instances: -1 }, run: 1, seed: 77, seconds: 10, rules: GALS }
  await expect(threads.workers[0]?.run(broken)).rejects.toThrow(
    'Run 2 of LAN, 10 FPS, -1 instances, every 1 s (its seed is 77) failed: ',
  )
  await threads.end()
})

test('a thread that ends in the middle of a run fails the run', async () => {
  const threads = new Threads(1, { execArgv: FROM_SOURCE })
  const [cell] = CELLS as [(typeof CELLS)[0]]
  const run = threads.workers[0]?.run({ cell, run: 0, seed: 1, seconds: 100_000, rules: GALS })
  const failed = expect(run).rejects.toThrow('its thread ended')
  await threads.end()
  await failed
})

test('without the built file it says what to do', () => {
  expect(() => new Threads(1, {}, pathToFileURL('dist/nowhere/thread.js'))).toThrow(
    /nowhere.thread\.js is not there, which the runs need: build it with npm run build\.$/,
  )
})

const sametick = (line: string) => {
  const child = spawn(process.execPath, [...FROM_SOURCE, 'src/cli/main.ts', ...line.split(' ')])
  const said = { out: '', err: '' }
  child.stdout.on('data', (text) => {
    said.out += text
  })
  child.stderr.on('data', (text) => {
    said.err += text
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, ...said }))
  return { child, ended }
}

test('the program runs as a process of its own', async () => {
  const line = 'lab gals --network lan --fps 10 --instances 2 --every 1 --minutes 0.2 --json'
  const { code, out } = await sametick(line).ended
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ complete: true, cells: [{ runs: 3, identical: true }] })
})

test('the process ends when it is stopped, with what is done so far', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'sametick-')), 'made')
  // No run of these can be over before the signal comes, however late that is: each takes minutes.
  const line = `lab gals --json --fps 50 --instances 50 --minutes 1440 --svg ${folder}/figure.svg`
  const { child, ended } = sametick(line)
  // It makes the folder just before the runs begin.
  while (!existsSync(folder) && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 10))
  child.kill('SIGINT')
  const { code, out, err } = await ended
  expect(err).toBe('Stopped after 0 of 36 runs.\n')
  expect(code).toBe(130)
  expect(JSON.parse(out)).toMatchObject({ complete: false, cells: [] })
  rmSync(dirname(folder), { recursive: true })
})
