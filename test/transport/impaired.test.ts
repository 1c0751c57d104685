import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Random } from '../../src/core/random.ts'
import type { Datagrams } from '../../src/transport/datagrams.ts'
import { Impairment, type Way } from '../../src/transport/impaired.ts'
import { impairedDatagrams } from '../../src/transport/impaired-datagrams.ts'
import type { Connection, Owner } from '../../src/transport/transport.ts'
import { turn } from '../until.ts'
import { Heard } from './heard.ts'
import { limitsOf } from './limits.ts'

// Time is moved by hand here; what is measured is exact.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A connection that notes when each message is sent, and on which messages can be made to come. */
class Noted implements Connection {
  readonly kind = 'memory'
  readonly remote = 'noted'
  buffered = 0
  readonly sent: { readonly n: number; readonly at: number }[] = []
  readonly calls: string[] = []
  owner: Owner | undefined

  attach(owner: Owner): void {
    this.owner = owner
  }
  send(message: Uint8Array): boolean {
    const n = (message[0] as number) | ((message[1] as number) << 8)
    this.sent.push({ n, at: performance.now() })
    return true
  }
  close(): void {
    this.calls.push('close')
  }
  destroy(): void {
    this.calls.push('destroy')
  }
}

const numbered = (n: number): Uint8Array => Uint8Array.of(n, n >> 8)

const impaired = (way: Partial<Way>, seed = 1) => {
  const inner = new Noted()
  const impairment = new Impairment(new Random(seed), way)
  const outer = impairment.around(inner)
  const heard = Heard.of(outer)
  return { inner, impairment, outer, heard }
}

/** The owner hears of some things a little later, for which no timer is needed. */

test('without anything wrong a message goes through at once', async () => {
  const { inner, outer, heard } = impaired({})
  await turn()
  outer.send(numbered(1))
  expect(inner.sent).toHaveLength(1)
  inner.owner?.message(numbered(2))
  expect(heard.messages).toHaveLength(1)
})

test('messages take base and jitter, in order', () => {
  const { inner, outer } = impaired({ base: 20_000, jitter: 10_000 })
  const from = performance.now()
  for (let n = 0; n < 2_000; n++) {
    outer.send(numbered(n))
    vi.advanceTimersByTime(200)
  }
  expect(inner.sent.map(({ n }) => n)).toEqual(Array.from({ length: 2_000 }, (_, n) => n))
  const took = inner.sent.map(({ n, at }) => at - from - 200 * n)
  expect(Math.min(...took)).toBeGreaterThanOrEqual(20)
  const mean = took.reduce((sum, t) => sum + t, 0) / took.length
  // A timer counts whole milliseconds, and never too few.
  expect(mean).toBeGreaterThan(29.5)
  expect(mean).toBeLessThan(31.5)
})

test('a message that is lost is sent again, and holds up those behind it', () => {
  const { inner, outer } = impaired({ base: 5_000, loss: 0.2, resend: 50_000 })
  const from = performance.now()
  for (let n = 0; n < 2_000; n++) {
    outer.send(numbered(n))
    vi.advanceTimersByTime(10)
  }
  vi.advanceTimersByTime(10_000)
  expect(inner.sent.map(({ n }) => n)).toEqual(Array.from({ length: 2_000 }, (_, n) => n))
  const took = inner.sent.map(({ n, at }) => Math.round(at - from - 10 * n))
  expect(Math.min(...took)).toBe(5)
  // A fifth is late by itself, and up to four more behind each.
  const late = took.filter((t) => t > 6).length / took.length
  expect(late).toBeGreaterThan(0.5)
  expect(late).toBeLessThan(0.8)
  expect(took.some((t) => t === 55)).toBe(true)
})

test('the same seed gives the same times, another one others', () => {
  const times = (seed: number) => {
    const { inner, outer } = impaired({ base: 1_000, jitter: 30_000, loss: 0.1 }, seed)
    const from = performance.now()
    for (let n = 0; n < 100; n++) outer.send(numbered(n))
    vi.advanceTimersByTime(10_000)
    return inner.sent.map(({ at }) => Math.round(at - from))
  }
  expect(times(3)).toEqual(times(3))
  expect(times(3)).not.toEqual(times(4))
})

test('both directions are impaired', async () => {
  const { inner, heard } = impaired({ base: 30_000 })
  await turn()
  inner.owner?.message(numbered(1))
  inner.owner?.closed('closed')
  vi.advanceTimersByTime(29)
  expect([heard.messages.length, heard.endings.length]).toEqual([0, 0])
  vi.advanceTimersByTime(2)
  expect([heard.messages.length, heard.endings]).toEqual([1, ['closed']])
})

test('what is changed while it runs applies to what is sent from then on, behind what was', () => {
  const { inner, outer, impairment } = impaired({ base: 100_000 })
  outer.send(numbered(1))
  impairment.change({ base: 10_000 })
  expect(impairment.way).toEqual({ base: 10_000, jitter: 0, loss: 0 })
  outer.send(numbered(2))
  vi.advanceTimersByTime(99)
  expect(inner.sent).toHaveLength(0)
  vi.advanceTimersByTime(2)
  expect(inner.sent.map(({ n }) => n)).toEqual([1, 2])
  outer.send(numbered(3))
  vi.advanceTimersByTime(11)
  expect(inner.sent).toHaveLength(3)
})

