import { describe, expect, test } from 'vitest'
import { app, event } from '../../src/index.ts'
import { rehearse } from '../../src/lab/index.ts'
import market from './market.ts'

/**
 * How an application is tested with the lab: these read as examples, and docs/lab.md has them. An application is
 * put into several instances of one session, things are done to them in virtual time, and then one looks.
 */

const MINUTE = 60_000

test('what the application itself refuses is refused by name, emitted or held', () => {
  const held = app({
    id: 'held@1',
    fps: 20,
    events: { add: event<number>(1, (n) => typeof n === 'number') },
    input: { neutral: 0, check: (v): v is number => v === 0 || v === 1 },
    start: () => ({ sum: 0 }),
    tick(s, t) {
      for (const player of t.players) s.sum += t.input(player)
    },
  })
  const rehearsal = rehearse(held)
  rehearsal.run(1_000)
  const part = rehearsal.part(1)
  expect(part.emit('add', 'one' as never)).toBe('bad_request')
  expect(part.hold(9)).toBe('bad_request')
  expect(part.hold(1)).toBeUndefined()
  rehearsal.run(2_000)
  expect(rehearsal.part(2).state.sum).toBeGreaterThan(10)
  expect(rehearse(market).part(1).hold(1)).toBe('bad_request')
})

describe('a market', () => {
  test('sells the last piece once, whoever wants it at the same moment', () => {
    const rehearsal = rehearse(market, { instances: 3, network: 'wan' })
    rehearsal.run(2_000)
    for (let i = 0; i < 4; i++)
      for (const part of rehearsal.parts) expect(part.emit('take', 'wood')).toBeUndefined()
    rehearsal.run(3_000)
    expect(rehearsal.problems()).toEqual([])
    const { stock, purses } = rehearsal.part(1).state
    // Some coins are left where the stock was gone, and nothing was sold that was not there.
    const spent = 15 - Object.values(purses).reduce((sum, coins) => sum + coins, 0)
    expect(stock.wood).toBeGreaterThanOrEqual(0)
    expect(stock.stone - stock.wood).toBe(spent)
  })

  test('is the same for all after half an hour in which much went wrong', () => {
    const rehearsal = rehearse(market, { instances: 4, network: 'lossy', seed: 7 })
    rehearsal.run(2_000)
    const [one, two, three] = [1, 2, 3].map((number) => rehearsal.part(number))
    rehearsal.every(900, () => {
      for (const part of rehearsal.parts) part.emit('take', part.number % 2 === 0 ? 'wood' : 'stone')
    })
    rehearsal.every(60_000, () => one?.pause(1_500))
    rehearsal.every(77_000, () => two?.cut(3_000, 'up'))
    rehearsal.every(500_000, () => rehearsal.pauseServer(4_000))
    rehearsal.at(8 * MINUTE, () => three?.kill(200))
    rehearsal.at(10 * MINUTE, () => rehearsal.join())
    rehearsal.run(30 * MINUTE)
    expect(rehearsal.problems()).toEqual([])
    const running = rehearsal.parts.filter(({ phase }) => phase === 'running')
    expect(running.map(({ number }) => number)).toEqual([1, 2, 4, 5])
    for (const { tick } of running) expect(tick).toBeGreaterThan(30 * 60 * 20 * 0.99)
    // Five coins each, long spent; who is gone has no purse any more.
    expect(one?.state.purses).toEqual(Object.fromEntries(running.map(({ id }) => [id, 0])))
  })

  test('freezes nobody for one that stands still, but for a lease', () => {
    const rehearsal = rehearse(market, { instances: 3, network: 'lan', discipline: 'horizon' })
    rehearsal.run(5_000)
    const [one, two, three] = [1, 2, 3].map((number) => rehearsal.part(number))
    three?.pause(6_000)
    rehearsal.every(100, () => one?.emit('take', 'wood'))
    const before = [one?.frozenMs, two?.frozenMs]
    rehearsal.run(5_000)
    expect(three?.tick).toBeLessThan((one?.tick ?? 0) - 60)
    expect([one?.frozenMs, two?.frozenMs]).toEqual(before)
    rehearsal.run(5_000)
    expect(three?.tick).toBeGreaterThan((one?.tick ?? 0) - 3)
    expect(rehearsal.problems()).toEqual([])
  })
})

test('instances that part are found at the very tick, and the first two are named', () => {
  let calls = 0
  const broken = app({
    id: 'broken@1',
    fps: 20,
    events: { roll: event(1) },
    start: () => ({ rolls: 0, luck: 0 }),
    on: {
      roll(s) {
        s.rolls++
        // What is outside of the state is another thing in every instance.
        s.luck += ++calls
      },
    },
  })
  const rehearsal = rehearse(broken, { instances: 2 })
  rehearsal.run(2_000)
  const one = rehearsal.part(1)
  one.emit('roll')
  rehearsal.run(2_000)
  expect(rehearsal.parted?.instances).toEqual([1, 2])
  expect(rehearsal.problems()).toEqual([`instances 1 and 2 differ after tick ${rehearsal.parted?.tick}`])
  expect(one.state.rolls).toBe(1)
})

test('what a handler throws is told, and what a check refuses is not emitted', () => {
  const strict = app({
    id: 'strict@1',
    fps: 20,
    events: { add: event<number>(1, (p): p is number => typeof p === 'number') },
    start: () => ({ sum: 0 }),
    on: {
      add(s, e) {
        if (e.payload < 0) throw new RangeError('below nothing')
        s.sum += e.payload
      },
    },
  })
  const rehearsal = rehearse(strict)
  rehearsal.run(1_000)
  const [one, two] = [rehearsal.part(1), rehearsal.part(2)]
  expect(one.emit('add', 'three' as never)).toBe('bad_request')
  expect(one.emit('add', 3)).toBeUndefined()
  expect(two.emit('add', -1)).toBeUndefined()
  rehearsal.run(2_000)
  expect(two.state).toEqual({ sum: 3 })
  expect(rehearsal.problems().join('\n')).toMatch(/below nothing/)
})

test('the same seed is the same run, and another one another', () => {
  const digestOf = (seed: number): number => {
    const rehearsal = rehearse(market, { seed, instances: 3 })
    rehearsal.every(400, () => rehearsal.part(1).emit('take', 'stone'))
    return rehearsal.run(30_000).world.digest
  }
  expect(digestOf(3)).toBe(digestOf(3))
  expect(digestOf(4)).not.toBe(digestOf(3))
})
