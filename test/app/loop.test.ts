import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { app } from '../../src/app/app.ts'
import type { Drive, Frame } from '../../src/app/drive.ts'
import { event } from '../../src/app/event.ts'
import { DRIVEN } from '../../src/app/link.ts'
import { loop, type View } from '../../src/app/loop.ts'
import { solo } from '../../src/app/solo.ts'
import { SourceLink } from '../../src/app/source-link.ts'
import { joinAt } from './inputs.ts'
import { ScriptedSource } from './scripted.ts'

const walker = app({
  id: 'walker@1',
  fps: 100,
  events: { jump: event(1), quit: event(2), boom: event(3) },
  input: { neutral: 0 },
  start: () => ({ x: 0, ticks: 0, jumps: 0 }),
  on: {
    jump(s, _, t) {
      s.jumps++
      t.effect('jumped', { x: s.x })
      t.effect('dust')
    },
    quit: (_, __, t) => t.end('over'),
    boom() {
      throw new Error('boom')
    },
  },
  tick(s, t) {
    s.ticks++
    s.x += t.input(1)
  },
})

/** A drive of one's own: frames come when the test says so. */
const byHand = () => {
  const hand = { frame: (() => 0) as Frame, stopped: 0, woken: 0 }
  const drive: Drive = (frame) => {
    hand.frame = frame
    return { stop: () => void hand.stopped++, wake: () => void hand.woken++ }
  }
  return { hand, drive }
}

const still = (fps = walker.fps) => {
  const source = new ScriptedSource(fps)
  source.put(joinAt(0, 1))
  return { source, link: new SourceLink(walker, source) }
}

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

describe('without a browser', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('a timer goes off when the next tick is due', async () => {
    const link = solo(walker)
    const at: number[] = []
    const from = performance.now()
    const running = loop(link, { render: () => at.push(performance.now() - from) })
    await vi.advanceTimersByTimeAsync(35)
    expect(at.map(Math.round)).toEqual([0, 10, 20, 30])
    running.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a late timer is late once: it draws once and no burst of frames follows', async () => {
    const link = solo(walker)
    let frames = 0
    const running = loop(link, { render: () => frames++ })
    await vi.advanceTimersByTimeAsync(5)
    const before = frames
    // The process stood still for 200 ms: time went on, and no timer went off.
    vi.setSystemTime(Date.now())
    const now = performance.now()
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => now + 200)
    vi.advanceTimersToNextTimer()
    expect(frames - before).toBe(1)
    expect(link.state.ticks).toBe(21)
    spy.mockRestore()
    running.stop()
  })

  test('news that comes while a frame runs makes no second row of timers', async () => {
    const { source, link } = still()
    const running = loop(link, { render: () => source.tell.woken() })
    for (let i = 0; i < 3; i++) {
      await vi.advanceTimersByTimeAsync(10)
      expect(vi.getTimerCount()).toBe(1)
    }
    running.stop()
  })

  test('a frame that throws is not the last', async () => {
    const link = solo(walker)
    let frames = 0
    const running = loop(link, {
      render() {
        frames++
        if (frames === 1) throw new Error('a bad frame')
      },
    })
    expect(() => vi.advanceTimersToNextTimer()).toThrow('a bad frame')
    await vi.advanceTimersByTimeAsync(30)
    expect(frames).toBeGreaterThan(2)
    running.stop()
  })
})

describe('in a browser', () => {
  /** As much of a page as is used: frames and visibility by hand. */
  const page = () => {
    const frames = new Map<number, () => void>()
    const listeners = new Set<() => void>()
    let last = 0
    const it = {
      hidden: false,
      frames,
      listeners,
      frame() {
        const due = [...frames.values()]
        frames.clear()
        for (const callback of due) callback()
      },
      show(isShown: boolean) {
        it.hidden = !isShown
        for (const listener of listeners) listener()
      },
    }
    vi.stubGlobal('requestAnimationFrame', (callback: () => void) => {
      frames.set(++last, callback)
      return last
    })
    vi.stubGlobal('cancelAnimationFrame', (handle: number) => frames.delete(handle))
    vi.stubGlobal('document', {
      get hidden() {
        return it.hidden
      },
      addEventListener: (_: string, listener: () => void) => listeners.add(listener),
      removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
    })
    return it
  }
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  test('a frame is an animation frame, one at a time', () => {
    const browser = page()
    const render = vi.fn()
    const running = loop(solo(walker), { render })
    for (let i = 0; i < 3; i++) {
      expect(browser.frames.size).toBe(1)
      browser.frame()
    }
    expect(render).toHaveBeenCalledTimes(3)
    expect(vi.getTimerCount()).toBe(0)
    running.stop()
    expect(browser.frames.size).toBe(0)
    expect(browser.listeners.size).toBe(0)
  })

  test('a hidden tab runs by a timer and does not draw, and draws again when it is shown', async () => {
    const browser = page()
    const render = vi.fn()
    const link = solo(walker)
    const running = loop(link, { render })
    browser.frame()
    browser.show(false)
    expect(browser.frames.size).toBe(0)
    await vi.advanceTimersByTimeAsync(1000)
    expect(render).toHaveBeenCalledTimes(1)
    expect(link.state.ticks).toBeGreaterThan(90)
    browser.show(true)
    expect(vi.getTimerCount()).toBe(0)
    browser.frame()
    expect(render).toHaveBeenCalledTimes(2)
    running.stop()
  })

  test('a frame that throws is not the last', () => {
    const browser = page()
    loop(solo(walker), {
      render() {
        throw new Error('a bad frame')
      },
    })
    expect(() => browser.frame()).toThrow('a bad frame')
    expect(browser.frames.size).toBe(1)
  })
})
