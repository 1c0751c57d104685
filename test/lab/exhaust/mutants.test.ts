import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, test } from 'vitest'
import type { Invariant } from '../../../src/lab/checks.ts'
import { boundOf } from '../../../src/lab/exhaust/bounds.ts'
import type { Exhausted } from '../../../src/lab/exhaust/search.ts'
import { build } from '../../mutants/hunt.ts'
import { editsOf } from '../../mutants/mutant.ts'
import { MUTANTS } from '../../mutants/mutants.ts'
import type { Hunt } from './prey.ts'

/** Rules of the protocol that are turned off in the source, and the world and the invariant that find it out. */
const CAUGHT = [
  ['the stamp is the highest answer, whoever has not answered', 'gals: two events', 'P1'],
  ['the deadline is computed a second time, by the sequencer', 'gals: two events', 'P1'],
  ['an answer counts one tick too low', 'gals: two events', 'P3'],
  ['the last stamp of the source is forgotten', 'gals: two events', 'P2'],
  ['the newest round is stamped first', 'gals: two events', 'P2'],
  ['an instance answers and arms nothing', 'gals: two events', 'P3'],
  ['an instance runs one tick beyond its limit', 'gals: two events', 'P1'],
  ['a timeline goes by stamp alone, and new ones go first', 'gals: two events', 'P1'],
  ['a stamp may be below the floor', 'gals: an event and any fault', 'P4'],
  ['a leave may come before the last event of its member', 'gals: an event and any fault', 'P2'],
  ['something is stamped after the end', 'gals: an event and the end', 'P4', 1],
  ['a newcomer gets no membership events', 'gals: an event and a newcomer', 'P6'],
  ['a grant counts only when the next one is sent', 'horizon: two events among three', 'P3'],
] as const satisfies readonly (readonly [string, string, Invariant, quanta?: number])[]

const PREY = join(import.meta.dirname, 'prey.ts')
const STATES_MAX = 8_000

const folder = await mkdtemp(join(tmpdir(), 'exhaust-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (file: string, workerData: Hunt): Promise<Exhausted[]> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData })
    worker.once('message', resolve)
    worker.once('error', reject)
  })

test.each(CAUGHT)('finds out that %s', async (name, bound, invariant, quanta?: number) => {
  const mutant = MUTANTS.find((each) => each.name === name)
  expect(mutant).toBeDefined()
  const file = join(folder, `${name.replace(/\W+/g, '-')}.mjs`)
  await build(editsOf(mutant as NonNullable<typeof mutant>), file, PREY)
  const [result] = await run(file, {
    bounds: [{ ...boundOf(bound), ...(quanta === undefined ? {} : { quanta }) }],
    statesMax: STATES_MAX,
  })
  expect(result?.fall, `nothing found in ${result?.states} states`).toBeDefined()
  expect(result?.fall?.invariant).toBe(invariant)
  expect(result?.fall?.story.length).toBeGreaterThan(0)
})

test('and nothing in the source as it is', async () => {
  const file = join(folder, 'whole.mjs')
  await build([], file, PREY)
  const bounds = [...new Set(CAUGHT.map(([, bound]) => bound))].map(boundOf)
  const results = await run(file, { bounds, statesMax: 500 })
  expect(results.map(({ fall }) => fall)).toEqual(bounds.map(() => undefined))
})
