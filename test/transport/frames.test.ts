import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FrameEnd, FrameReader, FrameWriter, FULL } from '../../src/transport/frames.ts'

const BYTES_MAX = 70_000
const text = (value: string) => new TextEncoder().encode(value)
const joined = (chunks: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(chunks))

/** All that a reader makes of chunks. */
const readAll = (chunks: readonly Uint8Array[], bytesMax = BYTES_MAX) => {
  const messages: Uint8Array[] = []
  let greetings = 0
  const reader = new FrameReader(
    { greeted: () => greetings++, message: (bytes) => messages.push(bytes) },
    bytesMax,
  )
  let end: FrameEnd | undefined
  for (const chunk of chunks) end = reader.read(chunk)
  return { messages, greetings, end }
}

const written = (messages: readonly Uint8Array[]) => {
  const writer = new FrameWriter()
  writer.greet()
  for (const message of messages) writer.put(message)
  writer.goodbye()
  return writer
}

/** Cuts a stream into chunks of these lengths, over and over. */
const cut = (stream: Uint8Array, lengths: readonly number[]) => {
  const chunks: Uint8Array[] = []
  for (let at = 0, i = 0; at < stream.length; i++) {
    const length = Math.max(1, lengths[i % lengths.length] ?? 1)
    // A chunk of its own, as the system gives it.
    chunks.push(stream.slice(at, at + length))
    at += length
  }
  return chunks
}

test('the layout is a greeting, lengths and messages, and a goodbye', () => {
  const bytes = joined(written([text('tick'), text('')]).take())
  expect([...bytes]).toEqual([
    ...text('sametick'),
    ...[1],
    ...[4, 0, 0, 0, ...text('tick')],
    ...[0, 0, 0, 0],
    ...[255, 255, 255, 255],
  ])
})

test('whatever was written is read, in whatever pieces it comes', () => {
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 4_000, max: 70_000 }).map((length) => new Uint8Array(length).fill(length)),
  )
  const lengths = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), lengths, (messages, chunks) => {
      const writer = written(messages)
      const { waiting } = writer
      const stream = joined(writer.take())
      expect(waiting).toBe(stream.length)
      expect(writer.waiting).toBe(0)
      const read = readAll(cut(stream, chunks))
      expect(read.messages.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
        messages.map((bytes) => Buffer.from(bytes).toString('hex')),
      )
      expect([read.greetings, read.end]).toEqual([1, 'goodbye'])
    }),
    { numRuns: 60 },
  )
})

test('what was taken from a writer is never written to again', () => {
  const writer = new FrameWriter()
  const taken: { readonly chunk: Uint8Array; readonly was: string }[] = []
  for (let n = 0; n < 3_000; n++) {
    writer.put(new Uint8Array(n % 50).fill(n))
    if (n % 7 === 0)
      for (const chunk of writer.take()) taken.push({ chunk, was: Buffer.from(chunk).toString('hex') })
  }
  for (const { chunk, was } of taken) expect(Buffer.from(chunk).toString('hex')).toBe(was)
})

test('a small message does not keep the chunk that it came in, and a large one is not copied', () => {
  const stream = joined(written([new Uint8Array(20), new Uint8Array(60_000)]).take())
  const [small, large] = readAll([stream]).messages
  expect(small?.buffer.byteLength).toBeLessThan(100)
  expect(large?.buffer).toBe(stream.buffer)
})

describe('what is none of ours ends the reading', () => {
  const stream = (...rest: number[]) => Uint8Array.of(...text('sametick'), 1, ...rest)
  test.each([
    ['another word', text('GET / HTTP/1.1\r\n\r\n'), 'stranger', 0],
    ['its first byte', text('G'), 'stranger', 0],
    ['its last byte', text('samething'), 'stranger', 0],
    ['another version', Uint8Array.of(...text('sametick'), 2), 'version', 0],
    ['a full server', FULL, 'full', 0],
    ['a length above the limit', stream(0, 0, 16, 0), 'malformed', 1],
    ['one byte above it', stream(0x71, 0x11, 1, 0), 'malformed', 1],
    ['a goodbye', stream(255, 255, 255, 255), 'goodbye', 1],
  ])('%s', (_, bytes, end, greetings) => {
    expect(readAll([bytes])).toEqual({ messages: [], greetings, end })
    expect(readAll(cut(bytes, [1]))).toEqual({ messages: [], greetings, end })
    // Whatever follows is not looked at.
    expect(readAll([bytes, stream(1, 0, 0, 0, 7)]).messages).toEqual([])
  })
})

test('whatever comes behind a greeting, nothing is thrown and no message is longer than may be', () => {
  const greeting = text('sametick\x01')
  // Lengths are mostly small, so that there are messages at all.
  const length = fc.tuple(fc.nat(20), fc.nat(1), fc.constantFrom(0, 0, 0, 255), fc.constantFrom(0, 0, 0, 255))
  const part = fc.oneof(
    length.map((bytes) => Uint8Array.from(bytes)),
    fc.uint8Array({ maxLength: 30 }),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), fc.integer({ min: 1, max: 50 }), (parts, size) => {
      const stream = joined([greeting, ...parts])
      const { messages, end } = readAll(cut(stream, [size]), 100)
      expect(messages.every((message) => message.length <= 100)).toBe(true)
      expect([undefined, 'goodbye', 'malformed']).toContain(end)
    }),
  )
})

test('a stream that breaks off is no goodbye', () => {
  const stream = joined(written([text('tick')]).take())
  for (let length = 0; length < stream.length; length++)
    expect(readAll([stream.subarray(0, length)]).end).toBeUndefined()
})
