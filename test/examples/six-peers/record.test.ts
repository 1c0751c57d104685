import { describe, expect, test } from 'vitest'
import { commonTick, partiesAt } from '../../../examples/six-peers/agreement.ts'
import { read } from '../../../examples/six-peers/letters.ts'
import { Record } from '../../../examples/six-peers/record.ts'
import type { Way } from '../../../examples/six-peers/rect.ts'
import { encode } from '../../../src/core/peer/messages.ts'

/** A peer that is run by hand: `keys` says who presses what at which tick. */
const stage = () => {
  const record = new Record()
  const { app } = record
  const start = () => app.start({} as never)
  let state = start()
  const run = (from: number, to: number, keys: { readonly [tick: number]: readonly [number, Way] } = {}) => {
    for (let tick = from; tick <= to; tick++) {
      const key = keys[tick]
      const t = { tick } as never
      if (key) app.on.steer?.(state, { player: { id: key[0] }, payload: key[1] }, t)
      app.tick?.(state, t)
    }
  }
  /** Back to the beginning, since this peer keeps no snapshots. */
  const back = (): void => {
    state = start()
  }
  return { record, run, back }
}

describe('the record of a peer', () => {
  test('holds what was run: where the rectangle was, and who pressed', () => {
    const { record, run } = stage()
    run(0, 20, { 10: [3, 'down'] })
    expect([record.last, record.top]).toEqual([20, 20])
    expect(record.at(9)).toEqual({ x: 80, y: 100 })
    expect(record.at(20)).toEqual({ x: 80, y: 122 })
    expect([record.pressedAt(9), record.pressedAt(10), record.pressedAt(11)]).toEqual([0, 3, 0])
    expect([record.has(-1), record.has(20), record.has(21)]).toEqual([false, true, false])
  })

  test('is written again after a rollback, and gives both ways from where they part', () => {
    const { record, run, back } = stage()
    run(0, 30)
    back()
    run(0, 10, { 21: [2, 'up'] })
    record.rolledBack({ tick: 21, top: 30 })
    expect(record.takeBack()).toBeUndefined()
    run(11, 31, { 21: [2, 'up'] })
    const taken = record.takeBack()
    expect(taken).toMatchObject({ tick: 21, ticks: 10 })
    expect(taken?.old[0]).toEqual(taken?.now[0])
    expect(taken?.old.at(-1)).toEqual({ x: 122, y: 100 })
    expect(taken?.old).toHaveLength(11)
    expect(taken?.now.at(-1)).toEqual({ x: 102, y: 78 })
    expect(record.pressedAt(21)).toBe(2)
    expect(record.takeBack()).toBeUndefined()
  })

  test('remembers of a long past what is shown of it', () => {
    const { record, run, back } = stage()
    run(0, 5_000)
    back()
    run(0, 5_000, { 3: [1, 'down'] })
    record.rolledBack({ tick: 3, top: 5_000 })
    const taken = record.takeBack()
    expect(taken?.ticks).toBe(4_998)
    expect([taken?.old.length, taken?.now.length]).toEqual([601, 601])
    expect(taken?.old[0]).not.toEqual(taken?.now[0])
    expect([record.has(900), record.has(905)]).toEqual([false, true])
  })
})

test('who agrees is in one party, the largest first', () => {
  const stages = [stage(), stage(), stage(), stage()]
  stages.forEach(({ run }, i) => {
    run(0, 20 + i, i === 0 ? {} : { 10: [1, i === 2 ? 'up' : 'down'] })
  })
  const records = stages.map(({ record }) => record)
  expect(commonTick(records)).toBe(20)
  expect(partiesAt(records, 9)).toEqual([0, 0, 0, 0])
  expect(partiesAt(records, 15)).toEqual([1, 0, 2, 0])
  const six = Array.from({ length: 6 }, () => stage())
  six.forEach(({ run }, i) => {
    run(0, 20, i === 4 ? { 15: [1, 'hold'] } : {})
  })
  const all = six.map(({ record }) => record)
  expect(partiesAt(all, 14)).toEqual([0, 0, 0, 0, 0, 0])
  expect(partiesAt(all, 15)).toEqual([0, 0, 0, 0, 1, 0])
  expect(partiesAt(all, 21)).toEqual([-1, -1, -1, -1, -1, -1])
  // Who has not run a tick is in none.
  expect(partiesAt(records, 22)).toEqual([-1, -1, 0, 1])
})

describe('a letter between peers, to the eye', () => {
  const event = (source: number) => ({
    seq: 0,
    stamp: 123_456,
    source,
    number: 7,
    lead: 0,
    id: 1,
    payload: new Uint8Array([1, 2, 3]),
  })

  test('is how many events it brings, and whose', () => {
    expect(read(encode.flood([event(5)]))).toEqual({ events: 1, source: 5 })
    expect(read(encode.flood([event(300), event(2)]))).toEqual({ events: 2, source: 300 })
    expect(read(encode.missed(true, [event(6), event(1), event(2)]))).toEqual({ events: 3, source: 6 })
  })

  test('is nothing else if it keeps the time or the links', () => {
    const nothing = { events: 0, source: 0 }
    expect(read(encode.missed(true, []))).toEqual(nothing)
    expect(read(encode.meet(50, 'six-peers@1', 3))).toEqual(nothing)
    expect(read(encode.sync(1, 2, 3, 4, 5, 6, 7, 8))).toEqual(nothing)
    expect(read(new Uint8Array())).toEqual(nothing)
  })
})
