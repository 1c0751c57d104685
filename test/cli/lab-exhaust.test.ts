import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import type { Exhausted } from '../../src/lab/exhaust/search.ts'
import { say } from './stage.ts'

test('lab exhaust tries one world to its end and says how many states it has', async () => {
  const { code, out, err } = await say('lab exhaust horizon newcomer')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^world +states +steps +ends +deepest +time\n/)
  expect(out).toMatch(/\nhorizon: an event and a newcomer +\d+ +\d+ +\d+ +\d+ +\d+ s\n/)
  expect(out).toMatch(/\n +\d+ {2}an instance is frozen\n/)
})

test('as JSON', async () => {
  const { code, out } = await say('lab exhaust horizon newcomer --json')
  const { states, results } = JSON.parse(out) as { states: number; results: Exhausted[] }
  expect(code).toBe(0)
  expect(results).toHaveLength(1)
  expect(results[0]).toMatchObject({ complete: true, states })
})

test('stopped on the way it says so by its code', async () => {
  const stop = new AbortController()
  stop.abort()
  expect((await say('lab exhaust gals two', { signal: stop.signal })).code).toBe(130)
})

test('Ctrl-C ends it where it stands', async () => {
  const child = spawn(process.execPath, ['--import', './test/ts.mjs', 'src/cli/main.ts', 'lab', 'exhaust'])
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  expect(signal).toBe('SIGINT')
})
