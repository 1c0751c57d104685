import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Cause, CauseKind, TryReport } from '../../../src/lab/try/report.ts'
import type { ScriptedInput } from '../../../src/lab/try/subject.ts'
import { tryApp } from '../../../src/lab/try/try.ts'
import { wordsOf } from '../../../src/lab/try/words.ts'
import { freshly } from './stage.ts'

const at = (tick: number, event: string, payload?: unknown, player = 1): ScriptedInput => ({
  tick,
  player,
  event,
  payload,
})

interface Case {
  readonly name: string
  readonly script: readonly ScriptedInput[]
  /** The event at whose tick they part; it is the last of the script. */
  readonly by: string
  readonly path: string
  readonly kind: CauseKind
  readonly call?: string
  /** Undefined: they part between two steps. */
  readonly handler?: string
  /** File and line of the cause. */
  readonly place?: string
}

/** Events at which they do not part yet, and one at which they must. */
const CASES: readonly Case[] = [
  {
    name: 'date',
    script: [at(100, 'light')],
    by: 'light',
    path: 'litAt',
    kind: 'clock',
    call: 'Date.now',
    handler: 'on.light',
    place: 'date.ts:12',
  },
  {
    name: 'random',
    script: [at(100, 'roll')],
    by: 'roll',
    path: 'pips[0]',
    kind: 'chance',
    call: 'Math.random',
    handler: 'on.roll',
    place: 'random.ts:11',
  },
  {
    name: 'sine',
    script: [at(100, 'turn', 0.1, 2)],
    by: 'turn',
    path: 'ships.get(2).x',
    kind: 'math',
    call: 'Math.sin',
    handler: 'tick',
    place: 'sine.ts:8',
  },
  {
    name: 'map-order',
    script: [at(5, 'bid', { of: 'zoe', much: 3 }), at(8, 'bid', { of: 'ann', much: 3 }), at(300, 'close')],
    by: 'close',
    path: 'winner',
    kind: 'map-order',
    handler: 'on.close',
    place: 'map-order.ts:20',
  },
  {
    name: 'key-order',
    script: [at(5, 'lap', 12), at(8, 'lap', 7), at(300, 'lap', 7), at(301, 'lap', 12)],
    by: 'lap',
    path: 'leader',
    kind: 'key-order',
    handler: 'on.lap',
    place: 'key-order.ts:18',
  },
  {
    name: 'sort',
    script: [at(5, 'add', 1), at(9, 'add', 2), at(100, 'next')],
    by: 'next',
    path: 'tasks[0].id',
    kind: 'sort',
    call: 'Array.sort',
    handler: 'on.next',
    place: 'sort.ts:20',
  },
  {
    name: 'outside',
    script: [at(5, 'turn'), at(6, 'turn'), at(300, 'turn')],
    by: 'turn',
    path: 'turn',
    kind: 'outside',
    handler: 'on.turn',
  },
  {
    name: 'sum',
    script: [
      at(5, 'put', { on: 3, grams: 0.1 }),
      at(8, 'put', { on: 2, grams: 0.2 }),
      at(11, 'put', { on: 1, grams: 0.3 }),
      at(300, 'weigh'),
    ],
    by: 'weigh',
    path: 'total',
    kind: 'sum-order',
    handler: 'on.weigh',
    place: 'sum.ts:20',
  },
  {
    name: 'async',
    script: [at(100, 'buy', 2)],
    by: 'buy',
    path: 'money',
    kind: 'async',
    handler: 'on.buy',
  },
  {
    name: 'render',
    script: [at(100, 'puff', 1)],
    by: 'puff',
    path: 'puffs[0].age',
    kind: 'render',
    handler: 'render',
  },
]

const tried = async ({ name, script }: Pick<Case, 'name' | 'script'>): Promise<TryReport> => {
  const report = await tryApp(freshly(`../broken/${name}.ts`), { minutes: 0.4, input: script })
  if (report.verdict === 'refused') throw new Error(report.hint)
  return report
}

test.each(CASES)('$name: tick, field and likely cause', async (one) => {
  const report = await tried(one)
  const { parting, causes } = report
  const last = one.script.at(-1) as ScriptedInput
  expect(report.verdict, wordsOf(report).join('\n')).toBe('differs')
  // The event lands a few ticks after it was emitted, and a step later they part; render may come two ticks later.
  expect(parting?.tick).toBeGreaterThanOrEqual(last.tick)
  expect(parting?.tick).toBeLessThan(last.tick + 8)
  if (one.kind !== 'render') expect(parting?.inputs.map(({ name }) => name)).toContain(one.by)
  expect(parting?.fields[0]?.path).toBe(one.path)
  const [cause, ...others] = causes as [Cause, ...Cause[]]
  expect(others).toEqual([])
  expect({ kind: cause.kind, call: cause.call, handler: cause.handler }).toEqual({
    kind: one.kind,
    call: one.call,
    handler: one.handler,
  })
  if (one.place !== undefined) expect(cause.at?.replace(/:\d+$/, '')).toBe(one.place)
})

test('the same seed gives the same report', async () => {
  const [one] = CASES.filter(({ name }) => name === 'sum') as [Case]
  expect(wordsOf(await tried(one))).toEqual(wordsOf(await tried(one)))
})

test('a test loads an application anew in the way that docs/determinism.md shows', async () => {
  let copy = 0
  const report = await tryApp(
    async () => {
      const { default: app, samples } = await import(/* @vite-ignore */ `../broken/outside.ts?copy=${copy++}`)
      return { app, samples }
    },
    { minutes: 0.4 },
  )
  expect(report.verdict === 'refused' ? [] : report.causes.map(({ kind }) => kind)).toEqual(['outside'])
  expect(readFileSync('docs/determinism.md', 'utf8')).toContain(
    'await import(/* @vite-ignore */ `./game.ts?copy=$' + '{copy++}`)',
  )
})
