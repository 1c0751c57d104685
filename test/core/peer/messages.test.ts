import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REFUSALS, type RefusalCode } from '../../../src/core/errors.ts'
import { PEER_LIMITS } from '../../../src/core/peer/limits.ts'
import { decode, encode, inMessages, type Message, type PeerEvent } from '../../../src/core/peer/messages.ts'
import { decode as decodeOfSession } from '../../../src/core/session/messages.ts'
import { asExample, bytesOf, objectOf, readBy, sectionsOf, tableOf, withHead } from '../session/page.ts'
import { rewritten as write } from './rewritten.ts'

const page = readFileSync(new URL('../../../docs/peers.md', import.meta.url), 'utf8')
const sections = sectionsOf(page, /^4\./)
const CODES = Object.keys(REFUSALS) as RefusalCode[]

describe('the page', () => {
  test('describes every kind of message, and no other', () => {
    expect(sections.map(({ name }) => name).sort()).toEqual(Object.keys(encode).sort())
  })

  test.each(sections)('has an example of $name that is that message', ({ name, number, example }) => {
    const bytes = bytesOf(example)
    expect(bytes[1]).toBe(number)
    const message = decode(bytes)
    expect(message).toMatchObject({ kind: name })
    expect(write(message as Message)).toEqual(bytes)
  })

  test.each(sections.filter(({ name }) => !['have', 'missed', 'claim', 'folded'].includes(name)))(
    'says of $name what the codec says, by its table alone',
    (section) => {
      const bytes = bytesOf(section.example)
      const fields = readBy(withHead(section), bytes, CODES)
      expect(section.example).toBe(asExample(fields))
      const told = objectOf(fields)
      const events = (told.events as object[] | undefined)?.map((event) => ({ ...event, seq: 0 }))
      expect(decode(bytes)).toEqual({ kind: section.name, ...told, ...(events ? { events } : {}) })
    },
  )

  test('has every limit with its value', () => {
    const limits = tableOf(page, 'limit').map(([name = '', value = '']) => [
      name.replaceAll('`', ''),
      Number(value.replaceAll(',', '')),
    ])
    expect(Object.fromEntries(limits)).toEqual(PEER_LIMITS)
  })

  test('says what its examples of claim and folded hold', () => {
    const exampleOf = (kind: string): string => sections.find(({ name }) => name === kind)?.example ?? ''
    expect(decode(bytesOf(exampleOf('claim')))).toMatchObject({
      late: true,
      source: 9,
      number: 3,
      stamp: 64,
      folded: false,
      members: 2,
      least: 4,
    })
    expect(decode(bytesOf(exampleOf('folded')))).toMatchObject({
      done: true,
      tick: 80,
      size: 40_000,
      digest: 987_654_321,
      seen: [{ source: 2, upTo: 3, beyond: [] }],
    })
  })

  test('says what its example of have holds', () => {
    const { example } = sections.find(({ name }) => name === 'have') as { example: string }
    expect(decode(bytesOf(example))).toMatchObject({
      firm: 599,
      seen: [
        { source: 2, upTo: 3, beyond: [] },
        { source: 5, upTo: 7, beyond: [9, 12] },
      ],
    })
  })
})

const whole = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: Number.MAX_SAFE_INTEGER }))
const tick = fc.oneof(fc.integer({ min: -1, max: 300 }), fc.nat({ max: 2 ** 51 }))
const positive = whole.map((n) => Math.max(1, n))
const events = fc.array(
  fc.record<PeerEvent>({
    seq: fc.constant(0),
    stamp: whole,
    source: positive,
    number: positive,
    lead: whole,
    id: fc.integer().filter((id) => id !== 0),
    payload: fc.uint8Array({ maxLength: 30 }),
  }),
  { maxLength: 20 },
)
const seen = fc.array(
  fc
    .tuple(
      positive,
      fc.nat({ max: 1_000 }),
      fc.uniqueArray(fc.integer({ min: 2, max: 500 }), { maxLength: 9 }),
    )
    .map(([source, upTo, above]) => ({
      source,
      upTo,
      beyond: above.map((n) => upTo + n).sort((a, b) => a - b),
    })),
  { maxLength: 9 },
)

