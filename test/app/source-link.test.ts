import { describe, expect, test } from 'vitest'
import { INPUT_ID } from '../../src/app/event.ts'
import { DRIVEN, type Status } from '../../src/app/link.ts'
import { decodePayload } from '../../src/app/payload.ts'
import { Runner } from '../../src/app/runner.ts'
import { restoreWorld, saveWorld } from '../../src/app/saved.ts'
import { SourceLink } from '../../src/app/source-link.ts'
import { game } from './game.ts'
import { askedAt, backAt, dropAt, eventAt, joinAt, leaveAt, tickAt } from './inputs.ts'
import { ScriptedSource } from './scripted.ts'

const linked = (source = new ScriptedSource(game.fps)) => ({ source, link: new SourceLink(game, source) })
const TICK_MS = 1000 / game.fps

describe('a link over a source', () => {
  test('shows what happens, with players as they were when they left', () => {
    const { source, link } = linked()
    source.put(joinAt(0, 1), joinAt(0, 2, 'bob'), eventAt(0, 1, 2, 5), leaveAt(1, 2), askedAt(1, 'pause', 1))
    const ticks = link.poll()
    expect(ticks[0]?.inputs).toMatchObject([
      { name: 'join', player: { id: 1 } },
      { name: 'join', player: { id: 2, data: 'bob' } },
      { name: 'spawn', payload: 5, player: { id: 2 } },
    ])
    source.advance(TICK_MS)
    expect(link.poll()[0]?.inputs).toMatchObject([
      { name: 'leave', player: { id: 2, data: 'bob' } },
      { name: 'pause', player: { id: 1 } },
    ])
  })

  test('passes over what is void, and over held input, which steps ask for', () => {
    const { source, link } = linked()
    source.put(joinAt(0, 1), eventAt(0, 1, 1, -1), eventAt(0, 1, 9, 1), eventAt(0, INPUT_ID, 1, { dx: 1 }))
    expect(link.poll()[0]?.inputs.map((input) => input.name)).toEqual(['join'])
    expect(link.runner.input(1)).toEqual({ dx: 1 })
    expect(link.stats()).toEqual({ tick: 0, events: 0, voided: 2, failed: 0, frozenTicks: 3 })
  })

  test('tells how things stand, and once it has ended nothing else', () => {
    const { source, link } = linked()
    const heard: Status[] = []
    const unhear = link.on('status', (status) => heard.push(status))
    const lobby: Status = { phase: 'lobby', have: 1, need: 2 }
    const frozen: Status = { phase: 'frozen', for: [2] }
    const lost: Status = { phase: 'ended', why: 'lost', hint: 'the cable' }
    for (const status of [lobby, frozen, lost, frozen]) source.tell.status(status)
    expect(heard).toEqual([lobby, frozen, lost])
    expect(link.status).toEqual(lost)
    unhear()
  })

  test('settles every receipt: landed, denied, refused at once, or ended before', async () => {
    const { source, link } = linked()
    const [first, second, third] = [link.emit('clear'), link.emit('clear'), link.emit('clear')]
    source.tell.landed(1, 7)
    source.tell.denied(2, 'busy')
    source.answer = 'payload_too_large'
    const fourth = link.emit('clear')
    source.tell.status({ phase: 'ended', why: 'lost', hint: '' })
    expect(await first.landed).toEqual({ ok: true, tick: 7 })
    expect(await second.landed).toMatchObject({ ok: false, error: { code: 'busy', retry: true } })
    expect(await third.landed).toMatchObject({ ok: false, error: { code: 'session_ended' } })
    expect(await fourth.landed).toMatchObject({
      ok: false,
      error: { code: 'payload_too_large', retry: false },
    })
  })

  test('refuses what one who looks on would emit or ask for, by name, and shows nothing of others who do', async () => {
    const duel = { ...game, players: { ...game.players, max: 2 } }
    const source = new ScriptedSource(game.fps, 3)
    const link = new SourceLink(duel, source)
    const early = link.emit('clear')
    source.put(...[1, 2, 3, 4].map((member) => joinAt(0, member)), eventAt(0, 3, 3), eventAt(0, 1, 4, 5))
    source.put(askedAt(1, 'pause', 4), leaveAt(1, 4), leaveAt(1, 1)).advance(TICK_MS)
    expect(link.poll().map(({ inputs }) => inputs.map(({ name, player }) => [name, player?.id]))).toEqual([
      [
        ['join', 1],
        ['join', 2],
      ],
      [['leave', 1]],
    ])
    source.tell.landed(1, 0)
    expect(await early.landed).toEqual({ ok: true, tick: 0 })
    expect(await link.emit('clear').landed).toMatchObject({
      ok: false,
      error: { code: 'session_full', hint: 'It has 2 players: this one looks on.' },
    })
    expect(source.emitted).toHaveLength(1)
    expect(() => link.pause()).toThrow('this one looks on')
    expect(source.done).toEqual([])
  })

  test('asks its source for what is not its own to do', () => {
    const { source, link } = linked()
    link.pause()
    link.resume()
    source.answer = 'not_admitted'
    expect(() => link.pause()).toThrow('not admitted')
    link.leave()
    expect(source.done).toEqual(['pause', 'resume', 'pause', 'leave'])
  })

  test('tells its source when the application has ended, and takes nothing more', () => {
    const { source, link } = linked()
    source.put(joinAt(0, 1), eventAt(0, 5, 1)).advance(100)
    expect(link.poll().map(({ tick }) => tick)).toEqual([0])
    expect(source.done).toEqual(['finish'])
    expect(link.status).toMatchObject({ phase: 'ended', why: 'end', result: { by: 1 } })
  })

  test('goes on from a snapshot, and refuses what is none', () => {
    const before = new Runner(game)
    for (const input of [joinAt(0, 1), eventAt(0, 1, 1, 4), tickAt(0), tickAt(1)]) before.take(input)
    const source = new ScriptedSource(game.fps, 2, 1)
    const link = new SourceLink(game, source, {
      restore: (runner) => restoreWorld(runner, saveWorld(before)),
    })
    expect(link.players).toHaveLength(1)
    expect(link.poll().map(({ tick }) => tick)).toEqual([2])
    before.take(tickAt(2))
    expect(link.runner.digest()).toBe(before.digest())
    expect(
      () => new SourceLink(game, source, { restore: (runner) => restoreWorld(runner, Uint8Array.of(1, 2)) }),
    ).toThrow('snapshot is not of this application')
  })
})

