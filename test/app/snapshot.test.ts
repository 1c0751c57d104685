import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeSnapshot } from '../../src/app/snapshot.ts'
import { readSnapshot } from '../../src/app/snapshot-reader.ts'
import { digest } from '../../src/core/timeline/digest.ts'
import { build, plans, textOf } from '../core/timeline/states.ts'

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

describe('a snapshot', () => {
  test('is read as what was written, to the last bit', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const state = build(plan)
        const read = readSnapshot(writeSnapshot(state))
        expect(read && textOf(read.value)).toBe(textOf(state))
        expect(digest(read?.value)).toBe(digest(state))
      }),
      { numRuns: 2000 },
    )
  })

  test('of a state of a thousand units has few bytes a unit: names are written once', () => {
    const units = Array.from({ length: 1000 }, (_, i) => ({ id: i, health: 100, alive: true }))
    expect(writeSnapshot({ units }).length).toBeLessThan(1000 * 9)
  })

  test('holds texts of any length and any units', () => {
    for (const text of ['', 'a', '\xff', 'Ā', '\ud800', '😀', 'x'.repeat(100_000), 'Ā'.repeat(100_000)])
      expect(readSnapshot(writeSnapshot({ text }))).toEqual({ value: { text } })
  })

  test('refuses what could not be read again, and says where that is', () => {
    expect(() => writeSnapshot({ a: [{ f() {} }] })).toThrow('a[0].f is a function')
    expect(() => writeSnapshot({ a: { at: new Date() } })).toThrow('a.at is of the class Date')
    expect(() => writeSnapshot(JSON.parse('{"a":{"__proto__":1}}'))).toThrow('a.__proto__')
    expect(() => writeSnapshot([new Uint8Array(new SharedArrayBuffer(8))])).toThrow('shared memory')
    let chain: unknown = null
    for (let i = 0; i < 100_000; i++) chain = [chain]
    expect(() => writeSnapshot({ chain })).toThrow('levels deep')
  })
})

describe('bytes that are no snapshot', () => {
  test('are refused when anything is missing or left over', () => {
    fc.assert(
      fc.property(plans, fc.nat(), (plan, cut) => {
        const bytes = writeSnapshot(build(plan))
        expect(readSnapshot(bytes.subarray(0, cut % bytes.length))).toBeUndefined()
        expect(readSnapshot(Uint8Array.from([...bytes, 0]))).toBeUndefined()
      }),
    )
  })

  test('never throw, and what is read from them is a state', () => {
    const damaged = fc
      .tuple(
        plans,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      )
      .map(([plan, changes]) => {
        const bytes = writeSnapshot(build(plan))
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        return bytes
      })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 64 })), (bytes) => {
        const read = readSnapshot(bytes)
        if (read) expect(readSnapshot(writeSnapshot(read.value))).toBeDefined()
      }),
      { numRuns: 20_000 },
    )
  })

  test.each([
    ['a list longer than the bytes', '0d ff ff ff 7f'],
    ['a text longer than the bytes', '06 ff ff ff 7f 61'],
    ['an object with more keys than bytes', '09 ff ff ff 7f'],
    ['keys like those of an object that was not there', '0b'],
    ['the same key twice', '09 02 06 01 61 06 01 61 00 00'],
    ['a key __proto__', '09 01 06 09 5f5f70726f746f5f5f 00'],
    ['an object that was never met', '13 05'],
    ['a view past the end of its buffer', '12 00 00 05 11 04 00000000'],
    ['a view of no whole elements', '12 08 04 01 11 10 00000000000000000000000000000000'],
    ['a view of what is no buffer', '12 00 00 00 02'],
    ['a view of itself', '12 00 00 00 13 00'],
    ['a view of an unknown kind', '12 0c 00 00 11 00'],
    ['a Map with one key twice', '0f 02 04 02 01 04 02 01'],
    ['a Set with one value twice', '10 02 01 01'],
    ['a bigint of no digits', '08 00 06 00'],
    ['a key that is a number', '09 01 04 02 00'],
    ['an unknown tag', '63'],
    ['nothing', ''],
  ])('are refused: %s', (_, hex) => {
    expect(readSnapshot(bytesOf(hex))).toBeUndefined()
  })

  test('take no more memory than they are worth, and no stack', () => {
    const of = (...pattern: number[]) =>
      Uint8Array.from({ length: 1_000_000 }, (_, i) => pattern[i % pattern.length] ?? 0)
    const heap = process.memoryUsage().heapUsed
    // Lists of one list each, and of a hundred thousand.
    expect(readSnapshot(of(0x0d, 0x01))).toBeUndefined()
    expect(readSnapshot(of(0x0d, 0xa0, 0x8d, 0x06))).toBeUndefined()
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(100_000_000)
  })
})
