import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REFUSALS } from '../../../src/core/errors.ts'
import { LIMITS } from '../../../src/core/limits.ts'
import {
  askedPayload,
  joinPayload,
  leavePayload,
  readAsked,
  readJoin,
  readLeave,
} from '../../../src/core/session/membership.ts'
import { decode, encode, type Message, PROTOCOL_VERSION } from '../../../src/core/session/messages.ts'
import { RESERVED } from '../../../src/core/timeline/event.ts'
import {
  agreesWithPage,
  anyOf,
  anyWritten,
  CODES,
  expectEqual,
  messages,
  page,
  payloads,
  readByPage,
  write,
} from './any-message.ts'
import { asExample, bytesOf, objectOf, readBy, tableOf, withHead } from './page.ts'

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
