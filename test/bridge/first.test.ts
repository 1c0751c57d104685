import { describe, expect, test } from 'vitest'
import type { Desk } from '../../src/bridge/face.ts'
import { FirstFace } from '../../src/bridge/first.ts'
import type { Input } from '../../src/core/timeline/event.ts'

/** The first protocol without sockets and clocks: what goes in, and which bytes come out. */
const face = (accepts: () => boolean = () => true) => {
  const sent: string[] = []
  const emitted: [number, string][] = []
  const ended: string[] = []
  const desk: Desk = {
    join: () => {},
    emit: (evt, payload) => {
      if (!accepts()) return false
      emitted.push([evt, Buffer.from(payload).toString('hex')])
      return true
    },
    ask: () => {},
    leave: () => {},
    pump: () => {},
    stats: () => ({}),
    send: (bytes) => sent.push(Buffer.from(bytes).toString('hex')),
    end: (code) => ended.push(code),
  }
  return { face: new FirstFace(desk, 10), sent, emitted, ended }
}

const inputOf = (tick: number, id: number): Input => ({
  ...{ tick, id, source: 1, number: 1, seq: 1 },
  payload: id > 0 ? Uint8Array.of(0x93, 1, 2, 3) : new Uint8Array(0),
})
const ZEROS = '0'.repeat(24)
const EVENT = '000000000000006400000009000000010000000200000003'

describe('the first protocol', () => {
  test('repeats the last tick input, whatever came after it', () => {
    const { face: first, sent } = face()
    first.repeat()
    expect(sent).toEqual([])
    first.input(inputOf(0, 0))
    first.input(inputOf(1, 9))
    first.repeat()
    expect(sent).toEqual([
      `0000000000000000${'00000000'}${ZEROS}`,
      EVENT,
      `0000000000000000${'00000000'}${ZEROS}`,
    ])
  })

  test('takes events in whatever pieces they come, and keeps those that have to wait', () => {
    let room = 2
    const { face: first, emitted } = face(() => room-- > 0)
    const bytes = Buffer.from(`00000009${'00000001'}${'00000002'}${'00000003'}`.repeat(3), 'hex')
    for (const byte of bytes) first.read(Buffer.of(byte))
    expect(emitted).toEqual([
      [9, '93010203'],
      [9, '93010203'],
    ])
    expect(first.unread).toBe(16)
    room = 1
    first.goOn()
    expect(emitted).toHaveLength(3)
    expect(first.unread).toBe(0)
  })

  test('times beyond 32 bits are written whole', () => {
    const { face: first, sent } = face()
    first.input(inputOf(2 ** 33, 0))
    expect(sent).toEqual([`${(2n ** 33n * 100n).toString(16).padStart(16, '0')}00000000${ZEROS}`])
  })
})
