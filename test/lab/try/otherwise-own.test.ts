import { test } from 'vitest'
import { app, event } from '../../../src/index.ts'
import type { Subject } from '../../../src/lab/try/subject.ts'
import { type Case, expectFound, of, type State } from './otherwise-stage.ts'

/** And so may what is broken by the application itself: the cause is named rightly, or said to be unknown. */

const OUTSIDE = { kind: 'outside', handler: 'on.go' } as const

const sumOf = (s: State): number => s.xs.reduce((sum, x) => sum + x, 0)
const world = globalThis as { counted?: number }

/** As a package, which every program of the process has in common. */
let last = 0
const numbered = (): number => ++last

const CASES: readonly Case[] = [
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

test.each(CASES)('$name', expectFound)
