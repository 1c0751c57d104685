import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { MILLISECOND, SECOND } from '../../../src/core/timeline/tick.ts'
import { KIND } from '../../../src/core/wire/datagram.ts'
import { CHANNEL_LIMITS } from '../../../src/core/wire/limits.ts'
import { type End, Line, message, STORM, type Weather } from './line.ts'

/** Messages that both ends send, each after a pause. */
interface Talk {
  readonly from: End
  readonly length: number
  readonly pause: number
}

const talks = (longest: number) =>
  fc.array(
    fc.record({
      from: fc.constantFrom<End>('client', 'server'),
      // Around the lengths where a length takes another byte, a message another piece; and any others.
      length: fc.oneof(
        fc.nat(200),
        fc.constantFrom(0, 1, 127, 128, 1_148, 1_149, 1_150, 1_151, 1_152, 2_304, 16_383, 16_384),
        fc.nat(longest),
      ),
      pause: fc.oneof(fc.constant(0), fc.nat(30 * MILLISECOND)),
    }),
    { minLength: 1, maxLength: 40 },
  )

const other = (end: End): End => (end === 'client' ? 'server' : 'client')

/** Sends all of a talk and checks that each end hears exactly what the other said; gives the time that it took. */
const hold = (line: Line, talk: readonly Talk[], most: number): number => {
  const said: Record<End, Uint8Array[]> = { client: [], server: [] }
  const start = line.now
  for (const [i, { from, length, pause }] of talk.entries()) {
    line.run(line.now + pause)
    said[from].push(message(i, length))
    line.send(from, message(i, length))
  }
  const isHeard = (end: End) => line.heard[end].length >= said[other(end)].length
  line.run(line.now + most, () => isHeard('client') && isHeard('server'))
  const took = line.now - start
  line.run(line.now + 2 * SECOND)
  for (const end of ['client', 'server'] as const) {
    expect(line.heard[end].map(({ length }) => length)).toEqual(said[other(end)].map(({ length }) => length))
    for (const [i, bytes] of line.heard[end].entries())
      if (Buffer.compare(bytes, said[other(end)][i]!) !== 0)
        throw new Error(`message ${i} at the ${end} is another`)
    expect(line.end(end).failure).toBeUndefined()
  }
  return took
}

describe('every message arrives whole, in order and once', () => {
  test('in a storm, in both directions at once, from nothing to 64 KiB', () => {
    let bits = 0
    let longest = 0
    fc.assert(
      fc.property(talks(65_536), fc.nat(), (talk, seed) => {
        const line = Line.opened({ seed, weather: STORM })
        hold(line, talk, 120 * SECOND)
        const data = line.sent.filter(({ bytes }) => bytes[0] === KIND.data)
        bits += data.filter(({ bytes }) => bytes[15] !== 0).length
        longest = Math.max(longest, ...talk.map(({ length }) => length))
      }),
      { numRuns: 60 },
    )
    // It did storm: gaps were told, and long messages went through them.
    expect(bits).toBeGreaterThan(1_000)
    expect(longest).toBeGreaterThan(30_000)
  })

  test('whatever the weather, and from the very first datagram', () => {
    const weathers: fc.Arbitrary<Weather> = fc
      .tuple(
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.nat(200 * MILLISECOND),
        fc.nat(200 * MILLISECOND),
      )
      .map(([loss, least, more]) => ({ loss, doubled: loss, delay: [least, least + more] as const }))
    // Where half of everything is lost, ten seconds without a word come by chance, and then an end gives up.
    const limits = { ...CHANNEL_LIMITS, silence_max: 60 * SECOND }
    fc.assert(
      fc.property(talks(3_000), weathers, fc.nat(), (talk, weather, seed) => {
        const line = new Line({ seed, weather, limits })
        line.run(9 * SECOND, () => line.server !== undefined)
        if (line.server !== undefined && line.client.failure === undefined) hold(line, talk, 120 * SECOND)
      }),
      { numRuns: 100 },
    )
  })

  test('when the numbers pass the end of their 16 or 32 bits on the wire', () => {
    for (const first of [2 ** 16 - 20, 2 ** 31 - 20, 2 ** 32 - 20, 2 ** 33 - 2 ** 16 - 20, 2 ** 52]) {
      const line = Line.opened({ seed: first % 1_000, weather: STORM, first })
      const random = new Random(first % 1_000)
      const talk = Array.from({ length: 200 }, (_, i): Talk => {
        return {
          from: i % 2 === 0 ? 'client' : 'server',
          length: random.below(2_000),
          pause: random.below(20_000),
        }
      })
      hold(line, talk, 60 * SECOND)
    }
  })

  test('over 100,000 datagrams each way, so that the short numbers come round more than once', () => {
    const line = Line.opened({ weather: { loss: 0.02, doubled: 0.02, delay: [500, 900] } })
    line.filter = () => {
      line.sent.length = 0
      return true
    }
    for (let i = 0; i < 100_000; i++) {
      line.run(line.now + 200)
      line.send('client', Uint8Array.of(i, i >> 8, i >> 16))
      line.send('server', Uint8Array.of(i, i >> 8, i >> 16))
    }
    line.run(line.now + SECOND)
    for (const end of ['client', 'server'] as const) {
      const numbers = line.heard[end].map(([a, b, c]) => a! | (b! << 8) | (c! << 16))
      expect(numbers).toHaveLength(100_000)
      expect(numbers.every((number, i) => number === i)).toBe(true)
    }
  })
})

