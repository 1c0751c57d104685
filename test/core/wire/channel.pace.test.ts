import { describe, expect, test } from 'vitest'
import { MILLISECOND, SECOND } from '../../../src/core/timeline/tick.ts'
import { CHANNEL_LIMITS } from '../../../src/core/wire/limits.ts'
import { type End, Line, message } from './line.ts'

const bytesOf = (line: Line, from: End): number =>
  line.sent.filter((sent) => sent.from === from).reduce((sum, { bytes }) => sum + bytes.length, 0)

describe('what a message costs on a clear path', () => {
  test('a datagram of 24 bytes beside it, when it travels alone', () => {
    const line = Line.opened()
    line.client.send(line.now, message(1, 20))
    expect(line.client.outgoing().map(({ length }) => length)).toEqual([44])
  })

  test('one byte beside it, when it travels with others', () => {
    const line = Line.opened()
    for (let i = 0; i < 50; i++) line.client.send(line.now, message(i, 20))
    expect(line.client.outgoing().map(({ length }) => length)).toEqual([16 + 2 + 2 + 50 * 21 + 4])
  })

  test('24 bytes a datagram, when it is long: 2.2 parts in a hundred', () => {
    const line = Line.opened()
    line.send('client', message(1, 65_536))
    line.run(line.now + SECOND)
    expect(line.sent.filter(({ from }) => from === 'client')).toHaveLength(57)
    expect(bytesOf(line, 'client') / 65_536).toBeLessThan(1.023)
  })

  test('two datagrams for a request and its reply, and two more at the end of many', () => {
    for (const pause of [0, 10 * MILLISECOND, 300 * MILLISECOND]) {
      const line = Line.opened()
      for (let i = 0; i < 100; i++) {
        line.send('client', message(i, 20))
        line.run(line.now + SECOND, () => line.heard.server.length > i)
        line.send('server', message(i, 20))
        line.run(line.now + SECOND, () => line.heard.client.length > i)
        line.run(line.now + pause)
      }
      line.run(line.now + SECOND)
      // A reply that is followed by nothing for more than 4 ms is acknowledged by itself.
      const alone = pause > 0 ? 100 : 1
      expect(line.sent, `a pause of ${pause} µs`).toHaveLength(200 + alone)
    }
  })

  test('one way at 100 a second, an acknowledgement for every four messages or more', () => {
    for (const [perSecond, most] of [
      [25, 1.05],
      [60, 0.5],
      [100, 0.3],
      [1_000, 0.15],
      [10_000, 0.13],
    ] as const) {
      const line = Line.opened()
      const start = line.now
      const count = Math.min(perSecond * 2, 5_000)
      for (let i = 0; i < count; i++) {
        line.run(start + (i * SECOND) / perSecond)
        line.send('client', message(i, 20))
      }
      line.run(line.now + SECOND)
      const of = (from: End): number => line.sent.filter((sent) => sent.from === from).length
      expect(of('client'), `${perSecond} a second`).toBe(count)
      expect(of('server') / count, `${perSecond} a second`).toBeLessThanOrEqual(most)
    }
  })

  test('no more when every datagram comes twice', () => {
    const answers = (doubled: number): number => {
      const line = Line.opened()
      line.weather = { loss: 0, doubled, delay: [25 * MILLISECOND, 25 * MILLISECOND] }
      for (let i = 0; i < 100; i++) {
        line.send('client', message(i, 20))
        line.run(line.now + 13 * MILLISECOND)
      }
      return line.sent.filter(({ from }) => from === 'server').length
    }
    expect(answers(1)).toBe(answers(0))
  })

  test('a channel without messages sends 20 bytes every 2.5 s', () => {
    const line = Line.opened()
    line.run(line.now + 100 * SECOND)
    expect(line.sent.every(({ bytes }) => bytes.length === 20)).toBe(true)
    expect(line.sent.length).toBeLessThanOrEqual(82)
    expect([line.client.state, line.server?.state]).toEqual(['open', 'open'])
  })
})

