import { describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event, INPUT_ID } from '../../src/app/event.ts'
import { Runner } from '../../src/app/runner.ts'
import { restoreWorld, saveWorld } from '../../src/app/saved.ts'
import { joinPayload } from '../../src/core/session/membership.ts'
import type { Input } from '../../src/core/timeline/event.ts'
import { game } from './game.ts'
import { askedAt, backAt, dropAt, eventAt, joinAt, leaveAt, rawAt, tickAt } from './inputs.ts'

describe('who takes part', () => {
  const log = (...inputs: Input[]) => {
    const runner = new Runner(game)
    for (const input of inputs) runner.take(input)
    return { runner, log: runner.state.log.slice(1) }
  }

  test('comes and goes in the timeline, with seat and data', () => {
    const { runner, log: told } = log(
      joinAt(0, 1, { name: 'ann' }),
      joinAt(0, 2),
      tickAt(0),
      dropAt(1, 1),
      tickAt(1),
      backAt(2, 1),
      leaveAt(2, 2, 'lost'),
      leaveAt(2, 1),
      tickAt(2),
    )
    expect(told).toEqual([
      'join 1 {"name":"ann"} at 0',
      'join 2 undefined at 0',
      'drop 1 false',
      'back 1 true',
      'leave 2 lost',
      'leave 1 undefined',
    ])
    expect(runner.players).toEqual([])
  })

  test('is told by id, slot, data and whether it is here', () => {
    const { runner } = log(joinAt(0, 1, [1]), joinAt(0, 3), dropAt(0, 3))
    expect(runner.players).toEqual([
      { id: 1, slot: 0, data: [1], here: true },
      { id: 3, slot: 2, data: undefined, here: false },
    ])
  })

  test('is the same object in the state after a rollback, if the state refers to it', () => {
    const holder = app({
      id: 'h@1',
      fps: 10,
      start: () => ({ host: undefined as unknown }),
      on: {
        join(s, e) {
          s.host = e.player
        },
      },
    })
    const runner = new Runner(holder)
    runner.take(joinAt(0, 1))
    const kept = runner.keep()
    for (const way of ['kept', 'saved']) {
      if (way === 'kept') runner.back(kept)
      else restoreWorld(runner, saveWorld(runner))
      expect(runner.state.host).toBe(runner.players[0])
    }
  })

  test('twice, or unknown, or in a damaged payload, changes nothing', () => {
    const { runner } = log(
      joinAt(0, 1),
      joinAt(0, 1),
      dropAt(0, 7),
      backAt(0, 7),
      leaveAt(0, 7),
      rawAt(0, -1, 0, Uint8Array.of(1)),
      rawAt(0, -2, 0, new Uint8Array(0)),
    )
    expect(runner.players).toHaveLength(1)
    expect(runner.stats.voided).toBe(6)
  })
})

describe('who joins beyond players.max', () => {
  const full = { ...game, players: { ...game.players, max: 2 } }
  const having = (...inputs: Input[]) => {
    const runner = new Runner(full)
    for (const input of inputs) runner.take(input)
    return runner
  }
  const two = [joinAt(0, 1), joinAt(0, 2)]

  test('looks on: no handler hears of it, and nothing that it does changes anything', () => {
    const runner = having(...two)
    const before = runner.digest()
    const looker = [
      joinAt(0, 3, 'cleo'),
      eventAt(0, 1, 3, 4),
      eventAt(0, INPUT_ID, 3, { dx: 1 }),
      askedAt(0, 'pause', 3),
      askedAt(0, 'resume', 3),
      dropAt(0, 3),
      backAt(0, 3),
      leaveAt(0, 3),
    ]
    for (const input of looker) expect(runner.take(input)).toBeUndefined()
    expect(runner.digest()).toBe(before)
    expect(runner.stats.voided).toBe(looker.length)
    expect(runner.players.map(({ id }) => id)).toEqual([1, 2])
  })

  test('does so for as long as it stays; whoever comes after a player has left plays in its seat', () => {
    const join = (member: number, slot: number): Input => ({
      ...joinAt(0, member),
      payload: joinPayload({ member, slot, data: new Uint8Array(0) }),
    })
    const runner = having(...two, joinAt(0, 3), leaveAt(0, 1), join(4, 0), join(5, 3))
    expect(runner.players.map(({ id, slot }) => [id, slot])).toEqual([
      [2, 1],
      [4, 0],
    ])
  })

  test('ends the session for all if it asks for that, as anybody does', () => {
    const runner = having(...two, joinAt(0, 3), askedAt(0, 'end', 3, 'over'))
    expect(runner.ended).toEqual({ tick: 0, result: 'over' })
  })
})

