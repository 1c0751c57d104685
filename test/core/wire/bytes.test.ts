import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Reader, Writer } from '../../../src/core/wire/bytes.ts'

const TWO_POW_52 = 2 ** 52

/** Numbers where a form ends or an engine's number changes its kind, and any others. */
const whole = fc.oneof(
  fc.maxSafeInteger().map(Math.abs),
  fc.nat(),
  fc.nat(300),
  fc
    .integer({ min: 0, max: 53 })
    .chain((bits) =>
      fc
        .constantFrom(-2, -1, 0, 1)
        .map((near) => Math.min(Math.max(2 ** bits + near, 0), Number.MAX_SAFE_INTEGER)),
    ),
)
const signed = fc
  .tuple(whole, fc.constantFrom(1, -1))
  .map(([value, sign]) => Math.min(Math.max(value * sign, -TWO_POW_52), TWO_POW_52 - 1))

/** One field of any kind: how it is written, and what must be read. */
interface Field {
  readonly write: (writer: Writer) => unknown
  readonly check: (reader: Reader) => void
}

const fields = fc.oneof(
  fc
    .nat(255)
    .map((value): Field => ({ write: (to) => to.u8(value), check: (from) => expect(from.u8()).toBe(value) })),
  fc.nat(0xffff_ffff).map(
    (value): Field => ({
      write: (to) => to.u32(value),
      check: (from) => expect(from.u32()).toBe(value),
    }),
  ),
  whole.map(
    (value): Field => ({
      write: (to) => to.varint(value),
      check: (from) => expect(from.varint()).toBe(value),
    }),
  ),
  signed.map(
    (value): Field => ({
      write: (to) => to.zigzag(value),
      check: (from) => expect(from.zigzag() + 0).toBe(value + 0),
    }),
  ),
  fc.uint8Array({ maxLength: 100 }).map(
    (value): Field => ({
      write: (to) => to.raw(value),
      check: (from) => expect(from.raw(value.length)).toEqual(value),
    }),
  ),
  fc.uint8Array({ maxLength: 300 }).map(
    (value): Field => ({
      write: (to) => to.block(value),
      check: (from) => expect(from.block(300)).toEqual(value),
    }),
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }).map(
    (value): Field => ({
      write: (to) => to.text(value),
      check: (from) => expect(from.text(4_000)).toBe(value),
    }),
  ),
)

const written = (write: (writer: Writer) => unknown): Uint8Array => {
  const writer = new Writer()
  write(writer)
  return writer.take()
}

test('any fields written one behind the other are read back just so', () => {
  const writer = new Writer()
  const reader = new Reader()
  fc.assert(
    fc.property(fc.array(fields, { maxLength: 30 }), (list) => {
      writer.u8(1).reset()
      for (const field of list) field.write(writer)
      const { size } = writer
      const bytes = writer.take()
      expect(bytes).toHaveLength(size)
      reader.over(bytes)
      for (const field of list) field.check(reader)
      expect(reader.ok).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('a varint takes a byte for every 7 bits that it needs, and 8 bytes at most', () => {
  for (let bits = 0; bits <= 53; bits++) {
    const value = bits === 0 ? 0 : 2 ** bits - 1
    expect(written((to) => to.varint(value)).length, `2^${bits} - 1`).toBe(Math.max(Math.ceil(bits / 7), 1))
  }
})

test('a signed number is as short as its size allows, whatever its sign', () => {
  for (const [value, length] of [
    [0, 1],
    [-1, 1],
    [63, 1],
    [-64, 1],
    [64, 2],
    [-65, 2],
    [-TWO_POW_52, 8],
  ] as const)
    expect(written((to) => to.zigzag(value)).length, String(value)).toBe(length)
})

test('a number has one form: any other bytes that would mean the same are refused', () => {
  const reader = new Reader()
  fc.assert(
    fc.property(whole, fc.nat(6), (value, more) => {
      const bytes = written((to) => to.varint(value))
      const longer = Uint8Array.from([...bytes, ...new Array<number>(more + 1).fill(0)])
      for (let i = bytes.length - 1; i < longer.length - 1; i++) longer[i]! |= 0x80
      expect(reader.over(longer).varint()).toBe(0)
      expect(reader.bad).toBe(true)
    }),
  )
})

test('whatever bytes read as a number are the bytes that this number is written with', () => {
  const reader = new Reader()
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 10 }), (bytes) => {
      const value = reader.over(bytes).varint()
      if (reader.bad) return
      expect(Number.isSafeInteger(value)).toBe(true)
      expect(written((to) => to.varint(value))).toEqual(bytes.slice(0, bytes.length - reader.left))
    }),
    { numRuns: 2_000 },
  )
})

test('numbers above 2^53 - 1 are refused', () => {
  const largest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]
  expect(new Reader().over(Uint8Array.from(largest)).varint()).toBe(Number.MAX_SAFE_INTEGER)
  for (const last of [0x10, 0x1f, 0x7f]) {
    const reader = new Reader().over(Uint8Array.from([...largest.slice(0, 7), last]))
    expect([reader.varint(), reader.bad]).toEqual([0, true])
  }
})

