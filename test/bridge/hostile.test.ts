import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Desk, Face } from '../../src/bridge/face.ts'
import { FirstFace } from '../../src/bridge/first.ts'
import { BRIDGE_LIMITS } from '../../src/bridge/limits.ts'
import { LocalFace } from '../../src/bridge/local.ts'
import { readSaid, readTold, say } from '../../src/bridge/messages.ts'

/** Whatever comes, in whatever pieces: it is understood or refused, and nothing throws or grows. */

const hello = say('hello', {
  ...{ mode: 1, fps: 40, window: 3, instances: 0, app: '', session: '' },
  data: Buffer.alloc(0),
})
const MESSAGES = [
  hello,
  say('emit', { evt: 5, payload: Buffer.from('abc') }),
  say('emit', { evt: 0x7fff_ffff, payload: Buffer.alloc(300) }),
  say('ran', { tick: -1 }),
  say('ask', { evt: -5, data: Buffer.from('x') }),
  say('query', {}),
  say('leave', {}),
  say('saved', { tick: 0, digest: Buffer.alloc(4), state: Buffer.alloc(8) }),
]

/** Everything that a face asks of its desk, as lines. */
const asked = (make: (desk: Desk) => Face): { face: Face; lines: string[] } => {
  const lines: string[] = []
  let over = false
  const note = (line: string): void => void (over || lines.push(line))
  const desk: Desk = {
    join: ({ fps, data }) => note(`join ${fps} ${data?.length}`),
    emit: (evt, payload) => {
      note(`emit ${evt} ${Buffer.from(payload).toString('hex')}`)
      return true
    },
    ask: (what, data) => note(`ask ${what} ${Buffer.from(data).toString('hex')}`),
    leave: () => note('leave'),
    pump: () => note('pump'),
    stats: () => ({ tick: 1 }),
    send: (bytes) => note(`send ${Buffer.from(bytes).toString('hex')}`),
    end: (code) => {
      note(`end ${code}`)
      over = true
    },
  }
  return { face: make(desk), lines }
}

const local = (desk: Desk): Face => new LocalFace(desk, BRIDGE_LIMITS, 0)
const first = (desk: Desk): Face => new FirstFace(desk, 40)

/** Messages, some of them with a byte that is another, and bytes that are none. */
const damaged = fc.property(
  fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...MESSAGES)),
  fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...MESSAGES)),
  fc.integer({ min: 0, max: 400 }),
  fc.integer({ min: 0, max: 255 }),
  fc.integer({ min: 1, max: 40 }),
  (one, two, at, value, step) => {
    const bytes = Buffer.concat([hello, one, two])
    if (at < bytes.length) bytes[at] = value
    for (const make of [local, first]) {
      const whole = asked(make)
      whole.face.read(bytes)
      const pieces = asked(make)
      for (let from = 0; from < bytes.length; from += step)
        pieces.face.read(bytes.subarray(from, from + step))
      // In pieces or at once, it means the same.
      expect(pieces.lines).toEqual(whole.lines)
      expect(whole.face.unread).toBeLessThanOrEqual(bytes.length)
    }
    // And a client of the bridge is as careful.
    expect(() => [readSaid(bytes.subarray(4)), readTold(bytes.subarray(4))]).not.toThrow()
  },
)

describe('whatever a program sends', () => {
  test('is understood or refused, in whatever pieces it comes', () => {
    fc.assert(damaged, { numRuns: 1_000 })
  })

  test('and a message that is longer than may be is refused before it has come', () => {
    const { face, lines } = asked(local)
    face.read(Buffer.from(hello))
    face.read(Buffer.from('7fffffff02', 'hex'))
    expect(lines.at(-1)).toBe('end malformed')
  })
})