describe('what the own player holds', () => {
  const held = (source: ScriptedSource) =>
    source.emitted.map(({ id, payload }) => [id, decodePayload(payload)?.value])

  test('is sent when it changes, and only then', () => {
    const { source, link } = linked()
    source.put(joinAt(0, 1))
    link.poll()
    for (const dx of [0, 0, 1, 1, 1, 0, -1, -1]) link[DRIVEN].hold({ dx })
    expect(held(source)).toEqual([
      [INPUT_ID, { dx: 1 }],
      [INPUT_ID, { dx: 0 }],
      [INPUT_ID, { dx: -1 }],
    ])
  })

  test('is not sent before the own join, while away, or if the check refuses it', () => {
    const { source, link } = linked()
    link[DRIVEN].hold({ dx: 1 })
    source.put(joinAt(0, 1), dropAt(1, 1))
    link.poll()
    link[DRIVEN].hold({ dx: 3 })
    source.advance(TICK_MS)
    link.poll()
    link[DRIVEN].hold({ dx: 1 })
    expect(held(source)).toEqual([])
  })

  test('is sent again after a return, since all others hold it to be neutral', () => {
    const { source, link } = linked()
    source.put(joinAt(0, 1))
    link.poll()
    link[DRIVEN].hold({ dx: 1 })
    source.put(dropAt(1, 1), backAt(2, 1)).advance(2 * TICK_MS)
    link.poll()
    link[DRIVEN].hold({ dx: 1 })
    expect(held(source)).toHaveLength(2)
    source.put(dropAt(3, 2), backAt(3, 2)).advance(TICK_MS)
    link.poll()
    link[DRIVEN].hold({ dx: 1 })
    expect(held(source)).toHaveLength(2)
  })

  test('is sent again if it was not taken', () => {
    const { source, link } = linked()
    source.put(joinAt(0, 1))
    link.poll()
    source.answer = 'busy'
    link[DRIVEN].hold({ dx: 1 })
    source.answer = undefined
    link[DRIVEN].hold({ dx: 1 })
    expect(held(source)).toHaveLength(1)
    source.tell.denied(1, 'busy')
    link[DRIVEN].hold({ dx: 1 })
    expect(held(source)).toHaveLength(2)
  })
})

describe('between two ticks', () => {
  test('alpha goes from 0 to 1, and stays there while nothing may run', () => {
    const { source, link } = linked()
    expect(link[DRIVEN].alpha()).toBe(0)
    source.lease = 1
    const alphas: number[] = []
    for (let i = 0; i < 10; i++) {
      while (link[DRIVEN].run());
      alphas.push(link[DRIVEN].alpha())
      source.advance(TICK_MS / 4)
    }
    expect(alphas).toEqual([0, 0.25, 0.5, 0.75, 0, 0.25, 0.5, 0.75, 1, 1])
  })

  test('the state before is kept from when it is first asked for, and only of the last tick', () => {
    const { source, link } = linked()
    const driven = link[DRIVEN]
    source.put(joinAt(0, 1), eventAt(0, 1, 1, 0), eventAt(0, INPUT_ID, 1, { dx: 1 }))
    driven.run()
    expect(driven.before()).toBe(driven.state)
    let copies = 0
    const copyOfState = link.runner.copyOfState.bind(link.runner)
    link.runner.copyOfState = () => {
      copies++
      return copyOfState()
    }
    for (let i = 1; i < 4; i++) {
      source.advance(TICK_MS)
      const x = driven.state.units[0]?.x ?? 0
      driven.run()
      expect(driven.before().units[0]?.x).toBe(x)
      expect(driven.state.units[0]?.x).toBeGreaterThan(x)
    }
    expect(copies).toBe(3)
    source.advance(5 * TICK_MS)
    while (driven.run());
    expect(copies).toBe(4)
  })

  test('costs nothing for who never asks for the state before', () => {
    const { source, link } = linked()
    link.runner.copyOfState = () => {
      throw new Error('was copied')
    }
    source.advance(10 * TICK_MS)
    while (link[DRIVEN].run());
    expect(link[DRIVEN].due()).toBe(0)
  })
})
