import { randomInt, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { closureOf } from '../../../src/cli/closures.ts'
import { app, event } from '../../../src/index.ts'
import type { CauseKind } from '../../../src/lab/try/report.ts'
import type { Subject } from '../../../src/lab/try/subject.ts'
import { tryApp } from '../../../src/lab/try/try.ts'
import { wordsOf } from '../../../src/lab/try/words.ts'

/** What is broken may be written in many ways: the cause is named rightly in each, or said to be unknown. */

interface State {
  n: number
  last: unknown
  xs: number[]
}

type Go = (s: State, by: number, t: { random(): number }) => unknown

const of = (go: Go, more: object = {}): Subject['app'] =>
  app({
    id: 'otherwise@1',
    fps: 20,
    events: { go: event<number>(1) },
    start: (): State => ({ n: 0, last: 0, xs: [] }),
    on: {
      go(s, e, t) {
        s.n++
        return void go(s, e.payload, t)
      },
    },
    ...more,
  })

type Loaded = Subject['app'] | Omit<Subject, 'samples'>

interface Case {
  readonly name: string
  /** As its module is loaded: what stands in it is each copy's own. */
  readonly load: () => Loaded
  readonly kind: CauseKind
  readonly call?: string
  readonly handler?: string
  /** What is said of it beside. */
  readonly says?: RegExp
}

const CLOCK = { kind: 'clock', handler: 'on.go' } as const
const CHANCE = { kind: 'chance', handler: 'on.go' } as const
const MATHS = { kind: 'math', handler: 'on.go' } as const
const LOCALE = { kind: 'locale', handler: 'on.go' } as const
const OUTSIDE = { kind: 'outside', handler: 'on.go' } as const

const sumOf = (s: State): number => s.xs.reduce((sum, x) => sum + x, 0)
const world = globalThis as { counted?: number }

/** As a package, which every program of the process has in common. */
let last = 0
const numbered = (): number => ++last

const CASES: readonly Case[] = [
  // Clocks
  {
    name: 'new Date',
    load: () => of((s) => (s.last = new Date().toISOString())),
    ...CLOCK,
    call: 'new Date',
  },
  { name: 'the hour of the clock', load: () => of((s) => (s.last = new Date().getUTCHours())), ...CLOCK },
  { name: 'Date as a function', load: () => of((s) => (s.last = Date())), ...CLOCK, call: 'Date' },
  { name: 'performance', load: () => of((s) => (s.last = performance.now())), ...CLOCK },
  {
    name: 'hrtime.bigint, which hrtime still has',
    load: () => of((s) => (s.last = Number(process.hrtime.bigint()))),
    ...CLOCK,
    call: 'process.hrtime.bigint',
  },
  {
    name: 'a clock taken when the module was loaded',
    load: () => {
      const { now } = Date
      return of((s) => (s.last = now()))
    },
    ...CLOCK,
    call: 'Date.now',
  },
  // Chance
  {
    name: 'Math.random taken when the module was loaded',
    load: () => {
      const { random } = Math
      return of((s) => (s.last = random()))
    },
    ...CHANCE,
    call: 'Math.random',
  },
  {
    name: 'a number drawn when the module was loaded',
    load: () => {
      const first = Math.random()
      return of((s) => (s.last = first))
    },
    kind: 'chance',
    call: 'Math.random',
    handler: 'the module',
    says: /^the module calls Math\.random at otherwise\.test\.ts:\d+:\d+, when it is loaded\.$/,
  },
  { name: 'randomUUID', load: () => of((s) => (s.last = crypto.randomUUID())), ...CHANCE },
  {
    name: 'randomUUID of node:crypto',
    load: () => of((s) => (s.last = randomUUID())),
    ...CHANCE,
    call: 'crypto.randomUUID',
  },
  {
    name: 'randomInt of node:crypto',
    load: () => of((s) => (s.last = randomInt(1_000_000))),
    ...CHANCE,
    call: 'crypto.randomInt',
  },
  {
    name: 'a check that looks at the clock',
    load: () => of(() => undefined, { events: { go: event(1, () => Date.now() > 1_700_000_003_000) } }),
    kind: 'clock',
    call: 'Date.now',
    handler: 'the check of go',
  },
  {
    name: 'a save that tells the time',
    load: () =>
      of(() => undefined, { save: (s: State) => ({ ...s, at: Date.now() }), restore: (v: State) => v }),
    kind: 'clock',
    call: 'Date.now',
    handler: 'save',
  },
  // Mathematics
  ...(['cos', 'exp', 'log', 'cbrt'] as const).map(
    (name): Case => ({
      name,
      load: () => of((s) => (s.last = Math[name](0.3 + s.n))),
      ...MATHS,
      call: `Math.${name}`,
    }),
  ),
  {
    name: 'pow',
    load: () => {
      const { pow } = Math
      return of((s) => (s.last = pow(s.n, 1.3)))
    },
    ...MATHS,
    call: 'Math.pow',
  },
  {
    name: 'a sine taken when the module was loaded',
    load: () => {
      const { sin } = Math
      return of((s) => (s.last = sin(s.n)))
    },
    ...MATHS,
    call: 'Math.sin',
  },
  {
    name: 'a table of sines that is made when the module is loaded',
    load: () => {
      const table = Array.from({ length: 100 }, (_, i) => Math.sin(i))
      return of((s) => (s.last = table[s.n % 100]))
    },
    kind: 'math',
    call: 'Math.sin',
    handler: 'the module',
  },
  // Language and zone
  {
    name: 'Intl without new',
    load: () => of((s) => (s.last = Intl.NumberFormat().format(1234.5))),
    ...LOCALE,
  },
  {
    name: 'the zone that Intl tells',
    load: () => of((s) => (s.last = Intl.DateTimeFormat().resolvedOptions().timeZone)),
    ...LOCALE,
  },
  {
    name: 'a collator made when the module was loaded',
    load: () => {
      const { compare } = new Intl.Collator()
      return of((s) => (s.last = ['u', 'z', 't'].sort(compare).join('')))
    },
    kind: 'locale',
    call: 'Intl.Collator',
    handler: 'the module',
  },
  {
    name: 'parts of a date',
    load: () => of((s) => (s.last = +new Date(2020, 1, 3, 4))),
    ...LOCALE,
    call: 'new Date',
  },
  {
    name: 'a text without its zone',
    load: () => of((s) => (s.last = +new Date('2020-01-02T03:04'))),
    ...LOCALE,
  },
  {
    name: 'Date.parse',
    load: () => of((s) => (s.last = Date.parse('1 Jan 2020 03:04'))),
    ...LOCALE,
    call: 'Date.parse',
  },
  {
    name: 'the text of a date',
    load: () => of((s) => (s.last = `${new Date(1e12)}`)),
    ...LOCALE,
    call: 'Date.toString',
  },
  {
    name: 'the offset of the zone',
    load: () => of((s) => (s.last = new Date(0).getTimezoneOffset())),
    ...LOCALE,
  },
  {
    name: 'midnight',
    load: () => of((s) => (s.last = new Date(1e12).setHours(0, 0, 0, 0))),
    ...LOCALE,
    call: 'Date.setHours',
  },
  { name: 'capitals', load: () => of((s) => (s.last = 'title'.toLocaleUpperCase())), ...LOCALE },
  // Orders
  {
    name: 'a Set whose order is not kept',
    load: () =>
      app({
        id: 'set@1',
        fps: 20,
        events: { go: event<number>(1) },
        start: () => ({ seen: new Set<number>(), first: 0 }),
        on: {
          go(s, e) {
            s.seen.delete(e.payload)
            s.seen.add(e.payload)
            s.first = [...s.seen][0] ?? 0
          },
        },
        save: (s) => ({ seen: [...s.seen].sort(), first: s.first }),
        restore: (v) => ({ seen: new Set(v.seen), first: v.first }),
      }) as Subject['app'],
    kind: 'set-order',
    handler: 'on.go',
  },
  {
    name: 'the text of an object whose order is not kept',
    load: () =>
      app({
        id: 'text@1',
        fps: 20,
        events: { go: event<number>(1) },
        start: () => ({ o: {} as Record<string, number>, text: '' }),
        on: {
          go(s, e) {
            delete s.o[`#${e.payload}`]
            s.o[`#${e.payload}`] = 1
            s.text = JSON.stringify(s.o)
          },
        },
        save: (s) => ({ o: Object.fromEntries(Object.entries(s.o).sort()), text: s.text }),
        restore: (v) => v,
      }) as Subject['app'],
    kind: 'key-order',
    handler: 'on.go',
  },
  {
    name: 'one object in two places that is two after a restore',
    load: () =>
      app({
        id: 'shared@1',
        fps: 20,
        events: { go: event<number>(1) },
        start: () => {
          const one = { v: 0 }
          return { a: one, b: one }
        },
        on: { go: (s) => void s.a.v++ },
        save: (s) => ({ a: s.a.v, b: s.b.v }),
        restore: (v) => ({ a: { v: v.a }, b: { v: v.b } }),
      }) as Subject['app'],
    kind: 'restore',
    handler: 'restore',
    says: /^b does not come .*: the same object as a before and an object of its own after\.$/,
  },
  {
    name: 'a comparator that says true and false',
    load: () =>
      of((s, by) => {
        s.xs.push(by)
        s.xs.sort((a, b) => (a > b) as unknown as number)
      }),
    kind: 'sort',
    call: 'Array.sort',
    handler: 'on.go',
  },
  // Outside
  {
    name: 'a closure',
    load: () => {
      let counted = 0
      return of((s) => (s.last = counted++))
    },
    ...OUTSIDE,
    says: /: counted \(\d+ in one, \d+ in the other\)\.$/,
  },
  {
    name: 'what a class keeps',
    load: () => {
      class Ids {
        static next = 0
        readonly id = Ids.next++
      }
      return of((s) => (s.last = new Ids().id))
    },
    ...OUTSIDE,
    says: /: Ids\.next \(\d+ in one, \d+ in the other\)\.$/,
  },
  {
    name: 'a package that is loaded once for all',
    load: () => of((s) => (s.last = numbered())),
    ...OUTSIDE,
    says: /: last \(\d+ in one, \d+ in the other\)\.$/,
  },
  {
    name: 'a global',
    load: () =>
      of((s) => {
        world.counted = (world.counted ?? 0) + 1
        s.last = world.counted
      }),
    ...OUTSIDE,
    says: /: globalThis\.counted\.$/,
  },
  {
    name: 'what render counts',
    load: () => {
      let frames = 0
      return {
        app: of((s) => (s.last = frames)),
        render: () => frames++,
      }
    },
    ...OUTSIDE,
    says: /: frames \(0 in one, \d+ in the other\)\. It is render that changes it\.$/,
  },
  // Later
  { name: 'then', load: () => of((s) => Promise.resolve().then(() => s.xs.push(1))), kind: 'async' },
  {
    name: 'a timer',
    load: () => of((s) => setTimeout(() => s.xs.push(1), 90)),
    kind: 'timer',
    call: 'setTimeout',
    handler: 'on.go',
  },
  {
    name: 'a microtask',
    load: () => of((s) => queueMicrotask(() => s.xs.push(1))),
    kind: 'timer',
    call: 'queueMicrotask',
    handler: 'on.go',
  },
  // Drawing
  {
    name: 'render, by another name of the same',
    load: () => ({
      app: of((s, by) => s.xs.push(by)),
      render: (state: object) => {
        const { xs } = state as State
        xs.sort((a, b) => a - b)
      },
    }),
    kind: 'render',
    handler: 'render',
  },
  // Nobody knows
  {
    name: 'the memory of the process',
    load: () => of((s) => (s.last = process.memoryUsage().heapUsed + sumOf(s))),
    kind: 'unknown',
    handler: 'on.go',
    says: /asks for nothing that is watched/,
  },
]

const subjectOf = (loaded: Loaded): Subject => ({
  ...('app' in loaded ? loaded : { app: loaded }),
  samples: { go: [5, 3, 9, 1, 7] },
})

test.each(CASES)('$name', async ({ load, kind, call, handler, says }) => {
  const report = await tryApp(() => subjectOf(load()), { minutes: 0.12, network: 'lan', closures: closureOf })
  const words = wordsOf(report).join('\n')
  expect(report.verdict, words).toBe('differs')
  if (report.verdict === 'refused') return
  const [cause, ...others] = report.causes
  expect(others, words).toEqual([])
  expect(cause?.kind, words).toBe(kind)
  if (call !== undefined) expect(cause?.call).toBe(call)
  if (handler !== undefined) expect(cause?.handler).toBe(handler)
  if (says !== undefined) expect(cause?.what).toMatch(says)
})