describe('a long message', () => {
  test('leaves at the path’s rate, twelve thousand bytes at once and no more', () => {
    const line = Line.opened({ weather: { loss: 0, doubled: 0, delay: [100, 100] } })
    line.weather = { loss: 0, doubled: 0, delay: [40 * MILLISECOND, 40 * MILLISECOND] }
    for (let i = 0; i < 10; i++) line.send('client', message(i, 65_536))
    line.run(line.now + 2 * SECOND)
    const sent = line.sent.filter(({ from }) => from === 'client')
    const burst = (from: number, within: number): number =>
      sent
        .filter(({ at }) => at >= from && at < from + within)
        .reduce((sum, { bytes }) => sum + bytes.length, 0)
    for (const { at } of sent) expect(burst(at, 1)).toBeLessThanOrEqual(12_000 + 1_200)
  })

  test('waits for no acknowledgement, however long the way is: the largest fits into the first window', () => {
    const half = 100 * MILLISECOND
    const line = Line.opened({ weather: { loss: 0, doubled: 0, delay: [half, half] } })
    const start = line.now
    line.send('client', message(1, CHANNEL_LIMITS.message_bytes_max))
    line.run(start + SECOND, () => line.heard.server.length > 0)
    expect(line.now - start).toBeLessThan(half + 40 * MILLISECOND)
  })

  test('on a path of unknown length takes at least as long as 2 MB/s does', () => {
    const line = Line.opened()
    const start = line.now
    line.send('client', message(1, 65_536))
    expect(line.sent.length).toBeLessThanOrEqual(11)
    line.run(line.now + SECOND, () => line.heard.server.length > 0)
    const last = line.sent.filter(({ from }) => from === 'client').at(-1)
    expect((last?.at ?? 0) - start).toBeGreaterThan(10 * MILLISECOND)
    expect((last?.at ?? 0) - start).toBeLessThan(30 * MILLISECOND)
  })

  test('delays no message before it, and those behind it no longer than it takes itself', () => {
    const line = Line.opened()
    const start = line.now
    line.send('client', message(1, 20))
    line.send('client', message(2, 65_536))
    line.send('client', message(3, 20))
    line.run(line.now + SECOND)
    const [before, long, behind] = line.heardAt.server as [number, number, number]
    expect(before - start).toBe(25 * MILLISECOND)
    expect(behind).toBe(long)
  })

  test('delays nothing that goes the other way', () => {
    const line = Line.opened()
    line.send('client', message(1, 65_536))
    const start = line.now
    for (let i = 0; i < 10; i++) {
      line.run(start + 3 * i * MILLISECOND)
      line.send('server', message(i, 20))
    }
    line.run(line.now + SECOND)
    expect(line.heardAt.client.map((at, i) => at - start - 3_000 * i)).toEqual(new Array(10).fill(25_000))
  })
})

