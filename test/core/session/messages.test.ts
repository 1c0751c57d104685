import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REFUSALS, type RefusalCode } from '../../../src/core/errors.ts'
import { LIMITS } from '../../../src/core/limits.ts'
import {
  askedPayload,
  joinPayload,
  leavePayload,
  readAsked,
  readJoin,
  readLeave,
} from '../../../src/core/session/membership.ts'
import {
  decode,
  encode,
  type Message,
  NO_LEASE,
  PROTOCOL_VERSION,
  type Sync,
} from '../../../src/core/session/messages.ts'
import { RESERVED } from '../../../src/core/timeline/event.ts'
import { asExample, bytesOf, type Field, objectOf, readBy, sectionsOf, tableOf, withHead } from './page.ts'

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
const messages = sectionsOf(page, /^4\./)
const payloads = sectionsOf(page, /^5\./)
const CODES = Object.keys(REFUSALS) as RefusalCode[]

type Kind = Message['kind']
type Values = Readonly<Record<string, unknown>>

/** Write a message from the values of its fields. */
const WRITERS: { readonly [K in Kind]: (m: Extract<Message, { kind: K }>) => Uint8Array } = {
  hello: (m) => encode.hello(m.fps, m.app, m.session, m.instances, m.data),
  emit: (m) => encode.emit(m.number, m.want, m.at, m.id, m.payload),
  ack: (m) => encode.ack(m.epoch, m.round, m.deadline, m.local),
  pulse: (m) => encode.pulse(m.clock, m.echo, m.held, m.local, m.position, m.down, m.spread, m.late),
  bye: (m) => encode.bye(m.tick),
  ask: (m) => encode.ask(m.id, m.data),
  welcome: (m) => encode.welcome(m.id, m.epoch, m.fps),
  lobby: (m) => encode.lobby(m.have, m.need),
  start: (m) => encode.start(m.clock, m.reference),
  propose: (m) => encode.propose(m.epoch, m.round, m.want, m.reach),
  sync: (m) => encode.sync(m.epoch, m.round, m.lease, m.events),
  grant: (m) => encode.grant(m.tick, m.lead),
  beat: (m) => encode.beat(m.clock, m.echo, m.held, m.reference, m.interval, m.lease),
  refuse: (m) => encode.refuse(m.code, m.hint),
  denied: (m) => encode.denied(m.number, m.code),
}

const write = (message: { readonly kind: string }): Uint8Array =>
  WRITERS[message.kind as Kind](message as never)

/** As `toEqual`, and quick where it holds: of large payloads, that takes most of the time. */
const expectEqual = (a: unknown, b: unknown): void => {
  if (!isDeepStrictEqual(a, b)) expect(a).toStrictEqual(b)
}

const isRefusal = (decoded: unknown): boolean => CODES.includes(decoded as RefusalCode)

/** What a message says, by the page's table alone; the error says why the bytes do not fit it. */
const readByPage = (bytes: Uint8Array): unknown => {
  const section = messages.find(({ number }) => number === bytes[1])
  if (bytes.length > LIMITS.message_bytes_max || bytes[0] !== PROTOCOL_VERSION || section === undefined)
    throw new RangeError('no message of the page')
  return { kind: section.name, ...objectOf(readBy(withHead(section), bytes, CODES)) }
}

/** Codec and page say the same of any bytes, and what is a message is written as these bytes again. */
const agreesWithPage = (bytes: Uint8Array): void => {
  const decoded = decode(bytes)
  let told: unknown
  try {
    told = readByPage(bytes)
  } catch {
    expect(isRefusal(decoded)).toBe(true)
    return
  }
  // What the page forbids in words, not in its tables.
  const events = decoded === 'malformed' ? (told as { events?: { id: number }[] }).events : undefined
  if (events?.some(({ id }) => id === 0)) return
  expectEqual(decoded, told)
  expectEqual(write(decoded as Message), bytes)
}

