import { setTimeout as later } from 'node:timers'
import { setTimeout as wait } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { afterAll, test } from 'vitest'
import { app, event } from '../../../src/index.ts'
import type { Subject } from '../../../src/lab/try/subject.ts'
import { type Case, expectFound, of, type State } from './otherwise-stage.ts'

/** And so may what is broken by the application itself: the cause is named rightly, or said to be unknown. */

const OUTSIDE = { kind: 'outside', handler: 'on.go' } as const

const sumOf = (s: State): number => s.xs.reduce((sum, x) => sum + x, 0)
const world = globalThis as { counted?: number; made?: object }
/** As an engine has some of its own, `Blob` for one: there is a value as soon as somebody asks for it. */
Object.defineProperty(world, 'made', {
  configurable: true,
  get: () => {
    const value = {}
    Object.defineProperty(world, 'made', { value })
    return value
  },
})
afterAll(() => {
  delete world.counted
  delete world.made
})

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
  {
    name: 'a comparator that says true and false, of a typed array',
    load: () =>
      of((s, by) => {
        const seats = Int32Array.from([...s.xs, by])
        seats.sort((a, b) => (a > b) as unknown as number)
        s.xs = [...seats]
      }),
    kind: 'sort',
    call: 'TypedArray.sort',
    handler: 'on.go',
  },
  // What a snapshot does not hold
  {
    name: 'a list that is frozen when it is full',
    load: () =>
      of((s, by) => {
        if (Object.isFrozen(s.xs)) return
        s.xs.push(by)
        if (s.xs.length === 3) Object.freeze(s.xs)
      }),
    kind: 'restore',
    handler: 'restore',
    says: /^xs does not come .*: frozen before and not frozen after\.$/,
  },
  {
    name: 'a property by a symbol',
    load: () => {
      const HIDDEN = Symbol('hidden')
      return of((s) => {
        const own = s as State & { [HIDDEN]?: number }
        own[HIDDEN] = (own[HIDDEN] ?? 0) + 1
        s.last = own[HIDDEN]
      })
    },
    kind: 'restore',
    handler: 'restore',
    says: /^\[Symbol\(hidden\)\] does not come .*: \d+ before and undefined after\.$/,
  },
  {
    name: 'a property that is not enumerable',
    load: () =>
      of((s) => {
        const own = s as State & { count?: number }
        if (own.count === undefined) Object.defineProperty(own, 'count', { value: 0, writable: true })
        own.count = (own.count ?? 0) + 1
        s.last = own.count
      }),
    kind: 'restore',
    handler: 'restore',
    says: /^count does not come /,
  },
  {
    name: 'two views of one buffer that are of two after a restore',
    load: () =>
      app({
        id: 'views@1',
        fps: 20,
        events: { go: event<number>(1) },
        start: () => {
          const words = new Uint32Array(4)
          return { words, bytes: new Uint8Array(words.buffer), sum: 0 }
        },
        on: {
          go(s, e) {
            s.words[0] = (s.words[0] as number) + e.payload
            s.sum = s.bytes.reduce((sum, byte) => sum + byte, 0)
          },
        },
        save: (s) => ({ words: s.words.slice(), bytes: s.bytes.slice(), sum: s.sum }),
        restore: (v) => ({ words: v.words.slice(), bytes: v.bytes.slice(), sum: v.sum }),
      }) as Subject['app'],
    kind: 'restore',
    handler: 'restore',
    says: /buffer does not come .*: the same object as words\.buffer before and an object of its own after\.$/,
  },
  // Outside
  {
    name: 'a closure, beside a class in the state',
    load: () => {
      let counted = 0
      class Flag {
        x: number
        constructor(x: number) {
          this.x = x
        }
      }
      return app({
        id: 'flags@1',
        fps: 20,
        events: { go: event<number>(1) },
        start: () => ({ flag: new Flag(0), last: 0 }),
        on: {
          go(s) {
            s.last = counted++
          },
        },
        save: (s) => ({ x: s.flag.x, last: s.last }),
        restore: (v) => ({ flag: new Flag(v.x), last: v.last }),
      }) as Subject['app']
    },
    ...OUTSIDE,
    says: /: counted \(\d+ in one, \d+ in the other\)\.$/,
  },
  {
    name: 'where a pattern looks next',
    load: () => {
      const word = /an/g
      return of((s) => {
        if (word.test('banana and ananas')) s.n += 7
      })
    },
    ...OUTSIDE,
    says: /: word \(\/an\/g from \d+ in one, \/an\/g from \d+ in the other\)\.$/,
  },
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
    name: 'a global, and not one that the engine makes when it is first asked for',
    load: () =>
      of((s) => {
        if (world.made !== undefined) world.counted = (world.counted ?? 0) + 1
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
  {
    name: 'a timer of node:timers',
    load: () => of((s) => later(() => s.xs.push(1), 90)),
    kind: 'timer',
    call: 'setTimeout',
    handler: 'on.go',
  },
  {
    name: 'a timer that is a promise',
    load: () => of((s) => wait(90).then(() => s.xs.push(1))),
    kind: 'timer',
    call: 'setTimeout',
    handler: 'on.go',
  },
  {
    name: 'a message from a port',
    load: () => {
      const { port1, port2 } = new MessageChannel()
      let state: State | undefined
      port2.on('message', () => void state?.xs.push(1))
      port2.unref()
      return of((s) => {
        state = s
        port1.postMessage(1)
      })
    },
    kind: 'async',
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