describe('a channel gets on', () => {
  const times = (weather: Weather, length: number, runs: number): number[] =>
    Array.from({ length: runs }, (_, seed) => {
      const line = Line.opened({ seed, weather })
      return hold(line, [{ from: 'client', length, pause: 0 }], 60 * SECOND) / MILLISECOND
    }).sort((a, b) => a - b)

  test('a lone message in a storm arrives within half a second, nine times in ten, and within 2 s always', () => {
    const took = times(STORM, 20, 400)
    expect(took[200]).toBeLessThan(110)
    expect(took[360]).toBeLessThan(500)
    expect(took[399]).toBeLessThan(2_000)
  })

  test('64 KiB in a storm arrive within a second, half of the time, and within 5 s always', () => {
    const took = times(STORM, 65_536, 60)
    expect(took[30]).toBeLessThan(1_000)
    expect(took[59]).toBeLessThan(5_000)
  })

  test('on a clear path 64 KiB arrive in a round trip and a half', () => {
    expect(times({ loss: 0, doubled: 0, delay: [25_000, 25_000] }, 65_536, 1)[0]).toBeLessThanOrEqual(76)
  })

  test('after an outage of less than 7 s it goes on within 300 ms and a round trip', () => {
    for (const outage of [0.2, 1, 3, 5, 7]) {
      const line = Line.opened()
      let isOut = true
      line.filter = () => !isOut
      line.send('client', message(1, 20))
      line.send('server', message(2, 3_000))
      line.run(line.now + outage * SECOND)
      isOut = false
      const healed = line.now
      line.run(line.now + 5 * SECOND, () => line.heard.client.length === 1 && line.heard.server.length === 1)
      expect(line.now - healed, `after ${outage} s`).toBeLessThanOrEqual(350 * MILLISECOND)
    }
  })
})

describe('while messages flow, a lost datagram costs no round trip', () => {
  /** Messages of 20 bytes every 20 ms over a path of 400 ms there and back; the times at which they arrive. */
  const arrivals = (lost: readonly number[]): number[] => {
    const line = Line.opened({ weather: { loss: 0, doubled: 0, delay: [0, 0] } })
    line.weather = { loss: 0, doubled: 0, delay: [200 * MILLISECOND, 200 * MILLISECOND] }
    const start = line.now
    let count = 0
    line.filter = ({ from }) => from === 'server' || !lost.includes(count++)
    for (let i = 0; i < 50; i++) {
      line.run(start + i * 20 * MILLISECOND)
      line.send('client', message(i, 20))
    }
    line.run(line.now + 5 * SECOND)
    expect(line.heard.server).toHaveLength(50)
    return line.heardAt.server.map((at, i) => (at - start) / MILLISECOND - 20 * i)
  }

  test('its message comes with the next one, and the second with the next but one', () => {
    expect(arrivals([10]).slice(9, 13)).toEqual([200, 220, 200, 200])
    expect(arrivals([10, 11]).slice(9, 14)).toEqual([200, 240, 220, 200, 200])
  })

  test('three in a row cost one', () => {
    // Lost for sure when three later ones have come, 100 ms later; told 4 ms after that, there 400 ms after that.
    expect(Math.max(...arrivals([10, 11, 12]))).toBe(200 + 100 + 4 + 400)
  })
})

