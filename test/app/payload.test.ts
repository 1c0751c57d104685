import { decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SametickError } from '../../src/app/errors.ts'
import { decodePayload, encodePayload } from '../../src/app/payload.ts'

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    fc.double(),
    fc.string(),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { noNullPrototype: true },
    ),
  ),
})).value

describe('a payload', () => {
  test('is read as it was written; only -0 becomes 0', () => {
    fc.assert(
      fc.property(value, (value) => {
        const read = decodePayload(encodePayload(value))
        expect(read?.value).toStrictEqual(plusZero(value))
      }),
    )
  })

  test('is msgpack, so that any language writes and reads it', () => {
    fc.assert(
      fc.property(value, (value) => {
        expect(decode(encodePayload(value))).toStrictEqual(plusZero(value))
        expect(decodePayload(encode(value))?.value).toStrictEqual(plusZero(value))
      }),
    )
  })

  test('that is undefined is no bytes at all', () => {
    expect(encodePayload(undefined)).toHaveLength(0)
    expect(decodePayload(new Uint8Array(0))).toEqual({ value: undefined })
  })

  test('loses keys whose value is undefined, and has null for undefined in lists, as in JSON', () => {
    expect(decodePayload(encodePayload({ a: undefined, b: [undefined, 1] }))?.value).toStrictEqual({
      b: [null, 1],
    })
  })

  test('shares no memory with the bytes that it was read from', () => {
    const bytes = encodePayload({ data: Uint8Array.of(1, 2, 3) })
    const read = decodePayload(bytes)?.value as { data: Uint8Array } | undefined
    bytes.fill(0)
    expect([...(read?.data ?? [])]).toEqual([1, 2, 3])
  })

  class Unit {}
  const ring: Record<string, unknown> = {}
  ring.self = ring
  test.each<[string, unknown, string]>([
    ['a function', { a: [() => 0] }, 'a[0] is a function: send its name'],
    ['a symbol', Symbol('s'), 'The payload is a symbol'],
    ['a bigint', { n: 1n }, 'n is a bigint: send it as a string'],
    ['a Map', { m: new Map() }, 'm is of the class Map'],
    ['a Date', [new Date(0)], '[0] is of the class Date'],
    ['a list of floats', { f: new Float64Array(1) }, 'f is of the class Float64Array'],
    ['a class', { u: new Unit() }, 'u is of the class Unit'],
    ['itself', ring, 'levels deep, or contains itself'],
    ['a key __proto__', JSON.parse('{"a":{"__proto__":1}}'), 'a has a key __proto__'],
  ])('that holds %s is refused at its source, with the path', (_, value, message) => {
    expect(() => encodePayload(value)).toThrow(message)
    expect(() => encodePayload(value)).toThrow(SametickError)
  })

  test('that is larger than an event may carry is refused at its source', () => {
    expect(() => encodePayload('x'.repeat(65_533))).not.toThrow()
    expect(() => encodePayload('x'.repeat(65_534))).toThrow('65537 bytes of 65536')
  })
})

describe('bytes that are no payload', () => {
  test('never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void decodePayload(bytes)),
      { numRuns: 20_000 },
    )
  })

  test('are refused if anything is missing or left over', () => {
    fc.assert(
      fc.property(value, fc.nat(), (value, cut) => {
        const bytes = encodePayload(value)
        const at = cut % bytes.length
        if (at > 0) expect(decodePayload(bytes.subarray(0, at))).toBeUndefined()
        expect(decodePayload(Uint8Array.from([...bytes, 0xc0]))).toBeUndefined()
      }),
    )
  })

  test.each([
    ['a list longer than the bytes', 'dd ff ff ff ff'],
    ['a map longer than the bytes', 'df ff ff ff ff'],
    ['a text longer than the bytes', 'db ff ff ff ff 61'],
    ['bytes longer than the bytes', 'c6 ff ff ff ff 00'],
    ['a date', 'd6 ff 00 00 00 00'],
    ['an extension', 'c7 01 05 00'],
    ['a number as a key', '81 01 c0'],
    ['a key __proto__', '81 a9 5f5f70726f746f5f5f c0'],
    ['the head that means nothing', 'c1'],
  ])('are refused: %s', (_, hex) => {
    expect(decodePayload(bytesOf(hex))).toBeUndefined()
  })

  test('of 64 KiB of nested headers take neither memory nor stack', () => {
    const nested = new Uint8Array(65_535)
    for (let i = 0; i < nested.length; i += 3) nested.set([0xdc, 0xff, 0xff], i)
    const heap = process.memoryUsage().heapUsed
    expect(decodePayload(nested)).toBeUndefined()
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(20_000_000)
    expect(decodePayload(new Uint8Array(65_536).fill(0x91))).toBeUndefined()
  })

  test('that are longer than an event may carry are refused', () => {
    expect(decodePayload(encode('x'.repeat(65_534)))).toBeUndefined()
  })
})

/** The same value with 0 for -0. */
const plusZero = (value: unknown): unknown => {
  if (Object.is(value, -0)) return 0
  if (Array.isArray(value)) return value.map(plusZero)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plusZero(item)]))
}
