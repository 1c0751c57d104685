import { randomInt, randomUUID } from 'node:crypto'
import { test } from 'vitest'
import { event } from '../../../src/index.ts'
import { type Case, expectFound, of, type State } from './otherwise-stage.ts'

/** What asks the machine may be written in many ways: the cause is named rightly in each. */

const CLOCK = { kind: 'clock', handler: 'on.go' } as const
const CHANCE = { kind: 'chance', handler: 'on.go' } as const
const MATHS = { kind: 'math', handler: 'on.go' } as const
const LOCALE = { kind: 'locale', handler: 'on.go' } as const

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
  {
    name: 'the name of a country',
    load: () => of((s) => (s.last = new Intl.DisplayNames(undefined, { type: 'region' }).of('DE'))),
    ...LOCALE,
    call: 'Intl.DisplayNames',
  },
  {
    name: 'the year as it was told in the last century',
    load: () => of((s) => (s.last = (new Date(1577833200000) as unknown as { getYear(): number }).getYear())),
    ...LOCALE,
    call: 'Date.getYear',
  },
  { name: 'capitals', load: () => of((s) => (s.last = 'title'.toLocaleUpperCase())), ...LOCALE },
]

test.each(CASES)('$name', expectFound)