describe('what an end knows of its path', () => {
  test('the round trip, whatever acknowledgements wait for', () => {
    for (const pause of [1, 7, 39, 400]) {
      const line = Line.opened()
      for (let i = 0; i < 100; i++) {
        line.send('client', message(i, 20))
        line.run(line.now + pause * MILLISECOND)
      }
      expect(Math.abs((line.client.roundTrip ?? 0) - 50 * MILLISECOND), `every ${pause} ms`).toBeLessThan(100)
    }
  })

  test('the new round trip, after some messages, when the path changes', () => {
    const line = Line.opened()
    line.weather = { loss: 0, doubled: 0, delay: [80 * MILLISECOND, 80 * MILLISECOND] }
    for (let i = 0; i < 40; i++) {
      line.send('client', message(i, 20))
      line.run(line.now + 50 * MILLISECOND)
    }
    expect(line.client.roundTrip).toBeGreaterThan(155 * MILLISECOND)
    expect(line.client.roundTrip).toBeLessThan(165 * MILLISECOND)
  })

  test('that it reorders: what is only late is soon no longer sent again', () => {
    const line = Line.opened({
      weather: { loss: 0, doubled: 0, delay: [20 * MILLISECOND, 30 * MILLISECOND] },
    })
    for (let i = 0; i < 40; i++) line.send('client', message(i, 65_536))
    line.run(line.now + 60 * SECOND, () => line.heard.server.length === 40)
    const needed = (40 * 65_536) / 1_152
    expect(line.sent.filter(({ from }) => from === 'client').length).toBeLessThan(1.1 * needed)
  })

  test('nothing of what the bits leave out: it is not sent again', () => {
    const line = Line.opened()
    let count = 0
    // One piece is lost and 900 behind it are not; the answers travel with long messages, which cut the bits.
    line.filter = ({ from, bytes }) => from === 'server' || bytes.length > 60 || count++ !== 0
    for (let i = 0; i < 900; i++) {
      line.send('client', message(i, 20))
      line.send('server', message(i, 1_100))
      line.run(line.now + 30)
    }
    line.run(line.now + 5 * SECOND)
    expect([line.heard.client.length, line.heard.server.length]).toEqual([900, 900])
    const told = line.sent.filter(({ from }) => from === 'server').map(({ bytes }) => bytes[15] ?? 0)
    expect(told.filter((bits) => bits > 0x80).length).toBeGreaterThan(10)
    const messages = line.sent.filter(({ from, bytes }) => from === 'client' && bytes.length >= 44)
    expect(messages.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(900 * 44 + 1_000)
  })
})

test('what the bits beside a long message leave out is told within 4 ms, by itself', () => {
  const line = Line.opened()
  let count = 0
  line.filter = ({ from }) => from === 'server' || count++ !== 0
  for (let i = 0; i < 300; i++) {
    line.send('client', message(i, 20))
    line.run(line.now + 30)
  }
  // All but the first have come, and the last three of them are not acknowledged yet.
  line.run(line.now + 26 * MILLISECOND)
  line.send('server', message(1, 1_100))
  const told = (): number => line.sent.filter(({ from }) => from === 'server').at(-1)?.bytes[15] ?? 0
  expect(told()).toBe(0x80 + 24)
  line.run(line.now + 4 * MILLISECOND)
  expect(told()).toBe(Math.ceil(299 / 8))
})

describe('a long path', () => {
  test('is filled within some round trips', () => {
    const line = Line.opened()
    line.weather = { loss: 0, doubled: 0, delay: [50 * MILLISECOND, 50 * MILLISECOND] }
    const start = line.now
    for (let i = 0; i < 60; i++) line.send('client', message(i, 65_536))
    line.run(line.now + 60 * SECOND, () => line.heard.server.length === 60)
    // With the window of the start it would take six seconds.
    expect(line.now - start).toBeLessThan(1.5 * SECOND)
  })
})

describe('a full path', () => {
  /** A queue that lets 500,000 bytes a second through, holds 60,000 and drops the rest; 20 ms each way. */
  const narrow = (line: Line): { dropped: number } => {
    const drops = { dropped: 0 }
    let freeAt = 0
    line.filter = ({ from, bytes, at }) => {
      if (from === 'server') return true
      const start = Math.max(freeAt, at)
      if (start - at > 120 * MILLISECOND) {
        drops.dropped++
        return false
      }
      freeAt = start + (bytes.length * SECOND) / 500_000
      const wait = Math.round(freeAt - at)
      line.weather = { loss: 0, doubled: 0, delay: [20 * MILLISECOND + wait, 20 * MILLISECOND + wait] }
      return true
    }
    return drops
  }

  test('is used by more than two thirds, and one datagram in three at most is dropped', () => {
    const line = Line.opened({ weather: { loss: 0, doubled: 0, delay: [20_000, 20_000] } })
    const drops = narrow(line)
    for (let i = 0; i < 40; i++) line.send('client', message(i, 50_000))
    const start = line.now
    line.run(line.now + 30 * SECOND, () => line.heard.server.length === 40)
    const perSecond = (40 * 50_000 * SECOND) / (line.now - start)
    expect(perSecond).toBeGreaterThan(333_000)
    expect(drops.dropped / line.sent.filter(({ from }) => from === 'client').length).toBeLessThan(0.33)
  })
})