describe('the page', () => {
  test('describes every kind of message, and no other', () => {
    expect(messages.map(({ name }) => name).sort()).toEqual(Object.keys(encode).sort())
    expect(new Set(messages.map(({ number }) => number)).size).toBe(messages.length)
  })

  test.each(messages)('has an example of $name that is that message', (section) => {
    const bytes = bytesOf(section.example)
    expect(section.example).toBe(asExample(readBy(withHead(section), bytes, CODES)))
    expect(bytes[1]).toBe(section.number)
    const decoded = decode(bytes)
    expect(decoded).toEqual(readByPage(bytes))
    expect(write(decoded as Message)).toEqual(bytes)
  })

  test('describes the payload of every membership event that is in use', () => {
    const held = ['drop', 'back']
    const ids = Object.entries(RESERVED).filter(([name]) => !held.includes(name))
    expect(payloads.map(({ name, number }) => [name, number])).toEqual(ids)
  })

  test.each(payloads)('has an example of the payload of $name', ({ name, fields, example }) => {
    const bytes = bytesOf(example)
    const found = readBy(fields, bytes, CODES)
    expect(example).toBe(asExample(found))
    const told = objectOf(found)
    if (name === 'join') {
      expect(readJoin(bytes)).toEqual(told)
      expect(joinPayload(told as never)).toEqual(bytes)
    } else if (name === 'leave') {
      expect(readLeave(bytes)).toEqual(told)
      expect(leavePayload(told as never)).toEqual(bytes)
    } else {
      expect(readAsked(bytes)).toEqual(told)
      expect(askedPayload(told as never)).toEqual(bytes)
    }
  })

  test('has every refusal code with its number', () => {
    const codes = Object.entries(REFUSALS).map(([code, meaning], i) => [`${i}`, `\`${code}\``, meaning])
    expect(tableOf(page, 'number')).toEqual(codes)
  })

  test('has every limit with its value', () => {
    const limits = tableOf(page, 'limit').map(([name = '', value = '']) => [
      name.replaceAll('`', ''),
      Number(value.replaceAll(',', '')),
    ])
    expect(Object.fromEntries(limits)).toEqual(LIMITS)
  })

  test('writes numbers as the codec does', () => {
    const told = /Some numbers: (.*)\./.exec(page)?.[1] ?? ''
    const numbers = [...told.matchAll(/(2\^53 − 1|\d+) is `([^`]+)`/g)]
    expect(numbers).toHaveLength(5)
    for (const [, number = '', hex = ''] of numbers) {
      const value = number.startsWith('2^53') ? Number.MAX_SAFE_INTEGER : Number(number)
      expect(encode.lobby(value, 0).subarray(2, -1)).toEqual(bytesOf(hex))
    }
  })
})

const MOST = Number.MAX_SAFE_INTEGER

/** All of a range, and its ends and the places where a number becomes longer more often. */
const whole = (least: number, most: number): fc.Arbitrary<number> => {
  const ends = [0, 7, 14, 21, 28, 31, 32, 35, 42, 49, 52].flatMap((bits) => [2 ** bits - 1, 2 ** bits])
  const edges = [least, most, ...ends, ...ends.map((n) => -n)].filter((n) => n >= least && n <= most)
  return fc.oneof(fc.integer({ min: least, max: most }), fc.constantFrom(...edges.map((n) => n + 0)))
}

const text = (most: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.string({ unit: 'binary', maxLength: most }),
      fc.constantFrom('\ufeff', '\ufeffa', 'a\u0000b', '\u00e9', '\u{1f600}'),
    )
    .filter((value) => new TextEncoder().encode(value).length <= most)

const bytes = (most: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ maxLength: Math.min(most, 40) }) },
    { weight: 1, arbitrary: fc.nat({ max: most }).map((n) => new Uint8Array(n).fill(n)) },
  )

const anyValue = ({ name, encoding, most = MOST }: Field): fc.Arbitrary<unknown> => {
  switch (encoding) {
    case 'u8 of −id':
      return whole(-255, 0)
    case 'u32':
      return whole(0, 2 ** 32 - 1)
    case 'varint':
      return whole(0, most)
    case 'varint + 1':
      return whole(-1, MOST - 1)
    case 'varint + 2':
      return whole(-2, MOST - 2)
    case 'zigzag': {
      const any = whole(-(2 ** 52), 2 ** 52 - 1)
      return name === 'events[].id' ? any.filter((id) => id !== 0) : any
    }
    case 'block':
      return bytes(most)
    case 'text':
      return text(most)
    case 'code':
      return fc.constantFrom(...CODES)
    default:
      throw new Error(`no values of ${encoding}`)
  }
}

const recordOf = (fields: readonly Field[], prefix = ''): fc.Arbitrary<Values> =>
  fc.record(Object.fromEntries(fields.map((field) => [field.name.replace(prefix, ''), anyValue(field)])))

const eventsOf = (fields: readonly Field[]): fc.Arbitrary<Values[]> =>
  fc
    .tuple(
      whole(0, MOST - LIMITS.sync_events_max),
      fc.array(recordOf(fields, 'events[].'), { maxLength: 40 }),
    )
    .map(([first, events]) => {
      let room: number = LIMITS.payload_bytes_max
      return events.flatMap((event, i) => {
        room -= (event.payload as Uint8Array).length + 48
        return room >= 0 || i === 0 ? [{ seq: first + i, ...event }] : []
      })
    })

/** Any message of one kind, over the whole range of every field as the page gives it. */
const anyOf = (kind: string): fc.Arbitrary<Message> => {
  const fields = messages.find(({ name }) => name === kind)?.fields ?? []
  const repeated = fields.filter(({ name }) => name.includes('[]'))
  const plain = fields.filter((field) => !repeated.includes(field))
  if (repeated.length === 0) return recordOf(plain).map((values) => ({ kind, ...values }) as never)
  const head = plain.filter(({ name }) => name !== 'count' && name !== 'first')
  return fc
    .tuple(recordOf(head), eventsOf(repeated))
    .map(([values, events]) => ({ kind, ...values, events }) as never)
}

const anyMessage = fc.oneof(...messages.map(({ name }) => anyOf(name)))
const anyWritten = anyMessage.map(write).filter(({ length }) => length < 400)

describe('a message', () => {
  test.each(messages.map(({ name }) => name))('%s comes back as it was written', (kind) => {
    fc.assert(
      fc.property(anyOf(kind), (message) => {
        const written = write(message)
        expectEqual(decode(written), message)
        expectEqual(readByPage(written), message)
      }),
      { numRuns: 200 },
    )
  })

  test('has one form: whatever bytes come, they are refused or are what would be written', () => {
    const types = fc.constantFrom(...messages.map(({ number }) => number))
    const framed = fc.tuple(types, fc.uint8Array({ maxLength: 80 }))
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), agreesWithPage), { numRuns: 1_000 })
    fc.assert(
      fc.property(framed, ([type, rest]) => agreesWithPage(Uint8Array.of(PROTOCOL_VERSION, type, ...rest))),
      { numRuns: 10_000 },
    )
  })

  test('that is damaged on its way is refused or is another message', () => {
    const damage = fc.record({
      at: fc.nat(),
      removed: fc.constantFrom(0, 1, 1, 2, 9),
      put: fc.uint8Array({ maxLength: 3 }),
    })
    fc.assert(
      fc.property(anyWritten, fc.array(damage, { minLength: 1, maxLength: 3 }), (written, damages) => {
        const damaged = [...written]
        for (const { at, removed, put } of damages) damaged.splice(at % (damaged.length + 1), removed, ...put)
        agreesWithPage(Uint8Array.from(damaged))
      }),
      { numRuns: 5_000 },
    )
  })

  test('is refused at every length short of its own, and with anything after its end', () => {
    fc.assert(
      fc.property(anyWritten, fc.uint8Array({ minLength: 1, maxLength: 3 }), (written, more) => {
        for (let length = 0; length < written.length; length++)
          expect(decode(written.subarray(0, length))).toBe('malformed')
        expect(decode(Uint8Array.of(...written, ...more))).toBe('malformed')
      }),
      { numRuns: 500 },
    )
  })

  test('of another version is refused as that', () => {
    for (let version = 0; version < 256; version++) {
      const example = Uint8Array.of(version, 4, 1, 2, 3)
      expect(decode(example)).toBe(version === PROTOCOL_VERSION ? 'malformed' : 'version')
    }
  })

  test('of an unknown type is refused', () => {
    const known = new Set(messages.map(({ number }) => number))
    for (let type = 0; type < 256; type++)
      if (!known.has(type)) expect(decode(Uint8Array.of(PROTOCOL_VERSION, type))).toBe('malformed')
  })
})

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