type Read = (reader: Reader) => unknown

const READS: readonly Read[] = [
  (reader) => reader.u8(),
  (reader) => reader.u32(),
  (reader) => reader.varint(),
  (reader) => reader.zigzag(),
  (reader) => reader.raw(5),
  (reader) => reader.block(64),
  (reader) => reader.text(64),
]

test('no bytes and no order of reading throw, or show a byte that is not there', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.uint8Array({ maxLength: 20 }),
      fc.array(fc.constantFrom(...READS)),
      (bytes, behind, reads) => {
        // What lies behind the end differs: if it were read, the two would differ.
        const [here, there] = [behind, behind.map((byte) => byte ^ 0xff)].map((rest) =>
          new Reader().over(Uint8Array.from([...bytes, ...rest]).subarray(0, bytes.length)),
        ) as [Reader, Reader]
        for (const read of reads) {
          expect(read(here)).toEqual(read(there))
          expect([here.bad, here.left, here.ok]).toEqual([there.bad, there.left, there.ok])
          expect(here.left).toBeGreaterThanOrEqual(0)
        }
      },
    ),
    { numRuns: 1_000 },
  )
})

test('after one bad read everything reads as nothing, and nothing is ok', () => {
  const reader = new Reader().over(Uint8Array.of(1, 2, 3))
  expect(reader.u32()).toBe(0)
  expect([reader.u8(), reader.varint(), reader.zigzag(), reader.text(9), reader.raw(1).length]).toEqual([
    0,
    0,
    0,
    '',
    0,
  ])
  expect([reader.bad, reader.ok, reader.left]).toEqual([true, false, 0])
})

test('bytes left over are not ok, and the next message starts anew', () => {
  const reader = new Reader().over(Uint8Array.of(1, 2))
  expect(reader.u8()).toBe(1)
  expect(reader.ok).toBe(false)
  expect(reader.over(Uint8Array.of(9)).u8()).toBe(9)
  expect(reader.ok).toBe(true)
})

test('a block or a text longer than it may be is refused before it is looked at', () => {
  for (const read of [(reader: Reader) => reader.block(3), (reader: Reader) => reader.text(3)]) {
    const reader = new Reader().over(written((to) => to.block(Uint8Array.of(65, 66, 67, 68))))
    expect(read(reader)).toHaveLength(0)
    expect(reader.bad).toBe(true)
  }
})

test('text that is no UTF-8 is refused', () => {
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    const reader = new Reader().over(written((to) => to.block(Uint8Array.from(bytes))))
    expect([reader.text(9), reader.bad]).toEqual(['', true])
  }
})

test('what was taken is never written again, however long the messages are', () => {
  const writer = new Writer()
  const lengths = fc.array(fc.oneof(fc.nat(40), fc.integer({ min: 4_000, max: 40_000 })), { maxLength: 30 })
  fc.assert(
    fc.property(lengths, (list) => {
      const messages = list.map((length, i) => new Uint8Array(length).fill(i + 1))
      const taken = messages.map((message) => writer.reset().raw(message).take())
      writer.reset().raw(new Uint8Array(50).fill(0xee)).take()
      for (const [i, bytes] of taken.entries()) {
        expect(bytes).toHaveLength(messages[i]!.length)
        expect(bytes.every((byte) => byte === i + 1)).toBe(true)
      }
    }),
    { numRuns: 50 },
  )
})
