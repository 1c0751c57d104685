import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect } from 'vitest'
import { REFUSALS, type RefusalCode } from '../../../src/core/errors.ts'
import { LIMITS } from '../../../src/core/limits.ts'
import { decode, encode, type Message, PROTOCOL_VERSION } from '../../../src/core/session/messages.ts'
import { type Field, objectOf, readBy, sectionsOf, withHead } from './page.ts'

export const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
export const messages = sectionsOf(page, /^4\./)
export const payloads = sectionsOf(page, /^5\./)
export const CODES = Object.keys(REFUSALS) as RefusalCode[]

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

export const write = (message: { readonly kind: string }): Uint8Array =>
  WRITERS[message.kind as Kind](message as never)

/** As `toEqual`, and quick where it holds: of large payloads, that takes most of the time. */
export const expectEqual = (a: unknown, b: unknown): void => {
  if (!isDeepStrictEqual(a, b)) expect(a).toStrictEqual(b)
}

export const isRefusal = (decoded: unknown): boolean => CODES.includes(decoded as RefusalCode)

/** What a message says, by the page's table alone; the error says why the bytes do not fit it. */
export const readByPage = (bytes: Uint8Array): unknown => {
  const section = messages.find(({ number }) => number === bytes[1])
  if (bytes.length > LIMITS.message_bytes_max || bytes[0] !== PROTOCOL_VERSION || section === undefined)
    throw new RangeError('no message of the page')
  return { kind: section.name, ...objectOf(readBy(withHead(section), bytes, CODES)) }
}

/** Codec and page say the same of any bytes, and what is a message is written as these bytes again. */
export const agreesWithPage = (bytes: Uint8Array): void => {
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

export const MOST = Number.MAX_SAFE_INTEGER

/** All of a range, and its ends and the places where a number becomes longer more often. */
export const whole = (least: number, most: number): fc.Arbitrary<number> => {
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

export const bytes = (most: number): fc.Arbitrary<Uint8Array> =>
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
export const anyOf = (kind: string): fc.Arbitrary<Message> => {
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
export const anyWritten = anyMessage.map(write).filter(({ length }) => length < 400)
