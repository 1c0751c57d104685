import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clone } from '../../src/app/clone.ts'
import { digest } from '../../src/core/timeline/digest.ts'
import { build, type Plan, plans, textOf } from '../core/timeline/states.ts'

/** Change everything that can be changed, in place. */
const spoil = (value: unknown, met: Set<unknown> = new Set()): void => {
  if (typeof value !== 'object' || value === null || met.has(value)) return
  met.add(value)
  if (value instanceof ArrayBuffer) return void new Uint8Array(value).fill(0xa5)
  if (ArrayBuffer.isView(value)) return void new Uint8Array(value.buffer).fill(0xa5)
  if (value instanceof Map || value instanceof Set) {
    for (const [key, item] of value.entries()) {
      spoil(key, met)
      spoil(item, met)
    }
    value.clear()
    return
  }
  for (const key of Object.keys(value)) {
    spoil((value as Record<string, unknown>)[key], met)
    ;(value as Record<string, unknown>)[key] = 'spoilt'
  }
  if (Array.isArray(value)) value.length = 0
}

describe('a copy', () => {
  test('cannot be told from the original', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const original = build(plan)
        const copy = clone(original)
        expect(textOf(copy)).toBe(textOf(original))
        expect(digest(copy)).toBe(digest(original))
      }),
      { numRuns: 2000 },
    )
  })

  test('is not changed by whatever happens to the original', () => {
    fc.assert(
      fc.property(plans, (plan: Plan) => {
        const original = build(plan)
        const before = textOf(original)
        const copy = clone(original)
        spoil(original)
        expect(textOf(copy)).toBe(before)
      }),
      { numRuns: 2000 },
    )
  })

  test('has one object where there was one, and rings where there were rings', () => {
    const pos = { x: 1 }
    const state: Record<string, unknown> = { a: { pos }, b: { pos }, list: [pos] }
    state.self = state
    const copy = clone(state) as {
      a: { pos: { x: number } }
      b: { pos: object }
      list: object[]
      self: object
    }
    expect(copy.self).toBe(copy)
    expect(copy.b.pos).toBe(copy.a.pos)
    expect(copy.list[0]).toBe(copy.a.pos)
    copy.a.pos.x = 2
    expect(pos.x).toBe(1)
  })

  test('of views of one buffer has views of one copy of it', () => {
    const buffer = new ArrayBuffer(32)
    const state = { x: new Float64Array(buffer, 0, 2), hp: new Int32Array(buffer, 16, 4), all: buffer }
    const copy = clone(state)
    expect(copy.x.buffer).toBe(copy.hp.buffer)
    expect(copy.all).toBe(copy.x.buffer)
    copy.x[0] = 1
    expect(new Uint8Array(copy.all)[7]).not.toBe(0)
    expect(state.x[0]).toBe(0)
  })

  test('refuses what it could not copy, and says where that is, and goes on working', () => {
    expect(() => clone({ a: [{ f() {} }] })).toThrow('a[0].f is a function')
    expect(() => clone({ a: new Map([['k', new Date()]]) })).toThrow('a.get("k") is of the class Date')
    expect(() => clone({ m: [new Uint8Array(new SharedArrayBuffer(8))] })).toThrow(
      'm[0] is a view of shared memory',
    )
    let chain: unknown = null
    for (let i = 0; i < 100_000; i++) chain = [chain]
    expect(() => clone(chain)).toThrow('levels deep')
    const shared = { x: 1 }
    expect(() => clone([shared, Symbol('s')])).toThrow('symbol')
    const copy = clone([shared]) as [object]
    expect(copy[0]).not.toBe(shared)
    expect(clone([shared])[0]).not.toBe(copy[0])
  })
})
