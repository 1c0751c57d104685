import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digest, firstDifference } from '../../../src/core/timeline/digest.ts'
import { build, changed, plans, textOf } from './states.ts'

const text = (a: unknown, b: unknown) => firstDifference(a, b)?.text

describe('two states that no program can tell apart', () => {
  test('have the same digest and no difference, however they were made', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const [a, b] = [build(plan), build(plan)]
        expect(digest(a)).toBe(digest(b))
        expect(firstDifference(a, b)).toBeUndefined()
      }),
      { numRuns: 3000 },
    )
  })

  test('a NaN is a NaN, whatever its bits, also in lists of floats', () => {
    const bits = (...words: number[]) => Uint32Array.from(words).buffer
    const doubles = [bits(0, 0x7ff80000), bits(1, 0xfff80001)].map((buffer) => new Float64Array(buffer))
    const floats = [bits(0x7fc00000), bits(0xffc00001)].map((buffer) => new Float32Array(buffer))
    expect(digest(doubles[0])).toBe(digest(doubles[1]))
    expect(digest(doubles[0]?.[0])).toBe(digest(doubles[1]?.[0]))
    expect(digest(floats[0])).toBe(digest(floats[1]))
    expect(firstDifference(doubles[0], doubles[1])).toBeUndefined()
    // As bytes the two can be told apart.
    expect(digest(new Uint8Array(bits(0, 0x7ff80000)))).not.toBe(digest(new Uint8Array(bits(1, 0xfff80001))))
  })

  test('where bytes lie in memory does not matter', () => {
    const bytes = [1, 2, 3, 4, 5, 6, 7]
    const aligned = Uint8Array.from(bytes)
    const other = new ArrayBuffer(16)
    for (const offset of [1, 2, 4]) {
      const shifted = new Uint8Array(other, offset, 7)
      shifted.set(bytes)
      expect(digest([...shifted])).toBe(digest([...aligned]))
      expect(digest(shifted.slice())).toBe(digest(aligned))
    }
  })
})

