import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../src/core/limits.ts'
import {
  askedPayload,
  joinPayload,
  leavePayload,
  readAsked,
  readJoin,
  readLeave,
} from '../../../src/core/session/membership.ts'
import { decode, encode, NO_LEASE, PROTOCOL_VERSION, type Sync } from '../../../src/core/session/messages.ts'
import { RESERVED } from '../../../src/core/timeline/event.ts'
import { bytes, CODES, expectEqual, isRefusal, MOST, whole } from './any-message.ts'

describe('a limit', () => {
  const event = (payload: Uint8Array) => ({ seq: 1, stamp: 2, source: 3, number: 4, id: 5, payload })
  const syncOf = (count: number) =>
    encode.sync(
      1,
      0,
      NO_LEASE,
      Array.from({ length: count }, (_, i) => ({ ...event(new Uint8Array(0)), seq: 1 + i })),
    )
  const atMost: readonly (readonly [string, number, (n: number) => Uint8Array])[] = [
    ['payload of emit', LIMITS.payload_bytes_max, (n) => encode.emit(1, 0, -1, 5, new Uint8Array(n))],
    ['payload of sync', LIMITS.payload_bytes_max, (n) => encode.sync(1, 1, 9, [event(new Uint8Array(n))])],
    ['events of sync', LIMITS.sync_events_max, syncOf],
    ['data of hello', LIMITS.member_bytes_max, (n) => encode.hello(40, '', '', 0, new Uint8Array(n))],
    ['data of ask', LIMITS.member_bytes_max, (n) => encode.ask(RESERVED.end, new Uint8Array(n))],
    ['app of hello', LIMITS.text_bytes_max, (n) => encode.hello(40, 'x'.repeat(n), '', 0, new Uint8Array(0))],
    [
      'session of hello',
      LIMITS.text_bytes_max,
      (n) => encode.hello(40, '', 'x'.repeat(n), 0, new Uint8Array(0)),
    ],
    ['hint of refuse', LIMITS.text_bytes_max, (n) => encode.refuse('busy', 'x'.repeat(n))],
  ]

  test.each(atMost)('on the %s holds: %d pass, one more is refused', (_, most, make) => {
    expect(isRefusal(decode(make(most)))).toBe(false)
    expect(decode(make(most + 1))).toBe('malformed')
  })

  test('on the bytes of a message holds', () => {
    const payload = new Uint8Array(32_000)
    const three = (last: number) =>
      encode.sync(1, 0, NO_LEASE, [
        event(payload),
        { ...event(payload), seq: 2 },
        { ...event(new Uint8Array(last)), seq: 3 },
      ])
    const spare = LIMITS.message_bytes_max - three(1_000).length + 1_000
    expect(isRefusal(decode(three(spare)))).toBe(false)
    expect(decode(three(spare + 1))).toBe('malformed')
  })

  test('is kept before memory is taken: a message of ten bytes may claim anything', () => {
    const head = [PROTOCOL_VERSION, 37, 1, 0, 0, 0, 0, 0]
    const claims = [
      Uint8Array.of(...head, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20),
      Uint8Array.of(...head, 0x80, 0x02, 1),
      Uint8Array.of(...head, 0x80, 0x02, 1, 1, 1, 1, 2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20),
      Uint8Array.of(PROTOCOL_VERSION, 2, 1, 1, 0, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20),
    ]
    // What is read into is used again, so that it shows what a refused message has left in it.
    const held = decode(syncOf(1)) as Sync
    const before = process.memoryUsage()
    for (let i = 0; i < 20_000; i++)
      for (const claim of claims) {
        expectMalformed(decode(claim))
        if (held.events.length > 1) throw new Error(`${held.events.length} events of ${claim.length} bytes`)
      }
    const after = process.memoryUsage()
    const taken = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers
    expect(taken).toBeLessThan(100 * 1_048_576)
  })

  test('on what counts on from the first sequence number holds', () => {
    const two = (first: number) =>
      encode.sync(
        1,
        0,
        NO_LEASE,
        [event(new Uint8Array(0)), event(new Uint8Array(0))].map((e, i) => ({ ...e, seq: first + i })),
      )
    expect(isRefusal(decode(two(MOST - 1)))).toBe(false)
    expect(decode(two(MOST))).toBe('malformed')
  })

  test('on ids holds: an event is never the tick', () => {
    expect(decode(encode.sync(1, 0, NO_LEASE, [{ ...event(new Uint8Array(0)), id: 0 }]))).toBe('malformed')
  })
})

