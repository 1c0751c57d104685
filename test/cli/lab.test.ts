import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Cell } from '../../src/lab/gals/cell.ts'
import { FIRST, GALS, HORIZON, resultOf } from '../lab/gals/made-up.ts'
import { say } from './stage.ts'

const folder = mkdtempSync(join(tmpdir(), 'sametick-'))
afterAll(() => rmSync(folder, { recursive: true }))

const FEW = 'lab gals --network lan --fps 10 --instances 5,10 --every 1 --minutes 1 --runs 2'

const valuesOf = (cells: readonly Cell[], of: keyof Cell) =>
  [...new Set(cells.map((cell) => cell[of]))].sort()

describe('what is run', () => {
  test('is the whole experiment, as the authors did it', async () => {
    const { jobs } = await say('lab gals --quiet')
    expect(jobs.length).toBe(288 * 3)
    expect(jobs.every(({ seconds }) => seconds === 300)).toBe(true)
  })

  test('is the part that is chosen', async () => {
    const { jobs } = await say('lab gals -n wan,lan -f 25,60 -i 7 -e 2,0.5 --runs 1 --minutes 0.5 --quiet')
    const cells = jobs.map(({ cell }) => cell)
    expect(cells.length).toBe(8)
    expect(valuesOf(cells, 'net')).toEqual(['lan', 'wan'])
    expect(valuesOf(cells, 'fps')).toEqual([25, 60])
    expect(valuesOf(cells, 'instances')).toEqual([7])
    expect(valuesOf(cells, 'seconds')).toEqual([0.5, 2])
    expect(jobs.every(({ seconds }) => seconds === 30)).toBe(true)
  })

  test('has other chance with another seed', async () => {
    const seeds = async (more: string) => (await say(`${FEW} ${more}`)).jobs.map(({ seed }) => seed)
    expect(await seeds('')).toEqual(await seeds('--seed 1'))
    expect(await seeds('')).not.toEqual(await seeds('--seed 2'))
  })

  test.each([
    ['', GALS],
    ['--discipline gals --k 1.5', { ...GALS, k: 1.5 }],
    ['--margin tuned', { ...GALS, margin: undefined }],
    ['--margin 0', { ...GALS, margin: 0 }],
    ['--tuned', { ...GALS, k: undefined, margin: undefined }],
    ['--discipline horizon', HORIZON],
    ['--discipline auto', { ...HORIZON, discipline: 'auto' }],
    ['--discipline auto --k 2', { ...HORIZON, discipline: 'auto', k: 2 }],
    ['--first', FIRST],
  ])('goes by the rules that are named: %s', async (more, rules) => {
    expect((await say(`${FEW} ${more}`)).jobs[0]?.rules).toEqual(rules)
  })
})

