import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { MILLISECOND, SECOND } from '../../../src/core/timeline/tick.ts'
import { KIND, putU16, putU32, seal } from '../../../src/core/wire/datagram.ts'
import { CHANNEL_LIMITS } from '../../../src/core/wire/limits.ts'
import { type End, hex, Line, message, STORM } from './line.ts'

/** Datagrams of all kinds as they went over another line. */
const recorded = (() => {
  const line = new Line({ seed: 5, weather: { ...STORM, loss: 0.1 }, nonce: new Uint8Array(8) })
  line.run(4 * SECOND, () => line.server?.state === 'open')
  for (let i = 0; i < 30; i++) {
    line.send(i % 3 === 0 ? 'server' : 'client', message(i, (i * i * 7) % 3_000))
    line.run(line.now + 7 * MILLISECOND)
  }
  line.client.close(line.now)
  line.run(line.now + 5 * SECOND)
  return line.sent
})()

/** What can be seen of an end from outside. */
const face = (line: Line, end: End): string => {
  const channel = line.end(end)
  return [channel.state, channel.failure, channel.nextWake(), line.heard[end].length].join(' ')
}

describe('what is not genuine changes nothing', () => {
  test('the recorded datagrams are of every kind', () => {
    const kinds = new Set(recorded.map(({ bytes }) => bytes[0]))
    for (const kind of [KIND.open, KIND.cookie, KIND.accept, KIND.data, KIND.close])
      expect(kinds).toContain(kind)
  })

  test('any bytes, and any datagram of another channel', () => {
    const line = Line.opened()
    const random = new Random(1)
    const strange = [...recorded.map(({ bytes }) => bytes)]
    for (let i = 0; i < 5_000; i++) {
      const bytes = new Uint8Array(random.below(1_300))
      for (let at = 0; at < bytes.length; at++) bytes[at] = random.uint32()
      // Half of them look as if they were for this channel.
      if (bytes.length > 5 && random.chance(0.5)) {
        bytes[0] = KIND.open + random.below(7)
        putU32(bytes, 1, random.chance(0.5) ? 7 : line.server!.id)
      }
      strange.push(bytes)
    }
    for (const end of ['client', 'server'] as const) {
      const before = face(line, end)
      for (const bytes of strange) {
        line.end(end).receive(line.now, bytes)
        expect(line.end(end).outgoing()).toEqual([])
      }
      expect(face(line, end)).toBe(before)
    }
  })

  test('any genuine datagram of which a bit, a part or an end was changed', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(),
        fc.constantFrom('flip', 'cut', 'lengthen', 'swap'),
        (which, where, how) => {
          const line = Line.opened({ seed: 3 })
          line.filter = () => false
          line.send('client', message(1, 300))
          line.send('client', message(2, 20))
          line.run(line.now + 200 * MILLISECOND)
          const sent = line.sent.filter(({ from }) => from === 'client').map(({ bytes }) => bytes)
          const bytes = sent[which % sent.length]!
          const changed = change(bytes, where, how)
          if (changed === undefined) return
          const before = face(line, 'server')
          line.server!.receive(line.now, changed)
          expect([face(line, 'server'), line.server!.delivered()]).toEqual([before, []])
          // The line may be bad: the channel is not.
          for (const genuine of sent) line.bring('server', genuine)
          expect(line.heard.server.map(({ length }) => length)).toEqual([300, 20])
        },
      ),
      { numRuns: 400 },
    )
  })

  test('a line that damages every third datagram delays messages and spoils none', () => {
    const line = Line.opened({ seed: 8 })
    const random = new Random(8)
    line.filter = ({ bytes, from }) => {
      if (!random.chance(1 / 3)) return true
      const damaged = bytes.slice()
      damaged[random.below(bytes.length)]! ^= 1 << random.below(8)
      line.end(from === 'client' ? 'server' : 'client').receive(line.now, damaged)
      return false
    }
    for (let i = 0; i < 60; i++) line.send(i % 2 === 0 ? 'client' : 'server', message(i, (i * 331) % 5_000))
    line.run(line.now + 60 * SECOND)
    for (const [end, odd] of [
      ['server', 0],
      ['client', 1],
    ] as const) {
      expect(line.heard[end]).toHaveLength(30)
      for (const [i, bytes] of line.heard[end].entries())
        expect(Buffer.compare(bytes, message(2 * i + odd, ((2 * i + odd) * 331) % 5_000))).toBe(0)
    }
  })

  test('a datagram sent back to its sender', () => {
    const line = Line.opened()
    line.filter = () => false
    line.send('client', message(1, 20))
    const before = face(line, 'client')
    for (const { bytes } of line.sent) {
      const mirrored = bytes.slice()
      line.client.receive(line.now, mirrored)
      putU32(mirrored, 1, line.client.id)
      line.client.receive(line.now, mirrored)
    }
    expect(face(line, 'client')).toBe(before)
  })

  test('everything again, later, in any order: nothing is delivered twice', () => {
    const line = Line.opened({ seed: 2, weather: STORM })
    for (let i = 0; i < 40; i++) line.send(i % 2 === 0 ? 'client' : 'server', message(i, i * 90))
    line.run(line.now + 30 * SECOND)
    expect([line.heard.client.length, line.heard.server.length]).toEqual([20, 20])
    const random = new Random(2)
    const all = line.sent.slice()
    for (let i = 0; i < 20_000; i++) {
      const { from, bytes } = all[random.below(all.length)]!
      line.end(from === 'client' ? 'server' : 'client').receive(line.now, bytes)
    }
    line.run(line.now + 5 * SECOND)
    expect([line.heard.client.length, line.heard.server.length]).toEqual([20, 20])
    expect([line.client.failure, line.server?.failure]).toEqual([undefined, undefined])
  })

  test('old datagrams, when their short numbers have come round to those that are wanted', () => {
    const line = Line.opened({ weather: { loss: 0, doubled: 0, delay: [100, 100] } })
    line.run(line.now + SECOND)
    const old: Uint8Array[] = []
    line.filter = ({ from, bytes }) => {
      if (from === 'client' && old.length < 200) old.push(bytes)
      line.sent.length = 0
      return true
    }
    // One piece each, so that datagrams bear numbers like those of their pieces.
    for (let i = 0; i < 2 ** 16 + 20; i++) {
      line.send('client', Uint8Array.of(1))
      line.run(line.now + 300)
    }
    line.heard.server.length = 0
    for (const bytes of old) line.bring('server', bytes)
    line.run(line.now + SECOND)
    expect([line.heard.server.length, line.server?.failure]).toEqual([0, undefined])
  })
})