describe('a dead end', () => {
  const dead = (): Line => {
    const line = Line.opened()
    line.filter = () => false
    return line
  }

  test('gets a small window when it comes back, and is probed as soon as before', () => {
    const line = Line.opened()
    for (let i = 0; i < 20; i++) line.send('client', message(i, 65_536))
    line.run(line.now + 200 * MILLISECOND)
    let isOut = true
    line.filter = () => !isOut
    line.run(line.now + 3 * SECOND)
    isOut = false
    line.sent.length = 0
    line.run(line.now + SECOND, () => line.sent.filter(({ from }) => from === 'server').length > 0)
    line.run(line.now + 60 * MILLISECOND)
    const bytes = line.sent
      .filter(({ from }) => from === 'client')
      .reduce((sum, sent) => sum + sent.bytes.length, 0)
    expect(bytes).toBeLessThan(1.5 * CHANNEL_LIMITS.window_bytes_min)
    line.run(line.now + 30 * SECOND)
    expect(line.heard.server).toHaveLength(20)

    let lost = 0
    line.filter = ({ from }) => from === 'server' || lost++ > 0
    const start = line.now
    line.send('client', message(21, 20))
    line.run(line.now + SECOND, () => line.heard.server.length === 21)
    expect(line.now - start).toBeLessThan(100 * MILLISECOND)
  })

  test('is told by 10 s of silence, whether there is something to send or not', () => {
    for (const length of [undefined, 20]) {
      const line = dead()
      const start = line.now
      if (length !== undefined) line.send('client', message(1, length))
      line.run(line.now + 60 * SECOND, () => line.client.state === 'closed')
      expect(line.client.failure).toBe('silent')
      expect(line.now - start).toBeLessThanOrEqual(10 * SECOND)
      expect(line.now - start).toBeGreaterThan(7 * SECOND)
    }
  })

  test('gets at most a window of bytes, then a few datagrams a second', () => {
    const line = dead()
    for (let i = 0; i < 60; i++) line.send('client', message(i, 65_536))
    line.run(line.now + SECOND)
    const sent = line.sent.reduce((sum, { bytes }) => sum + bytes.length, 0)
    expect(sent).toBeLessThan(1.15 * CHANNEL_LIMITS.window_bytes_start)
    line.sent.length = 0
    line.run(line.now + 5 * SECOND)
    expect(line.sent.length).toBeLessThan(25)
  })

  test('what waits for it is bounded in bytes and in messages: beyond, the channel ends with `overflow`', () => {
    for (const [length, most] of [
      [65_536, CHANNEL_LIMITS.queue_bytes_max / 65_536 + 2],
      [0, CHANNEL_LIMITS.queue_messages_max + 1],
    ] as const) {
      const line = dead()
      let taken = 0
      const empty = new Uint8Array(length)
      // Without fetching datagrams between: all of it waits.
      while (line.client.send(line.now, empty)) taken++
      expect(line.client.failure).toBe('overflow')
      expect(taken).toBeLessThanOrEqual(most)
      expect(taken).toBeGreaterThan(most - 5)
      expect(line.client.send(line.now, empty)).toBe(false)
    }
  })

  test('the queue may be made as short as one likes', () => {
    const line = Line.opened({ limits: { ...CHANNEL_LIMITS, queue_messages_max: 2 } })
    const sent = [1, 2, 3].map(() => line.client.send(line.now, message(1, 1)))
    expect(sent).toEqual([true, true, false])
    expect(line.client.failure).toBe('overflow')
    line.run(line.now + SECOND)
    expect([line.server?.state, line.server?.failure]).toEqual(['closed', 'lost'])
  })

  test('a queue that is never empty keeps nothing of the 100,000 messages that went through it', () => {
    const line = Line.opened({ limits: { ...CHANNEL_LIMITS, window_bytes_max: 65_536 } })
    line.filter = () => {
      line.sent.length = 0
      return true
    }
    const { queue } = (
      line.client as unknown as { outflow: { queue: { messages: unknown[]; bytes: number } } }
    ).outflow
    let sent = 0
    let heard = 0
    while (heard < 100_000) {
      for (; sent - heard < 3_000; sent++) line.client.send(line.now, message(1, 50))
      line.run(line.now + MILLISECOND)
      expect(queue.bytes).toBeGreaterThan(0)
      heard += line.heard.server.length
      line.heard.server.length = 0
    }
    expect(queue.messages.length).toBeLessThan(10_000)
  })
})