const expectMalformed = (decoded: unknown): void => {
  if (decoded !== 'malformed') throw new Error('it was not refused')
}

describe('memory', () => {
  const payload = Uint8Array.of(1, 2, 3)
  const event = { seq: 1, stamp: 2, source: 3, number: 4, id: 5, payload }

  test('a payload is a view of the bytes that were decoded, whatever kind of array these are', () => {
    for (const kind of ['plain', 'Buffer'] as const) {
      const written = encode.sync(1, 0, NO_LEASE, [event])
      const carried = kind === 'plain' ? written.slice() : Buffer.from(written)
      const { payload: view } = (decode(carried) as Sync).events[0] as Sync['events'][0]
      expect(view.constructor).toBe(Uint8Array)
      expect(view.buffer).toBe(carried.buffer)
      carried[carried.length - 1] = 99
      expect([...view]).toEqual([1, 2, 99])
    }
  })

  test('the object of a kind is used again for the next message of that kind, its events are not', () => {
    const first = decode(encode.sync(1, 0, NO_LEASE, [event])) as Sync
    const { events } = first
    const grant = decode(encode.grant(4, 5))
    const second = decode(encode.sync(2, 0, NO_LEASE, [{ ...event, seq: 9 }]))
    expect(second).toBe(first)
    expect(first.epoch).toBe(2)
    expect(events.map(({ seq }) => seq)).toEqual([1])
    expect(grant).toEqual({ kind: 'grant', tick: 4, lead: 5 })
    expect(decode(encode.grant(6, 7))).toBe(grant)
  })

  test('what was written is never written again', () => {
    const sizes = fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 6_000 }), fc.nat({ max: 40_000 }))
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 1, maxLength: 60 }), (lengths) => {
        const written = lengths.map((n, i) => encode.emit(i, 0, -1, 1, new Uint8Array(n).fill(i)))
        const copies = written.map((each) => each.slice())
        for (let i = 0; i < 3_000; i++) encode.ack(7, i, i, i)
        expectEqual(written, copies)
      }),
      { numRuns: 50 },
    )
  })
})

describe('the payload of a membership event', () => {
  const member = whole(0, MOST)
  const data = bytes(LIMITS.member_bytes_max)

  test('comes back as it was written', () => {
    fc.assert(
      fc.property(
        member,
        member,
        data,
        fc.option(fc.constantFrom(...CODES), { nil: undefined }),
        (a, b, d, why) => {
          expect(readJoin(joinPayload({ member: a, slot: b, data: d }))).toEqual({
            member: a,
            slot: b,
            data: d,
          })
          expect(readAsked(askedPayload({ by: a, data: d }))).toEqual({ by: a, data: d })
          expect(readLeave(leavePayload({ member: a, why }))).toEqual({ member: a, why })
        },
      ),
    )
  })

  test('is undefined where the bytes are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (random) => {
        const joined = readJoin(random)
        const asked = readAsked(random)
        const left = readLeave(random)
        if (joined !== undefined) expect(joinPayload(joined)).toEqual(random)
        if (asked !== undefined) expect(askedPayload(asked)).toEqual(random)
        if (left !== undefined) expect(leavePayload(left)).toEqual(random)
      }),
      { numRuns: 2_000 },
    )
  })
})
