import { afterEach, describe, expect, test, vi } from 'vitest'
import { guard, guarded, NotDeterministic } from '../../src/deterministic/index.ts'

const uses: [string, () => unknown, RegExp][] = [
  ['Math.random', () => Math.random(), /^Math\.random inside a step: .*Use t\.random\(\)\.$/],
  ['crypto.randomUUID', () => crypto.randomUUID(), /Use t\.random\(\)\.$/],
  ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(1)), /Use t\.random\(\)\.$/],
  ['Date', () => new Date(), /Use t\.tick or t\.now\.$/],
  ['Date', () => new Date(2020, 1, 1), /Use t\.tick or t\.now\.$/],
  ['Date', () => (Date as unknown as () => string)(), /Use t\.tick or t\.now\.$/],
  ['Date.now', () => Date.now(), /Use t\.tick or t\.now\.$/],
  ['performance.now', () => performance.now(), /Use t\.tick or t\.now\.$/],
  ['process.hrtime.bigint', () => process.hrtime.bigint(), /Use t\.tick or t\.now\.$/],
  ['setTimeout', () => setTimeout(() => undefined), /Count ticks in the state/],
  ['setInterval', () => setInterval(() => undefined), /Count ticks in the state/],
  ['setImmediate', () => setImmediate(() => undefined), /Count ticks in the state/],
  ['queueMicrotask', () => queueMicrotask(() => undefined), /Count ticks in the state/],
  ['fetch', () => fetch('http://localhost'), /emit the answer as an event/],
  ['String.localeCompare', () => 'a'.localeCompare('b'), /Compare with < and >/],
  ['Number.toLocaleString', () => (1).toLocaleString(), /format when drawing/],
  ['Math.sin', () => Math.sin(1), /Use sin from sametick\/deterministic\.$/],
  ['Math.hypot', () => Math.hypot(2, 3), /Use hypot from sametick\/deterministic\.$/],
  ['Math.cbrt', () => Math.cbrt(2), /exp, log and pow from sametick\/deterministic\.$/],
]

const NAMES = ['Date', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'] as const
const world = () => [
  ...NAMES.map((name) => globalThis[name]),
  ...Object.getOwnPropertyNames(Math).map((name) => (Math as unknown as Record<string, unknown>)[name]),
  Date.now,
  performance.now,
  crypto.randomUUID,
  String.prototype.localeCompare,
]

describe('inside a step', () => {
  test.each(uses)('%s throws, and says what to use instead: %s', (name, use, message) => {
    expect(() => guarded(use)).toThrow(message)
    expect(() => guarded(use)).toThrow(NotDeterministic)
    try {
      guarded(use)
    } catch (error) {
      expect(error).toMatchObject({ code: 'not_deterministic', used: name })
    }
  })

  test('what is exact everywhere works as ever', () => {
    expect(guarded(() => Math.sqrt(2) + Math.floor(1.5) + Math.imul(3, 4) + Math.max(1, 2))).toBe(
      Math.SQRT2 + 15,
    )
    expect(guarded(() => [3, 1, 2].sort((a, b) => a - b).join())).toBe('1,2,3')
    expect(guarded(() => JSON.stringify({ a: 'x'.toUpperCase() }))).toBe('{"a":"X"}')
  })
})

describe('after a step', () => {
  test('everything is what it was before, also if the step threw', () => {
    const before = world()
    guarded(() => 1)
    expect(world()).toEqual(before)
    for (const [, use] of uses) expect(() => guarded(use)).toThrow()
    expect(world().every((value, i) => value === before[i])).toBe(true)
    expect(Math.random()).toBeLessThan(1)
    expect(new Date(0)).toBeInstanceOf(Date)
    expect(Date.prototype.constructor).toBe(Date)
  })

  test('a step within a step ends with the outer one', () => {
    guard.raise()
    try {
      guarded(() => 0)
      expect(() => Math.random()).toThrow()
    } finally {
      guard.lower()
    }
    expect(Math.random()).toBeLessThan(1)
  })

  test('a guard that is not up can be taken down as often as one likes', () => {
    guard.lower()
    guard.lower()
    expect(() => guarded(() => Math.random())).toThrow()
    guarded(() => guarded(() => guarded(() => 0)))
    expect(Math.random()).toBeLessThan(1)
  })
})

test('where a global is there and nothing, the rest is guarded at every step', () => {
  vi.stubGlobal('crypto', null)
  try {
    for (let i = 0; i < 2; i++) {
      expect(guarded(() => 7)).toBe(7)
      expect(() => guarded(() => Math.random())).toThrow(NotDeterministic)
    }
  } finally {
    vi.unstubAllGlobals()
  }
})

test('where a function can no longer be replaced, the rest is guarded, and nothing after a step', () => {
  const property = Object.getOwnPropertyDescriptor(Math, 'sin') as PropertyDescriptor
  guarded(() => 7)
  Object.defineProperty(Math, 'sin', { ...property, writable: false })
  try {
    expect(guarded(() => Math.sin(0))).toBe(0)
    expect(() => guarded(() => Math.random())).toThrow(NotDeterministic)
    expect(Math.random()).toBeLessThan(1)
  } finally {
    Object.defineProperty(Math, 'sin', property)
  }
  expect(() => guarded(() => Math.sin(0))).toThrow(NotDeterministic)
})

describe('beside a mock of time', () => {
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  /** A guard that has not been up yet. */
  const another = async (name: string): Promise<typeof guarded> => {
    const path = `../../src/deterministic/guard.ts?${name}`
    return (await import(/* @vite-ignore */ path)).guarded
  }
  const expectAll = (run: typeof guarded) => {
    for (const [name, use, message] of uses) expect(() => run(use), name).toThrow(message)
  }

  test('that was there at the first step everything throws, and after it, and beside the next one', async () => {
    const run = await another('mocked')
    const real = world()
    for (let i = 0; i < 2; i++) {
      vi.useFakeTimers()
      const mocked = world()
      expectAll(run)
      expect(world().every((value, i) => value === mocked[i])).toBe(true)
      vi.useRealTimers()
      expectAll(run)
      expect(world().every((value, i) => value === real[i])).toBe(true)
    }
  })

  test('of one function it throws as well, and is the mock again afterwards', async () => {
    for (const first of [true, false]) {
      const run = await another(`spied${first}`)
      if (!first) expectAll(run)
      const spy = vi.spyOn(performance, 'now').mockReturnValue(7)
      expectAll(run)
      expect(performance.now()).toBe(7)
      spy.mockRestore()
      expectAll(run)
      expect(performance.now()).not.toBe(7)
    }
  })
})
