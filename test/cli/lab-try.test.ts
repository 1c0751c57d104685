import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { TryReport } from '../../src/lab/try/report.ts'

const folder = mkdtempSync(join(tmpdir(), 'try-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** As a user runs it: in a process of its own, which loads the application as often as it has instances. */
const run = (...args: string[]): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--import', './test/ts.mjs', 'src/cli/main.ts', 'lab', 'try', ...args],
      { env: { ...process.env, NO_COLOR: '1' } },
    )
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })

describe('lab try, run as a user runs it', () => {
  test('names tick, field and call in TypeScript as its author wrote it, and ends with 1', async () => {
    const { code, out, err } = await run('test/lab/broken/sine.ts', '--minutes', '0.1')
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(out).toMatch(/^sine@1 parts at tick \d+ \(\d+\.\d s\) of \d+: instances 1 and 2 differ in ships/)
    expect(out).toMatch(/Likely cause: tick calls Math\.sin at sine\.ts:8:\d+\./)
    expect(out).toContain('Use sin from sametick/deterministic.')
    expect(out).toContain('Again: npx sametick lab try test/lab/broken/sine.ts --seed 1 --minutes 0.1')
  })

  test('what is kept outside of the state is seen only in a process of its own, and there it is', async () => {
    const script = join(folder, 'script.json')
    writeFileSync(script, JSON.stringify([5, 6, 150].map((tick) => ({ tick, event: 'turn' }))))
    const { code, out } = await run('test/lab/broken/outside.ts', '--minutes', '0.2', '--input', script)
    expect(code).toBe(1)
    expect(out).toContain(
      'on.turn depends on something that is kept outside of the state: turns (3 in one, 1 in the other).',
    )
    expect(out).toMatch(/turn {2}1: 3 {2}2: 1/)
  })

  test('says that all are equal as JSON, and ends with 0', async () => {
    const { code, out, err } = await run('test/lab/sound/rect.ts', '--minutes', '0.1', '--json')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const report = JSON.parse(out) as TryReport
    expect(report).toMatchObject({ verdict: 'equal', app: 'rect@1', instances: 3, seed: 1, notes: [] })
  })

  test('what an application has left running keeps nobody waiting', async () => {
    const file = join(folder, 'restless.ts')
    const source = join(process.cwd(), 'src/index.ts')
    writeFileSync(
      file,
      `import { app } from ${JSON.stringify(source)}
setInterval(() => undefined, 1_000)
export default app({ id: 'restless@1', fps: 20, start: () => ({ n: 0 }), tick: (s) => void s.n++ })`,
    )
    const { code, out } = await run(file, '--minutes', '0.1')
    expect(code).toBe(0)
    expect(out).toContain('restless@1: 3 instances')
  })

  test('what a module takes from the machine when it is loaded is seen, in what it imports as well', async () => {
    const source = join(process.cwd(), 'src/index.ts')
    writeFileSync(join(folder, 'taken.js'), 'const { sin } = Math\nexport const wave = (x) => sin(x)\n')
    const file = join(folder, 'takes.ts')
    writeFileSync(
      file,
      `import { app } from ${JSON.stringify(source)}
import { wave } from './taken.js'
export default app({ id: 'takes@1', fps: 20, start: () => ({ x: 0 }), tick: (s) => void (s.x = wave(s.x + 1)) })`,
    )
    const { out } = await run(file, '--minutes', '0.1')
    expect(out).toMatch(/takes@1 parts at tick \d+/)
    expect(out).toMatch(/Likely cause: tick calls Math\.sin at taken\.js:2:\d+\./)
  })

  test('a promise that fails where nobody hears it is told, and ends nothing', async () => {
    const source = join(process.cwd(), 'src/index.ts')
    const file = join(folder, 'unheard.js')
    writeFileSync(
      file,
      `import { app } from ${JSON.stringify(source)}
export default app({
  id: 'unheard@1', fps: 20, start: () => ({ n: 0 }),
  tick(s) { if (s.n++ === 3) void Promise.reject(new RangeError('no answer')) },
})`,
    )
    const { code, out, err } = await run(file, '--minutes', '0.1')
    expect(code).toBe(0)
    expect(out).toContain('unheard@1: 3 instances')
    expect(err).toMatch(
      /^Note: \d+ promises of the application failed, and nobody heard of it; the first: no answer/,
    )
    expect(err).toContain('unheard.js:4:')
  })

  test('what is wrong with a file is said with its place', async () => {
    const thrown = join(folder, 'thrown.mjs')
    writeFileSync(thrown, "const x = 1\nthrow new Error('not today')\n")
    const alike = join(folder, 'alike.mjs')
    writeFileSync(alike, "export default { id: 'x@1', fps: 20, start: () => ({}) }\n")
    const late = join(folder, 'late.json')
    writeFileSync(late, JSON.stringify([{ tick: 9_000, event: 'turn' }]))
    const gone = join(folder, 'gone.mjs')
    writeFileSync(gone, 'process.exit(0)\n')
    const [a, b, c, d] = await Promise.all([
      run(thrown),
      run(alike),
      run('test/lab/broken/outside.ts', '--minutes', '0.1', '--input', late),
      run(gone),
    ])
    for (const { code } of [a, b, c, d]) expect(code).toBe(2)
    expect(a.err).toMatch(/thrown\.mjs cannot be loaded: not today \(.*thrown\.mjs:2:7\)/)
    expect(b.err).toContain('alike.mjs does not export an application: write export default app({ … })')
    expect(c.err).toContain(
      'Entry 1 of the script: tick 9000 is not reached in 0.1 minutes: try more of them.',
    )
    expect(d.err).toContain('gone.mjs ends the process (process.exit) before it could be tried')
  })

  test('a module without an application, and a script that is none, end with 2', async () => {
    const none = await run('test/ts.mjs')
    expect(none.code).toBe(2)
    expect(none.err).toContain('test/ts.mjs does not export an application: write export default app({ … })')
    const script = await run('test/lab/sound/rect.ts', '--input', 'package.json')
    expect(script.code).toBe(2)
    expect(script.err).toContain('package.json is no script: it is a list of { "tick": 10, "player": 1')
  })
})