describe('two states that a program can tell apart', () => {
  test('differ in their digests, and their first difference is found', () => {
    fc.assert(
      fc.property(plans, plans, (first, second) => {
        const [a, b] = [build(first), build(second)]
        const isSame = textOf(a) === textOf(b)
        expect(digest(a) === digest(b)).toBe(isSame)
        expect(firstDifference(a, b) === undefined).toBe(isSame)
      }),
      { numRuns: 3000 },
    )
  })

  test('differ also where they are the same but for one place', () => {
    let near = 0
    fc.assert(
      fc.property(plans, fc.nat(20), plans, (plan, n, other) => {
        const [a, b] = [build(plan), build(changed(plan, n, other))]
        const isSame = textOf(a) === textOf(b)
        if (!isSame) near++
        expect(digest(a) === digest(b)).toBe(isSame)
        expect(firstDifference(a, b) === undefined).toBe(isSame)
      }),
      { numRuns: 5000 },
    )
    expect(near).toBeGreaterThan(1000)
  })

  const shared = { hp: 1 }
  const buffer = new ArrayBuffer(16)
  test.each<[string, unknown, unknown]>([
    ['0 and -0', { a: 0 }, { a: -0 }],
    ['a missing key and undefined', { a: undefined }, {}],
    ['a hole and undefined', new Array(1), [undefined]],
    ['null and undefined', [null], [undefined]],
    ['true and 1', { a: true }, { a: 1 }],
    ['true and false', { a: true }, { a: false }],
    ['1 and "1"', [1], ['1']],
    ['1 and 1n', [1], [1n]],
    ['1n and "1"', [1n], ['1']],
    ['the order of keys', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['the names in another object', [{ a: 1 }, { a: 1 }], [{ a: 1 }, { b: 1 }]],
    ['the order of a list', [1, 2], [2, 1]],
    [
      'the order of a Map',
      new Map([
        [1, 1],
        [2, 2],
      ]),
      new Map([
        [2, 2],
        [1, 1],
      ]),
    ],
    ['the order of a Set', new Set([1, 2]), new Set([2, 1])],
    ['an empty list and an empty object', [], {}],
    ['a Map and a list of pairs', new Map([[1, 2]]), [[1, 2]]],
    ['a plain object and one without a prototype', {}, Object.create(null)],
    ['one object twice and two equal ones', [shared, shared], [{ hp: 1 }, { hp: 1 }]],
    [
      'which object it is',
      [{ x: 1 }, { x: 1 }, 0].map((_, i, all) => all[i] || all[0]),
      [{ x: 1 }, { x: 1 }, 1],
    ],
    ['what stands in which list', [[1], [2]], [[1, 2], []]],
    ['where a text ends', ['ab', 'c'], ['a', 'bc']],
    ['half a pair', ['\ud800'], ['\ufffd']],
    ['a whole number and one a little above', [1e15], [1e15 + 0.125]],
    ['the signs of two numbers', [1.5, 2.5], [-1.5, -2.5]],
    ['two numbers that trade places', { x: 1.5, y: 2.5 }, { x: 2.5, y: 1.5 }],
    ['lists of other numbers with the same bytes', new Uint8Array(4), new Int8Array(4)],
    ['a list of bytes and a plain one', new Uint8Array([1, 2]), [1, 2]],
    ['-0 in a list of floats', new Float64Array([0]), new Float64Array([-0])],
    ['a part of a buffer', new Uint8Array(buffer, 0, 4), new Uint8Array(4)],
    ['which part of a buffer', new Uint8Array(buffer, 0, 4), new Uint8Array(buffer, 4, 4)],
    [
      'one buffer and two',
      [new Uint8Array(buffer), new Int8Array(buffer)],
      [new Uint8Array(16), new Int8Array(16)],
    ],
    ['an element of any width', new Uint16Array([1, 2, 3]), new Uint16Array([1, 2, 4])],
    ['a bigint of 64 bits', new BigInt64Array([1n]), new BigInt64Array([2n ** 40n])],
  ])('differ: %s', (_, a, b) => {
    expect(digest(a)).not.toBe(digest(b))
    expect(firstDifference(a, b)).toBeDefined()
    expect(firstDifference(b, a)).toBeDefined()
  })

  test('differ in a byte that no view shows, since it can be reached through the buffer', () => {
    const of = (byte: number) => {
      const bytes = Uint8Array.from([0, 0, 0, 0, byte, 0, 0, 0])
      return { head: new Uint8Array(bytes.buffer, 0, 4), tail: new Int16Array(bytes.buffer, 6, 1) }
    }
    expect(digest(of(1))).not.toBe(digest(of(2)))
    expect(text(of(1), of(2))).toBe('head.buffer[4]: 1 / 2')
    expect(digest(of(1))).toBe(digest(of(1)))
  })

  test('are told apart by any single bit of any number', () => {
    const float = new Float64Array(1)
    const word = new Uint32Array(float.buffer)
    const seen = new Set<number>()
    const state = { a: 1, units: [{ x: 0 }], b: 2 }
    for (let bit = 0; bit < 64; bit++) {
      float[0] = 1234.5678
      word[bit >> 5] = (word[bit >> 5] as number) ^ (1 << (bit & 31))
      ;(state.units[0] as { x: number }).x = float[0]
      seen.add(digest(state))
    }
    expect(seen.size).toBe(64)
  })

  test('hardly ever share a digest by chance: a million near ones do not', () => {
    const seen = new Set<number>()
    const state = { x: 0, y: 0, v: { dx: 1, dy: -1 } }
    for (let x = 0; x < 1000; x++)
      for (let y = 0; y < 1000; y++) {
        state.x = x / 8
        state.y = -y
        seen.add(digest(state))
      }
    expect(seen.size).toBe(1_000_000)
  })

  test('share no half of a digest more often than chance has it', () => {
    // Of 100,000 draws from 2^26, 74.5 pairs are equal on average: each half of the digest is as good as a draw.
    const low = new Set<number>()
    const high = new Set<number>()
    for (let i = 0; i < 100_000; i++) {
      const d = digest([i, i * 0.5, -i])
      low.add(d % 2 ** 26)
      high.add(Math.floor(d / 2 ** 27))
    }
    for (const half of [low, high]) {
      expect(100_000 - half.size).toBeGreaterThan(30)
      expect(100_000 - half.size).toBeLessThan(130)
    }
  })
})

describe('a digest', () => {
  test('is a whole number that a double holds exactly', () => {
    fc.assert(
      fc.property(plans, (plan) => Number.isSafeInteger(digest(build(plan))) && digest(build(plan)) >= 0),
    )
  })

  test('is the same in every engine and every version: it is compared between them', () => {
    const state = {
      tick: 7,
      units: [{ id: 1, x: 0.1, alive: true, name: 'Zoë' }, null, { id: 2, x: -0, alive: false, name: '' }],
      seen: new Map<unknown, unknown>([
        ['a', 1n],
        [Number.NaN, undefined],
      ]),
      tags: new Set(['x', 3]),
      grid: new Float64Array([1, Number.NaN, -0]),
      small: new Uint8Array([1, 2, 3, 4, 5]),
    }
    expect(digest(state)).toBe(6891962010654039)
    expect(digest(undefined)).toBe(2955189998450798)
  })

  test('does not depend on what was digested before, nor on a refusal in between', () => {
    const first = digest({ a: [1, 2, { b: 3 }] })
    expect(() => digest({ a: [1, () => 0] })).toThrow()
    digest(new Array(10_000).fill('long'))
    expect(digest({ a: [1, 2, { b: 3 }] })).toBe(first)
  })

  test('handles states that contain themselves', () => {
    const ring = () => {
      const a: Record<string, unknown> = { n: 1 }
      a.self = a
      a.list = [a, { up: a }]
      return a
    }
    expect(digest(ring())).toBe(digest(ring()))
    expect(firstDifference(ring(), ring())).toBeUndefined()
    const other = ring()
    ;(other.list as { up?: unknown }[])[1] = { up: other.list }
    expect(digest(other)).not.toBe(digest(ring()))
    expect(text(ring(), other)).toContain('list[1].up: the object at the top / the object at list')
  })

  class Unit {
    hp = 1
  }
  test.each<[string, unknown, string]>([
    ['a function', { units: [{ think: () => 0 }] }, 'units[0].think is a function'],
    ['a symbol', { a: { b: Symbol('s') } }, 'a.b is a symbol'],
    ['a Date', { at: [new Date(0)] }, 'at[0] is of the class Date: keep a tick'],
    ['a class', { units: new Map([['bob', new Unit()]]) }, 'units.get("bob") is of the class Unit'],
    ['a class as a key', { units: new Map([[new Unit(), 1]]) }, 'units.keys()[0] is of the class Unit'],
    ['a class in a Set', new Set([1, new Unit()]), '.values()[1] is of the class Unit'],
    ['a promise', { later: Promise.resolve() }, 'later is of the class Promise'],
    ['a RegExp', { 'a b': /x/ }, '["a b"] is of the class RegExp: keep its source'],
    ['a Buffer', { bytes: Buffer.from('x') }, 'bytes is of the class Buffer: use a Uint8Array'],
    ['an Error', { e: new Error('x') }, 'e is of the class Error'],
    ['shared memory', { m: new Uint8Array(new SharedArrayBuffer(4)) }, 'm is a view of shared memory'],
    ['a list of a class', { list: new (class Many extends Array {})() }, 'list is of the class Many'],
  ])('refuses %s, and says where it is', (_, state, message) => {
    expect(() => digest(state)).toThrow(message)
    expect(() => firstDifference(state, state)).toThrow(message)
  })

  test('refuses a chain that no stack would hold, and says so', () => {
    let chain: unknown = null
    for (let i = 0; i < 100_000; i++) chain = { next: chain }
    expect(() => digest({ chain })).toThrow(/levels deep/)
    expect(() => firstDifference({ chain }, { chain })).toThrow(/levels deep/)
  })
})

describe('the first difference', () => {
  test.each<[unknown, unknown, string]>([
    [{ players: [0, 0, { hp: 3 }] }, { players: [0, 0, { hp: 4 }] }, 'players[2].hp: 3 / 4'],
    [{ a: 1 }, { a: 1, b: [2] }, 'b: nothing / [2]'],
    [{ a: 1, b: null }, { a: 1 }, 'b: null / nothing'],
    [[1, 2, 3], [1, 2], '.length: 3 / 2'],
    [{ a: { b: true } }, { a: { b: 'true' } }, 'a.b: true / "true"'],
    [{ a: -0 }, { a: 0 }, 'a: -0 / 0'],
    [new Map([['x', 1]]), new Map([['x', 2]]), '.get("x"): 1 / 2'],
    [{ m: new Map([['x', 1]]) }, { m: new Map([['y', 1]]) }, 'm.keys()[0]: "x" / "y"'],
    [{ s: new Set([1]) }, { s: new Set([1, 2]) }, 's.size: 1 / 2'],
    [{ g: new Uint8Array([1, 2]) }, { g: new Uint8Array([1, 3]) }, 'g[1]: 2 / 3'],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, 'the whole: a is key 0 / b is key 0'],
    [{ 'a-b': { 'c d': 1 } }, { 'a-b': { 'c d': 2 } }, '["a-b"]["c d"]: 1 / 2'],
    [1, 2, 'the whole: 1 / 2'],
    [{ a: { b: 1 } }, { a: [1] }, 'a: {b: 1} / [1]'],
    [{ a: new Map() }, { a: new Set() }, 'a: Map {} / Set {}'],
    [{ a: {} }, { a: Object.create(null) }, 'a: {} / without prototype {}'],
  ])('of %o and %o is %s', (a, b, expected) => {
    expect(text(a, b)).toBe(expected)
  })

  test('leads to the very place where one number was changed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ x: fc.integer(), y: fc.integer() }, { noNullPrototype: true }), {
          minLength: 1,
        }),
        fc.nat(),
        (units, n) => {
          const other = structuredClone(units)
          const at = n % units.length
          ;(other[at] as { y: number }).y++
          expect(firstDifference({ units }, { units: other })).toMatchObject({
            path: `units[${at}].y`,
            a: units[at]?.y,
            b: other[at]?.y,
          })
        },
      ),
    )
  })

  test('says in bounded words what is large', () => {
    const large = Array.from({ length: 10_000 }, (_, i) => ({ i, name: 'x'.repeat(1000) }))
    expect(text({ a: large }, { a: 1 })?.length).toBeLessThan(500)
    const deep = JSON.parse(`${'{"long_name":'.repeat(100)}1${'}'.repeat(100)}`)
    const deeper = JSON.parse(`${'{"long_name":'.repeat(100)}2${'}'.repeat(100)}`)
    expect(text(deep, deeper)?.length).toBeLessThan(200)
    expect(text(deep, deeper)).toMatch(/^long_name\.long_name.*…/)
  })
})
