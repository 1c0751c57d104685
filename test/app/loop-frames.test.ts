import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loop } from '../../src/app/loop.ts'
import { solo } from '../../src/app/solo.ts'
import { still, walker } from './loop-stage.ts'

describe('without a browser', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.restoreAllMocks()
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
    vi.spyOn(performance, 'now').mockImplementation(() => now + 200)
    vi.advanceTimersToNextTimer()
    expect(frames - before).toBe(1)
    expect(link.state.ticks).toBe(21)
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
