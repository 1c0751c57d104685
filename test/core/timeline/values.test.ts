import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printed } from '../../../src/core/timeline/printed.ts'
import { checkState } from '../../../src/core/timeline/values.ts'
import { build, plans } from './states.ts'

describe('a state', () => {
  test('of plain values is never refused', () => {
    fc.assert(fc.property(plans, (plan) => checkState(build(plan)) === undefined))
  })

  test.each<[string, unknown, string]>([
    [
      'a getter',
      {
        a: {
          get b() {
            return 1
          },
        },
      },
      'a.b is computed by a getter',
    ],
    ['a hidden property', Object.defineProperty({}, 'secret', { value: 1 }), 'secret is hidden'],
    ['a symbol as a key', { a: { [Symbol('s')]: 1 } }, 'a has Symbol(s) as a key'],
    ['a name on a list', { hit: 'xay'.match(/a/) }, 'hit.index is a name on a list'],
    ['a name on a Map', Object.assign(new Map(), { size_max: 3 }), 'size_max is a name on a map'],
    ['a key __proto__', JSON.parse('{"a":{"__proto__":1}}'), 'a.__proto__ is a name that objects keep'],
    ['a function deep inside', { a: [new Map([[1, [() => 0]]])] }, 'a[0].get(1)[0] is a function'],
  ])('that holds %s is refused by name, since it would be lost', (_, state, message) => {
    expect(checkState(state)?.message).toContain(message)
  })

  test('that is large is looked through once, however often its parts occur', () => {
    let tree: unknown[] = [1]
    for (let i = 0; i < 60; i++) tree = [tree, tree]
    expect(checkState(tree)).toBeUndefined()
  })
})

describe('printed', () => {
  test.each<[unknown, string]>([
    [{ a: 1, b: [true, null, undefined], c: 'x' }, '{a: 1, b: [true, null, undefined], c: "x"}'],
    [-0, '-0'],
    [10n, '10n'],
    [new Map([['a', { b: 1 }]]), 'Map {"a" => {b: 1}}'],
    [new Set([1]), 'Set {1}'],
    [new Float32Array([1.5, 2]), 'Float32Array(2) [1.5, 2]'],
    [new DataView(new ArrayBuffer(4)), 'DataView(4)'],
    [{ a: { b: { c: { d: { e: 1 } } } } }, '{a: {b: {c: {d: {…}}}}}'],
    [new Date(0), 'a Date'],
    ['x'.repeat(50), `"${'x'.repeat(40)} …"`],
  ])('%o', (value, text) => {
    expect(printed(value)).toBe(text)
  })

  test('is bounded, whatever is printed', () => {
    const ring: unknown[] = []
    ring.push(ring, ring, ring)
    for (const value of [ring, new Array(1e6).fill({ a: 1 }), { a: 'x'.repeat(1e6) }, new Uint8Array(1e6)])
      expect(printed(value, 100).length).toBeLessThan(200)
    fc.assert(fc.property(plans, (plan) => printed(build(plan), 60).length < 200))
  })
})
