import { describe, expect, test } from 'vitest'
import type { Input } from '../../../src/core/timeline/event.ts'
import { compare, headOf, lineOf } from '../../../src/core/timeline/recording.ts'

const input = (tick: number, id: number, bytes: number[] = []): Input => ({
  tick,
  id,
  source: id === 0 ? 0 : 2,
  number: id === 0 ? 0 : 5,
  seq: 0,
  payload: new Uint8Array(bytes),
})

const A = [headOf('rect@1', 40), ...[input(0, 0), input(1, 7, [10, 255]), input(1, 0)].map(lineOf), '']

describe('recordings', () => {
  test('are lines that people read', () => {
    expect(A).toEqual(['sametick 1 "rect@1" 40', '0 tick', '1 event 7 of 2.5 0aff', '1 tick', ''])
    expect(lineOf({ ...input(3, -4), source: 0 })).toBe('3 leave of 0.5')
  })

  test('that are the same are found identical', () => {
    expect(compare(A, [...A])).toEqual({ kind: 'identical', inputs: 3, lastTick: 1 })
  })

  test('of which one goes on are identical as far as both go', () => {
    const longer = [...A.slice(0, -1), '2 tick', '']
    expect(compare(A, longer)).toEqual({ kind: 'identical', inputs: 3, lastTick: 1, longer: 'b' })
    expect(compare(longer, A)).toMatchObject({ kind: 'identical', longer: 'a' })
  })

  test('that part are told apart by the first input that differs', () => {
    const other = A.map((line) => line.replace('0aff', '0afe'))
    expect(compare(A, other)).toEqual({
      kind: 'differs',
      tick: 1,
      ms: 25,
      a: '1 event 7 of 2.5 0aff',
      b: '1 event 7 of 2.5 0afe',
    })
  })

  test('of different sessions, and what is no recording, are named', () => {
    expect(compare(A, [headOf('rect@2', 40), ...A.slice(1)])).toMatchObject({ kind: 'other' })
    expect(compare(['hello'], A)).toEqual({ kind: 'unreadable', which: 'a', line: 1, text: 'hello' })
    expect(compare(A, [A[0] as string, '0 tick', 'what?'])).toMatchObject({
      kind: 'unreadable',
      which: 'b',
      line: 3,
    })
  })
})
