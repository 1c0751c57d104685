import { Decoder, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readMsgpack, writeMsgpack } from '../../src/app/msgpack.ts'

const DEPTH = 32
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Lengths and numbers at which a head changes, and their neighbours. */
const EDGES = [0, 15, 16, 31, 32, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536]
const WHOLE = [...EDGES, 2 ** 31, 2 ** 32, 2 ** 53 - 1]
  .flatMap((n) => [n - 1, n, n + 1])
  .flatMap((n) => [n, -n])

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
)
const key = text.filter((name) => name !== '__proto__')
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.constantFrom(...WHOLE),
    fc.maxSafeInteger(),
    fc.double(),
    fc.float(),
    text,
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(key, tie('value'), { maxKeys: 20, noNullPrototype: true }),
  ),
})).value

describe('the same bytes as another implementation', () => {
  test('for every value', () => {
    fc.assert(
      fc.property(value, (value) => {
        expect(hexOf(writeMsgpack(value))).toBe(hexOf(encode(value, { ignoreUndefined: true })))
      }),
    )
  })

  test('at every length and number where the head changes', () => {
    for (const n of EDGES) {
      const long = [
        'x'.repeat(n),
        'ü'.repeat(n),
        new Uint8Array(n).fill(7),
        Array.from({ length: n }, () => 1),
        Object.fromEntries(Array.from({ length: Math.min(n, 70_000) }, (_, i) => [`k${i}`, i])),
      ]
      for (const each of long)
        expect(hexOf(writeMsgpack(each)) === hexOf(encode(each)), `${typeof each} of ${n}`).toBe(true)
    }
    for (const n of WHOLE) expect([n, hexOf(writeMsgpack(n))]).toEqual([n, hexOf(encode(n))])
  })

  test('and again when a large value has been written between', () => {
    const before = hexOf(writeMsgpack({ a: [1.5, 'b'] }))
    writeMsgpack('x'.repeat(200_000))
    expect(hexOf(writeMsgpack({ a: [1.5, 'b'] }))).toBe(before)
  })
})

describe('what is read', () => {
  test('is what another implementation reads, from whatever bytes', () => {
    // Bytes at random are hardly ever a value: these are heads and small lengths, in any order.
    const heads = fc.oneof(fc.integer({ min: 0xc0, max: 0xdf }), fc.integer({ min: 0, max: 3 }), fc.nat(255))
    let read = 0
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), fc.array(heads, { maxLength: 24 }), (some, more) => {
        for (const bytes of [some, Uint8Array.from(more)]) {
          const ours = readMsgpack(bytes, DEPTH)
          if (ours === undefined) continue
          read++
          expect(ours.value).toStrictEqual(new Decoder().decode(bytes))
        }
      }),
      { numRuns: 20_000 },
    )
    expect(read).toBeGreaterThan(1_000)
  })

  test('is in memory of its own, also out of a Buffer', () => {
    const bytes = Buffer.from(writeMsgpack([Uint8Array.of(1, 2, 3)]))
    const read = readMsgpack(bytes, DEPTH)
    bytes.fill(0)
    expect(read?.value).toStrictEqual([Uint8Array.of(1, 2, 3)])
  })

  test('may be no deeper than is said', () => {
    const nested = (depth: number): Uint8Array => Uint8Array.from([...Array(depth).fill(0x91), 0xc0])
    expect(readMsgpack(nested(DEPTH), DEPTH)).toBeDefined()
    expect(readMsgpack(nested(DEPTH + 1), DEPTH)).toBeUndefined()
    expect(readMsgpack(new Uint8Array(60_000).fill(0x81), DEPTH)).toBeUndefined()
  })

  test.each([
    ['is no UTF-8', 'a2 c3 28'],
    ['is no UTF-8, and long', 'd9 21 ff 61616161616161616161616161616161 6161616161616161616161616161616161'],
    ['is half a pair of UTF-16', 'a3 ed a0 80'],
  ])('is refused if a text in it %s', (_, hex) => {
    expect(readMsgpack(Buffer.from(hex.replaceAll(' ', ''), 'hex'), DEPTH)).toBeUndefined()
  })

  test('keeps the mark that some texts begin with', () => {
    for (const marked of ['\ufeffa', `\ufeff${'a'.repeat(40)}`])
      expect(readMsgpack(writeMsgpack(marked), DEPTH)).toEqual({ value: marked })
  })
})

test('half a pair of UTF-16 is written as the sign for what is unknown, however long the text', () => {
  for (const long of ['', 'x'.repeat(40)])
    expect(readMsgpack(writeMsgpack(`\ud800${long}`), DEPTH)).toEqual({ value: `\ufffd${long}` })
})
