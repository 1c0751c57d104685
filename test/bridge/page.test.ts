import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Fields } from '../../src/bridge/layout.ts'
import { BRIDGE_LIMITS } from '../../src/bridge/limits.ts'
import { MAGIC, readSaid, readTold, SAID, say, TOLD, tell, VERSION } from '../../src/bridge/messages.ts'
import { bytesOf, sectionsOf } from '../core/session/page.ts'
import { asExample, readBy, readPlain } from './page.ts'

/** docs/bridge.md is what somebody writes a client from: its tables and its examples are those of the code. */

const page = readFileSync(new URL('../../docs/bridge.md', import.meta.url), 'utf8')

const tables = {
  say: { sections: sectionsOf(page, /^3\./), kinds: SAID, read: readSaid, write: say },
  tell: { sections: sectionsOf(page, /^4\./), kinds: TOLD, read: readTold, write: tell },
}

describe.each(Object.values(tables))('every message of the page', ({ sections, kinds, read, write }) => {
  test('is there, with the type and the fields of the code', () => {
    const ofPage = sections.map(({ name, number, fields }) => [
      name,
      { type: number, fields: fields.map((field) => [field.name, field.encoding]) },
    ])
    expect(Object.fromEntries(ofPage)).toEqual(kinds)
  })

  test.each(sections)('$name: its example is read by its table and by the codec alike', (section) => {
    const fields = section.fields.map(({ name, encoding }) => [name, encoding]) as unknown as Fields
    const bytes = bytesOf(section.example)
    const { type, shown, values } = readBy(fields, bytes)
    expect(asExample(shown)).toBe(section.example)
    expect(type).toBe(section.number)
    const decoded = read(bytes.subarray(4))
    expect(decoded).toEqual({ ...values, kind: section.name })
    expect(
      new Uint8Array((write as (kind: string, values: unknown) => Buffer)(section.name, values)),
    ).toEqual(bytes)
  })

  test.each(sections)('$name: cut short or with a byte more it is nothing', (section) => {
    const message = bytesOf(section.example).subarray(4)
    for (let n = 0; n < message.length; n++) expect(read(message.subarray(0, n))).toBeUndefined()
    expect(read(Buffer.concat([message, Buffer.of(0)]))).toBeUndefined()
  })
})

describe('the rest of the page', () => {
  test('the first protocol: numbers of fixed width', () => {
    const rows = [...page.matchAll(/\| (?:program|bridge) \| .* \| (i(?:32|64) .*) \|/g)].map(
      ([, row = '']) => [...row.matchAll(/(i32|i64) `(\w+)`/g)].map(([, encoding, name]) => [name, encoding]),
    ) as unknown as Fields[]
    const examples = [...page.matchAll(/```first\n([\s\S]*?)```/g)].map(([, example = '']) => example)
    expect(rows).toHaveLength(4)
    expect(examples).toHaveLength(4)
    for (const [i, fields] of rows.entries()) {
      const bytes = bytesOf(examples[i] as string)
      const width = 'xx xx xx xx xx xx xx xx    '.length
      const lines = readPlain(fields, bytes).map(
        ({ name, hex, said }) => `${hex.padEnd(width)}${name} ${said}\n`,
      )
      expect(lines.join('')).toBe(examples[i])
    }
  })

  test('what tells the protocols apart, and how long a message may be', () => {
    const magic = /```magic\n(.*)\n```/.exec(page)?.[1] ?? ''
    expect(Buffer.from(bytesOf(magic))).toEqual(Buffer.concat([MAGIC, Buffer.of(VERSION)]))
    expect(MAGIC.readInt32BE(0)).toBeGreaterThan(1000)
    expect(page).toContain(`up to ${BRIDGE_LIMITS.message_bytes_max.toLocaleString('en')} bytes`)
    expect(BRIDGE_LIMITS.state_bytes_max).toBe(8 * 1024 * 1024)
    expect(page).toContain(`up to ${BRIDGE_LIMITS.programs_max} at a bridge`)
  })

  test('a count of inputs that cannot be there makes nothing', () => {
    const step = Buffer.from(tell('step', { tick: 0, now: 0, inputs: [] }).subarray(4))
    step.writeInt32BE(0x7fff_ffff, step.length - 4)
    expect(readTold(step)).toBeUndefined()
    step.writeInt32BE(-1, step.length - 4)
    expect(readTold(step)).toBeUndefined()
  })
})