describe('what comes out', () => {
  test('is a table and what it comes to', async () => {
    const { code, out, err } = await say(FEW)
    expect(code).toBe(0)
    expect(err).toBe('')
    expect(`\n${out}`).toMatchInlineSnapshot(`
      "
      2 cells by gals, k = 2, margin 200 µs an instance
      of each 2 runs of 1 virtual minute, seed 1

      LAN      Latency, ticks                   Drift, %         Freeze, %
                    every 1 s                        every 1 s        every 1 s
      FPS    N     ours paper   limit  RTT ms       ours paper       ours paper
       10    5      1.0   2.2     0.5    10.0        0.0   0.0        0.0   0.0
            10      1.0   2.3     0.5    10.0        0.0   0.0        0.0   0.0

      Timelines  identical everywhere in all 2 cells, no invariant broken
      Latency    at or below the paper's in all 2 cells
                 closest: LAN, 10 FPS, 5 instances, every 1 s: 1.00 and 2.2
      Drift      at or below the paper's in all 2 cells
      Freeze     at or below the paper's in all 2 cells
      Limit      0.50 ticks above what the delays force, in the mean
      Frozen     0.00 % of all ticks

      4 min 00 s of virtual time took 4 s: 60 × real time.
      "
    `)
  })

  test('is what it comes to and nothing else when it is to be quiet', async () => {
    const { out, err } = await say(`${FEW} --quiet`, { columns: 100, env: { NO_COLOR: '1' } })
    expect(out).toMatch(/^Timelines {2}identical everywhere in all 2 cells.*\n[^≠]*\nFrozen .*\n$/)
    expect(err).toBe('')
  })

  test('is one document and nothing else with --json', async () => {
    const { out, err } = await say(`${FEW} --json`)
    expect(JSON.parse(out)).toMatchObject({
      runs: 2,
      seconds_per_run: 60,
      complete: true,
      cells: [
        { net: 'lan', fps: 10, instances: 5, seconds_per_event: 1, runs: 2, published: { latency: 2.2 } },
        { instances: 10 },
      ],
    })
    expect(err).toContain('of virtual time')
  })

  test('is the same document with another number of jobs', async () => {
    const [one, many] = await Promise.all(['1', '5'].map((jobs) => say(`${FEW} --json --jobs ${jobs}`)))
    expect(one?.out).toBe(many?.out)
  })

  test('is a figure too, in a folder that is made for it', async () => {
    const file = join(folder, 'new', 'figure.svg')
    const { out } = await say(`${FEW} --svg ${file}`)
    expect(out).toContain(`The figure is in ${file}.`)
    expect(readFileSync(file, 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
  })

  test('has colours on a terminal only, and none where NO_COLOR says so', async () => {
    const result = { run: ({ cell }: { cell: Cell }) => resultOf(cell, { latency_ticks: 9 }) }
    const red = '\x1b[31m'
    const outOf = async (columns: number | undefined, env: Record<string, string>) =>
      (await say(FEW, { ...result, ...(columns ? { columns } : {}), env })).out.includes(red)
    expect(await outOf(100, {})).toBe(true)
    expect(await outOf(undefined, {})).toBe(false)
    expect(await outOf(100, { NO_COLOR: '1' })).toBe(false)
    expect(await outOf(100, { TERM: 'dumb' })).toBe(false)
    expect(await outOf(undefined, { FORCE_COLOR: '1' })).toBe(true)
  })
})

describe('the exit code is 1', () => {
  const differing = {
    run: ({ cell }: { cell: Cell }) => resultOf(cell, { identical: false, divergence: 'P1: so' }),
  }

  test('if timelines differ', async () => {
    const { code, out } = await say(FEW, differing)
    expect(code).toBe(1)
    expect(out).toContain('differ, or an invariant is broken, in 2 of 2 cells')
    expect(out).toContain('LAN, 10 FPS, 5 instances, every 1 s: P1: so')
  })

  test('but not if those of the first implementation do: that is what they did', async () => {
    expect(await say(`${FEW} --first`, differing)).toMatchObject({ code: 0 })
  })

  test('if a run fails, and the error says which', async () => {
    const run = () => Promise.reject(new Error('Run 2 of it failed: P4'))
    expect(await say(FEW, { run })).toMatchObject({
      code: 1,
      err: 'error: Run 2 of it failed: P4\n',
      out: '',
    })
  })
})

describe('Ctrl-C', () => {
  const stopped = (more: string, after: number) => {
    const stop = new AbortController()
    let runs = 0
    const run = ({ cell }: { cell: Cell }) => {
      if (runs++ === after) {
        stop.abort()
        return new Promise<never>(() => {})
      }
      return resultOf(cell)
    }
    return say(`${FEW} --jobs 1 ${more}`, { run, signal: stop.signal })
  }

  test('shows what is done so far', async () => {
    const { code, out, err } = await stopped('', 3)
    expect(code).toBe(130)
    expect(out).toContain('2 cells by gals')
    expect(err).toBe('Stopped after 3 of 4 runs.\n')
  })

  test('before anything is done shows nothing, and draws nothing', async () => {
    const file = join(folder, 'none.svg')
    expect(await stopped(`--svg ${file}`, 0)).toMatchObject({
      code: 130,
      out: '',
      err: 'Stopped after 0 of 4 runs.\n',
    })
    expect(existsSync(file)).toBe(false)
  })

  test('leaves a document that says that it is not complete', async () => {
    expect(JSON.parse((await stopped('--json', 1)).out)).toMatchObject({ complete: false, cells_asked: 2 })
  })
})