const change = (bytes: Uint8Array, where: number, how: string): Uint8Array | undefined => {
  const at = where % bytes.length
  if (how === 'cut') return bytes.slice(0, at)
  if (how === 'lengthen') return Uint8Array.from([...bytes, ...bytes.subarray(at)])
  const changed = bytes.slice()
  if (how === 'flip') changed[at]! ^= 1 << (where % 8)
  else [changed[at], changed[0]] = [changed[0]!, changed[at]!]
  return hex(changed) === hex(bytes) ? undefined : changed
}

/** A sealed `data` datagram to the server, with any body: what a client that is no sound one could send. */
const crafted = (line: Line, body: readonly number[], number = 900): Uint8Array => {
  const bytes = new Uint8Array(9 + body.length + 4)
  bytes[0] = KIND.data
  putU32(bytes, 1, line.server!.id)
  putU32(bytes, 5, number)
  bytes.set(body, 9)
  seal(line.keys!.fromClient, bytes, 0, bytes.length - 4)
  return bytes
}

/** Wants piece 1, has no datagram, held for ever, no bits. */
const HEAD = [1, 0, 0, 0, 0xff, 0xff, 0]

describe('a client that holds the keys and is not sound', () => {
  const outcome = (body: readonly number[]): [string, string | undefined, number] => {
    const line = Line.opened()
    line.bring('server', crafted(line, body))
    const server = line.server!
    return [server.state, server.failure, line.heard.server.length]
  }

  test('is heard while it makes sense', () => {
    expect(outcome(HEAD)).toEqual(['open', undefined, 0])
    expect(outcome([...HEAD, 1, 0, 2, 1, 65])).toEqual(['open', undefined, 1])
    expect(outcome([...HEAD, 1, 0, 1, 0])).toEqual(['open', undefined, 1])
    expect(outcome([...HEAD, 1, 0, 3, 0, 0, 0])).toEqual(['open', undefined, 3])
  })

  const NONSENSE: Readonly<Record<string, readonly number[]>> = {
    'an acknowledgement of pieces that were never sent': [2, 0, 0, 0, 0, 0, 0],
    'bits for pieces that were never sent': [1, 0, 0, 0, 0, 0, 1, 0b1],
    'more bits than there are bytes': [1, 0, 0, 0, 0, 0, 9, 0],
    'half a number': [...HEAD, 1],
    'a number without a piece': [...HEAD, 1, 0],
    'a piece longer than what follows': [...HEAD, 1, 0, 3, 1, 65],
    'a length in a longer form than it needs': [...HEAD, 1, 0, 0x82, 0x00, 1, 65],
    'a gap of nothing': [...HEAD, 1, 0, 0, 0, 2, 1, 65],
    'a gap behind the last piece': [...HEAD, 1, 0, 2, 1, 65, 0, 1],
    'half a gap': [...HEAD, 1, 0, 2, 1, 65, 0],
    'a piece beyond the window': [...HEAD, 0xfa, 0x03, 2, 1, 65],
    'a message longer than any may be': [...HEAD, 1, 0, 4, 0x81, 0x82, 0x04, 65],
    'a message’s length that ends with its piece': [...HEAD, 1, 0, 1, 0x81],
    'a message’s length of four bytes': [...HEAD, 1, 0, 5, 0x81, 0x81, 0x81, 0x01, 65],
    'a message’s length in a longer form than it needs': [...HEAD, 1, 0, 3, 0x81, 0x00, 65],
  }

  for (const [name, body] of Object.entries(NONSENSE))
    test(`ends its channel with ${name}`, () => {
      const [state, failure] = outcome(body)
      expect([state, failure]).toEqual(['closed', 'malformed'])
    })

  test('ends it with the first nonsense and hears that it is lost', () => {
    const line = Line.opened()
    line.bring('server', crafted(line, [2, 0, 0, 0, 0, 0, 0]))
    line.run(line.now + SECOND)
    expect([line.client.state, line.client.failure]).toEqual(['closed', 'lost'])
  })

  test('makes no end throw, whatever it sends', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.boolean(), fc.nat(2_000)), { maxLength: 12 }),
        (bodies) => {
          const line = Line.opened()
          for (const [body, isLikely, number] of bodies) {
            line.bring('server', crafted(line, isLikely ? [...HEAD, 1, 0, ...body] : [...body], number))
            line.run(line.now + 10 * MILLISECOND)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  test('cannot make an end hold more than a window of pieces and one message', () => {
    const line = Line.opened()
    const { inflow } = line.server as unknown as { inflow: { held: unknown[]; message: Uint8Array } }
    const piece = new Array<number>(1_152).fill(0)
    for (let round = 0; round < 3; round++)
      for (let p = 2; p <= 1_017; p++) {
        const head = [...HEAD]
        const body = new Uint8Array(4)
        putU16(body, 0, p)
        body.set([0x80, 0x09], 2)
        line.server!.receive(line.now, crafted(line, [...head, ...body, ...piece], 2 + p + round * 2_000))
      }
    expect(line.server!.state).toBe('open')
    expect(inflow.held.filter((one) => one !== undefined)).toHaveLength(1_016)
    expect(inflow.held.length).toBeLessThanOrEqual(1_024)
    expect(line.server!.delivered()).toEqual([])
    // The first piece makes the rest follow: empty messages, one a byte.
    line.server!.receive(line.now, crafted(line, [...HEAD, 1, 0, 1, 0], 9_000))
    expect(line.server!.delivered()).toHaveLength(1 + 1_016 * 1_152)
    line.server!.receive(line.now, crafted(line, [...HEAD, 0xfa, 0x03, 4, 0x80, 0x80, 0x04, 1], 9_001))
    expect(inflow.message.length).toBeLessThanOrEqual(CHANNEL_LIMITS.message_bytes_max)
    expect([line.server!.state, line.server!.delivered()]).toEqual(['open', []])
  })
})
