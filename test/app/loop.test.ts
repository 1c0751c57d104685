import { describe, expect, test, vi } from 'vitest'
import { app } from '../../src/app/app.ts'
import { DRIVEN } from '../../src/app/link.ts'
import { loop, type View } from '../../src/app/loop.ts'
import { solo } from '../../src/app/solo.ts'
import { SourceLink } from '../../src/app/source-link.ts'
import { still } from './loop-stage.ts'
import { byHand } from './past-stage.ts'
import { ScriptedSource } from './scripted.ts'

describe('a loop', () => {
  test('runs what is due, then draws once, however much that was', () => {
    const { source, link } = still()
    const { hand, drive } = byHand()
    const drawn: number[] = []
    loop(link, { drive, render: (s) => drawn.push(s.ticks) })
    for (const ms of [0, 4, 4, 4, 50, 1]) {
      source.advance(ms)
      hand.frame()
    }
    expect(drawn).toEqual([1, 1, 1, 2, 7, 7])
  })

  test('says when the next tick is due', () => {
    const { source, link } = still()
    const { hand, drive } = byHand()
    loop(link, { drive })
    expect(hand.frame()).toBe(10)
    source.advance(4)
    expect(hand.frame()).toBe(6)
    source.lease = 0
    expect(hand.frame()).toBe(250)
  })

  test('shows how far the next tick is, the state before, oneself and how things stand', () => {
    const { source, link } = still()
    const { hand, drive } = byHand()
    const shown: [number, number, number, number, string][] = []
    const render = (s: { x: number }, v: View<{ x: number }>) =>
      void shown.push([v.before.x, s.x, v.alpha, v.me, v.status.phase])
    loop(link, { drive, render, input: () => 2 })
    for (const ms of [0, 10, 10, 2.5, 7.5]) {
      source.advance(ms)
      hand.frame()
      // What is held takes effect as the source lets it.
      for (const { id, payload } of source.emitted.splice(0))
        source.put({ tick: link.runner.tick + 1, id, payload, source: 1, number: 1, seq: 1 })
    }
    expect(shown).toEqual([
      [0, 0, 0, 1, 'running'],
      [0, 0, 0, 1, 'running'],
      [0, 2, 0, 1, 'running'],
      [0, 2, 0.25, 1, 'running'],
      [2, 4, 0, 1, 'running'],
    ])
  })

  test('asks for input in frames that run a tick, and in no others', () => {
    const { source, link } = still()
    const { hand, drive } = byHand()
    const input = vi.fn(() => 0)
    loop(link, { drive, input })
    for (const ms of [0, 4, 4, 4]) {
      source.advance(ms)
      hand.frame()
    }
    expect(input).toHaveBeenCalledTimes(2)
  })

  test('runs ticks for a bounded time before it draws: what is behind is made good over several frames', () => {
    const slow = app({
      id: 'slow@1',
      fps: 100,
      start: () => ({ ticks: 0 }),
      tick(s) {
        s.ticks++
        source.advance(4)
      },
    })
    const source = new ScriptedSource(100)
    const { hand, drive } = byHand()
    const drawn: number[] = []
    loop(new SourceLink(slow, source), { drive, render: (s) => drawn.push(s.ticks) })
    source.advance(500)
    hand.frame()
    hand.frame()
    expect(drawn).toEqual([3, 6])
    expect(hand.frame()).toBe(0)
    for (let i = 0; i < 100; i++) hand.frame()
    expect(source.now() / 1e4 - (drawn.at(-1) ?? 0)).toBeLessThan(1)
  })

  test('runs one tick a frame even where one takes longer than a frame may', () => {
    const { hand, drive } = byHand()
    const source = new ScriptedSource(100)
    const heavy = app({
      id: 'heavy@1',
      fps: 100,
      start: () => ({ ticks: 0 }),
      tick(s) {
        s.ticks++
        source.advance(40)
      },
    })
    const link = new SourceLink(heavy, source)
    loop(link, { drive })
    for (let i = 0; i < 5; i++) hand.frame()
    expect(link.state.ticks).toBe(5)
  })

  test('hands effects over once, each to the function of its name, or all to one', () => {
    const { source, link } = still()
    const { hand, drive } = byHand()
    const jumped: unknown[] = []
    loop(link, { drive, effects: { jumped: (data: { x: number }) => jumped.push(data.x) } })
    source.put({ tick: 0, id: 1, source: 1, number: 1, seq: 1, payload: new Uint8Array(0) })
    hand.frame()
    hand.frame()
    expect(jumped).toEqual([0])

    const other = still()
    const all: unknown[] = []
    const second = byHand()
    loop(other.link, { drive: second.drive, effects: (name, data) => all.push([name, data]) })
    other.source.put({ tick: 0, id: 1, source: 1, number: 1, seq: 1, payload: new Uint8Array(0) })
    second.hand.frame()
    expect(all).toEqual([
      ['jumped', { x: 0 }],
      ['dust', undefined],
    ])
  })

  test('keeps no effects that nobody wants', () => {
    const { source, link } = still()
    const { hand, drive } = byHand()
    loop(link, { drive })
    source.put({ tick: 0, id: 1, source: 1, number: 1, seq: 1, payload: new Uint8Array(0) })
    hand.frame()
    expect(link[DRIVEN].takeEffects()).toEqual([])
  })

  test('does not draw while hidden, and still runs', () => {
    const { source, link } = still()
    const { hand, drive } = byHand()
    const render = vi.fn()
    loop(link, { drive, render })
    source.advance(30)
    hand.frame(false)
    expect(render).not.toHaveBeenCalled()
    expect(link.state.ticks).toBe(4)
  })

  test('is the one reader, until it is stopped', async () => {
    const { source, link } = still()
    const { hand, drive } = byHand()
    const running = loop(link, { drive })
    expect(() => loop(link, { drive })).toThrow('loop() reads it')
    expect(() => link.poll()).toThrow('loop() reads it')
    running.stop()
    running.stop()
    expect(hand.stopped).toBe(1)
    expect(await running.ended).toEqual({ phase: 'running' })
    source.advance(100)
    expect(hand.frame()).toBe(Number.POSITIVE_INFINITY)
    expect(link.state.ticks).toBe(0)
    expect(link.poll().length).toBeGreaterThan(0)
  })

  test('ends with its link, draws the last tick, and says how it ended', async () => {
    const { source, link } = still()
    const { hand, drive } = byHand()
    const drawn: string[] = []
    const running = loop(link, { drive, render: (_, v) => drawn.push(v.status.phase) })
    hand.frame()
    source.put({ tick: 1, id: 2, source: 1, number: 1, seq: 1, payload: new Uint8Array(0) })
    source.advance(100)
    hand.frame()
    expect(drawn).toEqual(['running', 'ended'])
    expect(await running.ended).toMatchObject({ phase: 'ended', why: 'end', result: 'over' })
    expect(hand.stopped).toBe(1)
    expect(link.runner.tick).toBe(1)
  })

  test('is woken when its source has news', () => {
    const { source, link } = still()
    const { hand, drive } = byHand()
    const running = loop(link, { drive })
    source.tell.woken()
    source.tell.status({ phase: 'frozen', for: [] })
    expect(hand.woken).toBe(2)
    running.stop()
    source.tell.woken()
    expect(hand.woken).toBe(2)
  })

  test('throws what a handler threw once, and goes on', () => {
    const { source, link } = still()
    const { hand, drive } = byHand()
    loop(link, { drive })
    const boom = (tick: number) =>
      source.put({ tick, id: 3, source: 1, number: 1, seq: 1, payload: new Uint8Array(0) })
    boom(0)
    expect(() => hand.frame()).toThrow('on.boom at tick 0 threw Error: boom. State: {x: 0')
    boom(1)
    source.advance(10)
    expect(() => hand.frame()).not.toThrow()
    expect(link.stats().failed).toBe(2)
    expect(link.runner.tick).toBe(1)
  })

  test('refuses held input that the application does not declare', () => {
    const none = app({ id: 'n@1', fps: 10, start: () => ({}) })
    const { hand, drive } = byHand()
    loop(solo(none, { clock: () => 0 }), { drive, input: () => undefined })
    expect(() => hand.frame()).toThrow('Say input: { neutral:')
  })
})