describe('an event', () => {
  const joined = () => {
    const runner = new Runner(game)
    runner.take(joinAt(0, 1))
    return runner
  }

  test.each<[string, Input]>([
    ['that its check refuses', eventAt(0, 1, 1, -3)],
    ['whose check throws', eventAt(0, INPUT_ID, 1, null)],
    ['that is not declared', eventAt(0, 77, 1, 1)],
    ['of nobody who takes part', eventAt(0, 3, 2)],
    ['that cannot be read', rawAt(0, 1, 1, Uint8Array.of(0xc1))],
    ['that holds what the input may not be', eventAt(0, INPUT_ID, 1, { dx: 5 })],
    ['of a member that nobody knows', rawAt(0, -99, 0, Uint8Array.of(1))],
  ])('%s is void: no handler sees it, and nothing changes', (_, input) => {
    const runner = joined()
    const before = runner.digest()
    expect(runner.take(input)).toBeUndefined()
    expect(runner.stats).toEqual({ events: 0, voided: 1, failed: 0 })
    expect(runner.digest()).toBe(before)
  })

  test('without a handler is none, even if objects have something of its name', () => {
    const odd = app({
      id: 'o@1',
      fps: 10,
      events: { toString: event(1), __defineGetter__: event(2) },
      start: () => ({}),
    })
    const runner = new Runner(odd)
    runner.take(joinAt(0, 1))
    expect(runner.take(eventAt(0, 1, 1))).toBeUndefined()
    expect(runner.take(eventAt(0, 2, 1))).toBeUndefined()
    expect(runner.state).toEqual({})
  })

  test('that throws is a value that names tick, event and state; the runner goes on', () => {
    const runner = joined()
    const failure = runner.take(eventAt(0, 4, 1))
    expect(failure).toMatchObject({ code: 'handler_threw', tick: 0, event: 'crash' })
    expect(failure?.error).toBeInstanceOf(RangeError)
    expect(failure?.message).toMatch(
      /^on\.crash at tick 0 threw RangeError: boom\. State: \{units: \[\], leader: undefined, log: /,
    )
    expect(runner.take(tickAt(0))).toBeUndefined()
    expect(runner.state.log.at(-1)).toBe('before the crash')
    expect(runner.stats.failed).toBe(1)
  })

  test('whose handler is async is named, since what follows the first await is in no step', () => {
    const late = app({
      id: 'l@1',
      fps: 10,
      start: () => ({ n: 0 }),
      on: {
        async join(s) {
          await Promise.resolve()
          s.n++
          throw new Error('nobody hears this')
        },
      },
    })
    expect(new Runner(late).take(joinAt(0, 1))).toMatchObject({ code: 'handler_async', event: 'join' })
  })

  test('has a payload of its own: what a handler does to it, no other sees', () => {
    const taker = app({
      id: 't@1',
      fps: 10,
      events: { give: event<{ list: number[] }>(1) },
      start: () => ({ got: [] as number[][] }),
      on: { give: (s, e) => void s.got.push(e.payload.list) },
    })
    const input = eventAt(0, 1, 1, { list: [1] })
    const [a, b] = [new Runner(taker), new Runner(taker)]
    for (const runner of [a, b]) {
      runner.take(joinAt(0, 1))
      runner.take(input)
    }
    a.state.got[0]?.push(2)
    expect(b.state.got).toEqual([[1]])
  })
})

describe('held input', () => {
  const xs = (...inputs: Input[]) => {
    const runner = new Runner(game)
    for (const input of [joinAt(0, 1), ...inputs]) runner.take(input)
    return runner.input(1).dx
  }

  test('is neutral at first, then what was last held, and neutral again while its player is away', () => {
    expect(xs()).toBe(0)
    expect(xs(eventAt(0, INPUT_ID, 1, { dx: 1 }), tickAt(0), tickAt(1))).toBe(1)
    expect(xs(eventAt(0, INPUT_ID, 1, { dx: 1 }), dropAt(0, 1))).toBe(0)
    expect(xs(eventAt(0, INPUT_ID, 1, { dx: 1 }), dropAt(0, 1), eventAt(0, INPUT_ID, 1, { dx: -1 }))).toBe(0)
    expect(xs(eventAt(0, INPUT_ID, 1, { dx: 1 }), dropAt(0, 1), backAt(0, 1))).toBe(0)
    expect(xs(eventAt(0, INPUT_ID, 1, { dx: 1 }), leaveAt(0, 1), joinAt(0, 1))).toBe(0)
  })

  test('that was not declared is an error that says how to', () => {
    const none = app({ id: 'n@1', fps: 10, start: () => ({}), tick: (_, t) => void t.input(1) })
    const failure = new Runner(none).take(tickAt(0))
    expect(failure?.message).toContain('Say input: { neutral:')
  })
})