test('datagrams and messages that were handed out are never written again', () => {
  const line = Line.opened({ seed: 4, weather: STORM })
  const copies: (readonly [Uint8Array, Uint8Array])[] = []
  line.filter = ({ bytes }) => {
    copies.push([bytes, bytes.slice()])
    return true
  }
  for (let i = 0; i < 200; i++) {
    line.send(i % 2 === 0 ? 'client' : 'server', message(i, (i * 97) % 4_000))
    line.run(line.now + 5 * MILLISECOND)
    for (const bytes of [...line.heard.client, ...line.heard.server].slice(-3))
      copies.push([bytes, bytes.slice()])
  }
  line.run(line.now + 20 * SECOND)
  for (const [bytes, copy] of copies)
    if (Buffer.compare(bytes, copy) !== 0) throw new Error('it was written again')
})

describe('closing', () => {
  test('whatever was sent before arrives, then both ends are closed in order', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const line = Line.opened({ seed, weather: { ...STORM, loss: 0.1 } })
      for (let i = 0; i < 10; i++) line.send('client', message(i, 700 * i))
      line.client.close(line.now)
      expect(line.client.send(line.now, message(11, 1))).toBe(false)
      line.run(line.now + 10 * SECOND)
      expect(line.heard.server, `seed ${seed}`).toHaveLength(10)
      expect([line.server?.state, line.server?.failure]).toEqual(['closed', undefined])
      expect([line.client.state, line.client.failure]).toEqual(['closed', undefined])
    }
  })

  test('takes a round trip and two datagrams', () => {
    const line = Line.opened()
    const start = line.now
    line.client.close(line.now)
    line.run(line.now + SECOND, () => line.client.state === 'closed')
    expect(line.now - start).toBe(50 * MILLISECOND)
    expect(line.sent.map(({ bytes }) => bytes.length)).toEqual([14, 14])
  })

  test('an end that had something under way is told that it is lost', () => {
    const line = Line.opened()
    line.send('server', message(1, 20))
    line.filter = ({ from }) => from === 'client'
    line.client.close(line.now)
    line.run(line.now + 5 * SECOND)
    expect([line.server?.state, line.server?.failure]).toEqual(['closed', 'lost'])
    expect([line.client.state, line.client.failure]).toEqual(['closed', undefined])
  })

  test('without the other end it takes 3 s, and says what did not arrive', () => {
    for (const [length, failure] of [
      [undefined, undefined],
      [20, 'lost'],
    ] as const) {
      const line = Line.opened()
      line.filter = () => false
      const start = line.now
      if (length !== undefined) line.send('client', message(1, length))
      line.client.close(line.now)
      line.run(line.now + 60 * SECOND, () => line.client.state === 'closed')
      expect([line.client.state, line.client.failure]).toEqual(['closed', failure])
      expect(line.now - start).toBeLessThanOrEqual(3 * SECOND)
    }
  })

  test('an end that has ended says nothing more and wants to be woken no more', () => {
    const line = Line.opened()
    line.client.close(line.now)
    line.run(line.now + SECOND)
    line.client.wake(line.now + 60 * SECOND)
    expect([line.client.outgoing(), line.client.nextWake()]).toEqual([[], Number.POSITIVE_INFINITY])
  })

  test('when the last number of all is used, the channel ends with `overflow`', () => {
    const line = Line.opened({ first: Number.MAX_SAFE_INTEGER - 20 })
    for (let i = 0; i < 30; i++) {
      line.send('client', message(i, 20))
      line.run(line.now + 10 * MILLISECOND)
    }
    expect([line.client.state, line.client.failure]).toEqual(['closed', 'overflow'])
    line.run(line.now + SECOND)
    expect(line.heard.server.length).toBeGreaterThan(10)
    expect(line.heard.server.every((bytes, i) => Buffer.compare(bytes, message(i, 20)) === 0)).toBe(true)
  })
})