const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ kind: fc.constant('meet' as const), fps: whole, app: fc.string({ maxLength: 60 }), id: whole }),
  fc.record({ kind: fc.constant('have' as const), done: fc.boolean(), firm: tick, seen }),
  fc.record({ kind: fc.constant('flood' as const), events }),
  fc.record({ kind: fc.constant('missed' as const), done: fc.boolean(), events }),
  fc.record({
    kind: fc.constant('sync' as const),
    clock: whole,
    echo: whole,
    held: whole,
    reference: whole,
    root: whole,
    beat: whole,
    error: whole,
    reach: whole,
  }),
  fc.record({
    kind: fc.constant('pulse' as const),
    source: whole,
    number: whole,
    position: whole,
    root: whole,
  }),
  fc
    .record({
      kind: fc.constant('stand' as const),
      source: positive,
      number: whole,
      tick,
      promise: tick,
      upTo: whole,
      settled: tick,
      view: whole,
    })
    .map((stand) => ({ ...stand, promise: Math.min(stand.promise, stand.tick) })),
  fc.record({ kind: fc.constant('bound' as const), tick }),
  fc.record({
    kind: fc.constant('claim' as const),
    late: fc.boolean(),
    source: whole,
    number: whole,
    stamp: whole,
    folded: fc.boolean(),
    members: whole,
    least: whole,
  }),
  fc.record({
    kind: fc.constant('folded' as const),
    done: fc.boolean(),
    tick: whole,
    size: whole,
    digest: whole,
    seen,
  }),
  fc.record({ kind: fc.constant('fetch' as const), offset: whole }),
  fc.record({
    kind: fc.constant('chunk' as const),
    offset: whole,
    bytes: fc.uint8Array({ maxLength: 60 }),
  }),
  fc.record({
    kind: fc.constant('part' as const),
    code: fc.constantFrom(...CODES),
    hint: fc.string({ maxLength: 60 }),
  }),
)

describe('the codec', () => {
  test('reads what it wrote', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decode(write(message))).toEqual(message)
      }),
      { numRuns: 1_000 },
    )
  })

  test('takes any bytes: a message, written as these bytes again, or a reason', () => {
    const mangled = fc
      .tuple(messages, fc.nat(), fc.nat({ max: 255 }), fc.nat({ max: 3 }))
      .map(([message, at, byte, cut]) => {
        const bytes = write(message).slice()
        bytes[at % bytes.length] = byte
        return bytes.subarray(0, bytes.length - cut)
      })
    let accepted = 0
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), mangled), (bytes) => {
        const message = decode(bytes)
        if (typeof message === 'string') expect(CODES).toContain(message)
        else {
          accepted++
          expect(write(message)).toEqual(bytes)
        }
      }),
      { numRuns: 3_000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })

  test.each([
    ['an event of number 0', encode.flood([{ ...event(), number: 0 }])],
    ['an event of nobody', encode.flood([{ ...event(), source: 0 }])],
    ['an event that is the tick', encode.flood([{ ...event(), id: 0 }])],
    ['what is lacking, among what is there', encode.have(true, -1, [{ source: 1, upTo: 3, beyond: [4] }])],
    ['a number twice', encode.have(true, -1, [{ source: 1, upTo: 3, beyond: [6, 6] }])],
  ])('refuses %s', (_, bytes) => {
    expect(decode(bytes)).toBe('malformed')
  })

  test('parts what does not fit into a message', () => {
    const large = Array.from({ length: 40 }, (_, i) => ({
      ...event(),
      number: i + 1,
      payload: new Uint8Array(9_000),
    }))
    const groups = inMessages(large)
    expect(groups.flat()).toEqual(large)
    for (const group of groups) expect(decode(encode.flood(group))).toMatchObject({ events: group })
    const many = Array.from({ length: 3_000 }, (_, i) => ({ ...event(), number: i + 1 }))
    expect(inMessages(many).map((group) => group.length)).toEqual([1_024, 1_024, 952])
  })

  test("is another than a session's, so that a wrong door is noticed", () => {
    for (const { example } of sections) expect(decodeOfSession(bytesOf(example))).toBe('malformed')
  })
})

function event(): PeerEvent {
  return { seq: 0, stamp: 1, source: 1, number: 1, lead: 0, id: 1, payload: new Uint8Array(0) }
}