test('nothing comes through while it is paused, and all of it afterwards', async () => {
  const { inner, outer, impairment, heard } = impaired({ base: 1_000 })
  await turn()
  impairment.pause()
  outer.send(numbered(1))
  inner.owner?.message(numbered(2))
  outer.send(numbered(3))
  outer.close()
  vi.advanceTimersByTime(5_000)
  expect([inner.sent.length, heard.messages.length, inner.calls.length]).toEqual([0, 0, 0])
  expect(outer.buffered).toBe(4)
  impairment.resume()
  expect(inner.sent.map(({ n }) => n)).toEqual([1, 3])
  expect(inner.calls).toEqual(['close'])
})

test('what waits counts as buffered, beside what waits behind it', () => {
  const { inner, outer } = impaired({ base: 1_000 })
  inner.buffered = 100
  outer.send(numbered(1))
  expect(outer.buffered).toBe(102)
  vi.advanceTimersByTime(2)
  expect(outer.buffered).toBe(100)
})

test('a connection that is closed first sends what is on its way', () => {
  const { inner, outer } = impaired({ base: 50_000 })
  for (let n = 0; n < 10; n++) outer.send(numbered(n))
  outer.close()
  vi.advanceTimersByTime(49)
  expect(inner.calls).toEqual([])
  vi.advanceTimersByTime(2)
  expect([inner.sent.length, inner.calls]).toEqual([10, ['close']])
})

test('a cut breaks the connections that there are, and what is on its way is lost', async () => {
  const { inner, outer, impairment, heard } = impaired({ base: 50_000 })
  await turn()
  outer.send(numbered(1))
  inner.owner?.message(numbered(2))
  impairment.cut()
  expect(heard.endings).toEqual([])
  await turn()
  expect(heard.endings).toEqual(['lost'])
  expect(inner.calls).toEqual(['destroy'])
  vi.advanceTimersByTime(1_000)
  expect([inner.sent.length, heard.messages.length]).toEqual([0, 0])
})

test('who sends into a pause for ever is cut off, and so is who is sent to', async () => {
  const LIMITS = limitsOf({ buffered_bytes_max: 10_000 })
  const inner = new Noted()
  const impairment = new Impairment(new Random(1))
  const heard = Heard.of(impairment.around(inner, LIMITS))
  await turn()
  impairment.pause()
  for (let n = 0; n < 11; n++) inner.owner?.message(new Uint8Array(1_000))
  await turn()
  expect(heard.endings).toEqual(['overflow'])
  expect(inner.calls).toEqual(['destroy'])
})

test('a loss of everything is refused', () => {
  expect(() => new Impairment(new Random(1), { loss: 1 })).toThrow(RangeError)
  expect(() => new Impairment(new Random(1)).change({ loss: -0.1 })).toThrow(RangeError)
})

test('datagrams get lost, arrive twice and overtake each other as often as stated, both ways', () => {
  const sent: number[] = []
  const inner: Datagrams = {
    at: { address: '127.0.0.1', port: 1 },
    onDatagram: () => {},
    onRefused: () => {},
    send: (bytes) => void sent.push((bytes[0] as number) | ((bytes[1] as number) << 8)),
    close: () => Promise.resolve(),
  }
  const way = { base: 1_000, jitter: 1_000, loss: 0.2, duplicate: 0.1, reorder: 0.05 }
  const outer = impairedDatagrams(new Random(1), way)(inner)
  const came: number[] = []
  outer.onDatagram = (bytes) => came.push((bytes[0] as number) | ((bytes[1] as number) << 8))
  const COUNT = 20_000
  for (let n = 0; n < COUNT; n++) {
    outer.send(numbered(n))
    inner.onDatagram(numbered(n), inner.at)
    if (n % 4 === 0) vi.advanceTimersByTime(1)
  }
  vi.advanceTimersByTime(1_000)
  for (const all of [sent, came]) {
    const once = new Set(all)
    expect(once.size / COUNT).toBeCloseTo(0.8, 2)
    expect(all.length / once.size).toBeCloseTo(1.1, 2)
    const overtaken = all.filter((n, i) => i > 0 && n < (all[i - 1] as number)).length
    expect(overtaken / all.length).toBeGreaterThan(0.1)
  }
})

test('datagrams that are on their way still leave when the socket is closed', async () => {
  let isClosed = false
  const sent: number[] = []
  const inner: Datagrams = {
    at: { address: '127.0.0.1', port: 1 },
    onDatagram: () => {},
    onRefused: () => {},
    send: () => void sent.push(1),
    close: () => {
      isClosed = true
      return Promise.resolve()
    },
  }
  const way = { base: 10_000, jitter: 0, loss: 0, duplicate: 0, reorder: 0 }
  const outer = impairedDatagrams(new Random(1), way)(inner)
  outer.send(numbered(1))
  const closing = outer.close()
  outer.send(numbered(2))
  await turn()
  expect([isClosed, sent.length]).toEqual([false, 0])
  vi.advanceTimersByTime(10)
  await closing
  expect([isClosed, sent.length]).toEqual([true, 1])
})
