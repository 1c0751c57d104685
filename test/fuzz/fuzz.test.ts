import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { build, hunt } from './build.ts'
import { readCorpus } from './corpus.ts'
import { instrumented } from './instrument.ts'
import { mutated } from './mutate.ts'
import { TARGETS } from './targets.ts'

describe.each(TARGETS)('$name', ({ name, seeds, run }) => {
  const corpus = [...seeds(), ...readCorpus(name)]

  test('bears every input that is kept', () => {
    expect(readCorpus(name).length).toBeGreaterThan(5)
    for (const bytes of corpus) expect(() => run(bytes), Buffer.from(bytes).toString('hex')).not.toThrow()
  })

  test('and what is near them', () => {
    const random = new Random(7)
    for (let i = 0; i < 400; i++) {
      const bytes = mutated(
        corpus[random.below(corpus.length)] as Uint8Array,
        corpus[random.below(corpus.length)] as Uint8Array,
        random,
      )
      expect(() => run(bytes), Buffer.from(bytes).toString('hex')).not.toThrow()
    }
  })
})

describe('counters', () => {
  const { code, count } = instrumented(
    'a.ts',
    'export const f = (a: number | undefined): number => { if (a === 1) return 2; else for (;;) break; return (a ?? 3) > 4 && a! < 9 ? 5 : 6 }',
    10,
  )

  test('stand on every way', () => {
    // The body, both branches, the body of the loop, two right sides and two values.
    expect(count).toBe(8)
    for (let i = 10; i < 18; i++) expect(code).toContain(`__edges[${i}]++`)
  })

  test('change nothing of what is done', async () => {
    const { transformSync } = await import('rolldown/utils')
    const edges = new Uint8Array(32)
    ;(globalThis as Record<string, unknown>).__edges = edges
    const plain = transformSync('a.ts', code).code
    const { f } = (await import(`data:text/javascript,${encodeURIComponent(plain)}`)) as {
      f(a: number | undefined): number
    }
    delete (globalThis as Record<string, unknown>).__edges
    expect([f(1), f(undefined), f(5), f(12)]).toEqual([2, 6, 5, 6])
    expect(edges.reduce((sum, each) => sum + (each > 0 ? 1 : 0), 0)).toBe(8)
  })
})

describe('a guard that is taken away is found out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fuzz-'))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  // By inputs and not by time: then it goes the same way on every machine.
  const base = { seconds: Number.POSITIVE_INFINITY, inputs: 60_000, seed: 1, most: 1 }

  test('in the codec: a block may be longer than what is left', async () => {
    const broken = await build(join(folder, 'codec.mjs'), [
      {
        file: 'core/wire/bytes.ts',
        find: 'if (n > this.left) {',
        replace: 'if (n > this.left + 1e9) {',
      },
    ])
    const { found } = await hunt(broken, { ...base, target: 'codec', corpus: [] })
    expect(found.map(({ what }) => what).join()).toContain('RangeError')
  })

  test('at the door: half of a cookie is enough', async () => {
    const broken = await build(join(folder, 'cookie.mjs'), [
      {
        file: 'core/wire/cookie.ts',
        find: 'for (let i = 0; i < a.length; i++) difference',
        replace: 'for (let i = 0; i < a.length; i += 2) difference',
      },
    ])
    const { found } = await hunt(broken, { ...base, target: 'cookie', corpus: [] })
    expect(found.map(({ what }) => what).join()).toContain('let in without the cookie')
  })
})
