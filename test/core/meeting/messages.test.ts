import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MEETING_LIMITS } from '../../../src/core/meeting/limits.ts'
import { decode, encode, type MeetingMessage, SHUTS } from '../../../src/core/meeting/messages.ts'
import { MEETING_REFUSALS, type MeetingCode } from '../../../src/core/meeting/refusals.ts'
import { decode as decodeOfPeers } from '../../../src/core/peer/messages.ts'
import { decode as decodeOfSession } from '../../../src/core/session/messages.ts'
import { asExample, bytesOf, readBy, sectionsOf, tableOf, withHead } from '../session/page.ts'

const page = readFileSync(new URL('../../../docs/meeting.md', import.meta.url), 'utf8')
const sections = sectionsOf(page, /^3\./)
const CODES = Object.keys(MEETING_REFUSALS) as MeetingCode[]

const write = (m: MeetingMessage): Uint8Array => {
  switch (m.kind) {
    case 'enter':
      return encode.enter(m)
    case 'welcome':
      return encode.welcome(m.others, m.linked)
    case 'introduced':
      return encode.introduced(m.way, m.id)
    case 'signal':
      return encode.signal(m.way, m.bytes)
    case 'relay':
      return encode.relay(m.way, m.last, m.bytes)
    case 'credit':
      return encode.credit(m.way, m.bytes)
    case 'shut':
      return encode.shut(m.way, m.how)
    case 'near':
      return encode.near(m.id, m.isThere)
    case 'alone':
      return encode.alone()
    case 'beat':
      return encode.beat()
    case 'refused':
      return encode.refused(m.code, m.hint)
  }
}

describe('the page', () => {
  test('describes every kind of message, and no other', () => {
    expect(sections.map(({ name }) => name).sort()).toEqual(Object.keys(encode).sort())
  })

  test.each(sections)('says of $name what the codec says, by its table alone', (section) => {
    const bytes = bytesOf(section.example)
    const fields = readBy(withHead(section), bytes, CODES)
    expect(section.example).toBe(asExample(fields))
    const message = decode(bytes)
    expect(message).toMatchObject({ kind: section.name })
    expect(write(message as MeetingMessage)).toEqual(bytes)
    const told = new Map(fields.map(({ name, value }) => [name, value]))
    for (const [name, value] of Object.entries(message)) {
      if (name === 'kind' || (section.name === 'enter' && name === 'linked')) continue
      const said = name === 'how' ? SHUTS[Number(told.get(name))] : told.get(name)
      expect(typeof value === 'boolean' ? Number(value) : value).toEqual(said)
    }
  })

  test('has the codes with their numbers, and every limit with its value', () => {
    const codes = tableOf(page, 'code').map(([number, name = '']) => [
      Number(number),
      name.replaceAll('`', ''),
    ])
    expect(codes).toEqual(CODES.map((code, number) => [number, code]))
    const limits = tableOf(page, 'limit').map(([name = '', value = '']) => [
      name.replaceAll('`', ''),
      Number(value.replaceAll(',', '')),
    ])
    expect(Object.fromEntries(limits)).toEqual(MEETING_LIMITS)
  })
})

const whole = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: Number.MAX_SAFE_INTEGER }))
const positive = whole.map((n) => Math.max(1, n))
const bytes = fc.uint8Array({ maxLength: 40 })
const text = fc.string({ maxLength: 60 })
const kind = <K extends string>(name: K) => fc.constant(name)

const messages: fc.Arbitrary<MeetingMessage> = fc.oneof(
  fc.record({
    ...{ kind: kind('enter'), room: text, fps: whole, app: text, id: positive, key: whole },
    linked: fc.array(positive, { maxLength: 9 }),
  }),
  fc.record({ kind: kind('welcome'), others: whole, linked: whole }),
  fc.record({ kind: kind('introduced'), way: whole, id: positive }),
  fc.record({ kind: kind('signal'), way: whole, bytes }),
  fc.record({ kind: kind('relay'), way: whole, last: fc.boolean(), bytes }),
  fc.record({ kind: kind('credit'), way: whole, bytes: whole }),
  fc.record({ kind: kind('shut'), way: whole, how: fc.constantFrom(...SHUTS) }),
  fc.record({ kind: kind('near'), id: positive, isThere: fc.boolean() }),
  fc.record({ kind: kind('alone') }),
  fc.record({ kind: kind('beat') }),
  fc.record({ kind: kind('refused'), code: fc.constantFrom(...CODES), hint: text }),
)

describe('messages', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decode(write(message))).toEqual(message)
      }),
    )
  })

  test('that were changed are refused or read as something else, and never throw', () => {
    fc.assert(
      fc.property(messages, fc.nat(), fc.nat({ max: 255 }), (message, at, byte) => {
        const changed = Uint8Array.from(write(message))
        changed[at % changed.length] = byte
        const read = decode(changed)
        if (typeof read !== 'string') expect(write(read)).toEqual(changed)
        expect(decode(changed.subarray(0, at % changed.length))).toBeTypeOf('string')
        expect(decode(Uint8Array.from([...write(message), 0]))).toBe('malformed')
      }),
    )
  })

  test('are none of a session or of peers', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decodeOfSession(write(message))).toBe('malformed')
        expect(decodeOfPeers(write(message))).toBe('malformed')
      }),
    )
  })
})
