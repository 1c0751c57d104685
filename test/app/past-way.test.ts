import { describe, expect, test } from 'vitest'
import { loop } from '../../src/app/loop.ts'
import { type PastOptions, past } from '../../src/app/past.ts'
import { encodePayload } from '../../src/app/payload.ts'
import { byHand, lateLink, type Walker } from './past-stage.ts'

describe('the way of a rollback', () => {
  const way = (options: PastOptions) => {
    const { source, link } = lateLink()
    const { hand, drive } = byHand()
    const drawn: { at: number; ticks: number; place: number }[] = []
    let asked = 0
    const l = loop(link, {
      drive,
      past: past(options),
      input: () => ++asked,
      render: (s: Walker, { before, alpha }) =>
        void drawn.push({
          at: source.micros / 1000,
          ticks: s.ticks,
          place: before.ticks - 1 + (s.ticks - before.ticks) * alpha,
        }),
    })
    const frames = (n: number): void => {
      for (let i = 0; i < n; i++) {
        source.micros += 8_000
        hand.frame()
      }
    }
    const late = (ticks: number, value: number): number => {
      const tick = link.runner.tick - ticks
      source.put(tick, 1, encodePayload(value))
      return tick
    }
    frames(500)
    drawn.length = 0
    return { link, l, drawn, frames, late, asked: () => asked, source }
  }
  const stepsOf = (places: readonly number[]): number[] =>
    places.slice(1).map((place, i) => place - (places[i] as number))

  test('is not drawn, unless one asks for it', () => {
    const { drawn, frames, late, link } = way({})
    late(100, 1)
    frames(5)
    expect(drawn.every(({ ticks }) => ticks >= link.state.ticks - 4)).toBe(true)
  })

  test('is drawn from what changed to the present, evenly, in a second, while time and input go on', () => {
    const { drawn, frames, late, l, asked } = way({ way: true })
    const tick = late(150, 1)
    const before = asked()
    frames(3)
    expect(drawn.find(({ place }) => place < tick)?.place).toBeCloseTo(tick - 1, 5)
    frames(60)
    expect(l.isLive).toBe(false)
    frames(140)
    const on = drawn.findIndex(({ place }) => place < tick)
    const arrived = drawn.findIndex(({ place }, i) => i > on && place > tick + 199)
    // 200 ticks in a second of 125 frames, and then those of the present.
    const steps = stepsOf(drawn.slice(on).map(({ place }) => place))
    for (const step of steps.slice(0, arrived - on - 1)) expect(step).toBeCloseTo(200 / 125, 1)
    for (const step of steps.slice(arrived - on + 1)) expect(step).toBeCloseTo(8 / 20, 5)
    expect((drawn[arrived]?.at ?? 0) - (drawn[on]?.at ?? 0)).toBeLessThan(1_010)
    expect(l.isLive).toBe(true)
    expect(asked() - before).toBeGreaterThan(75)
  })

  test('of a short one is as short as what it shows, and of any no longer than was said', () => {
    for (const [ticks, ms] of [
      [5, 120],
      [200, 400],
    ] as const) {
      const { drawn, frames, late, l } = way({ way: 400 })
      const tick = late(ticks, 1)
      for (let i = 0; i < 100 && !drawn.some(({ place }) => place < tick); i++) frames(1)
      const began = drawn.at(-1)?.at ?? 0
      for (let i = 0; i < 500 && !l.isLive; i++) frames(1)
      expect((drawn.at(-1)?.at ?? 0) - began).toBeLessThanOrEqual(ms + 8)
      expect((drawn.at(-1)?.at ?? 0) - began).toBeGreaterThan(ms / 2)
    }
  })

  test('goes back once more for what comes later still, and takes no longer for that', () => {
    const { drawn, frames, late, l, link, source } = way({ way: true })
    const first = late(150, 1)
    frames(60)
    expect(drawn.at(-1)?.place).toBeGreaterThan(first + 20)
    const tick = first + 5
    source.put(tick, 1, encodePayload(2))
    frames(3)
    expect(drawn.some(({ place }, i) => i > 50 && place < tick)).toBe(true)
    // What lies ahead of it changes nothing of what is shown.
    const { place } = drawn.at(-1) as (typeof drawn)[number]
    source.put(link.runner.tick - 3, 1, encodePayload(3))
    frames(3)
    expect(drawn.at(-1)?.place).toBeGreaterThan(place)
    expect(drawn.at(-1)?.place).toBeLessThan(place + 12)
    expect(l.isLive).toBe(false)
    frames(70)
    expect(l.isLive).toBe(true)
    const on = drawn.findIndex(({ place }) => place < first)
    const arrived = drawn.findIndex(({ ticks }, i) => i > on && ticks >= link.state.ticks - 20)
    expect((drawn[arrived]?.at ?? 0) - (drawn[on]?.at ?? 0)).toBeLessThan(1_020)
  })

  test('does not take away what somebody looks at', () => {
    const { drawn, frames, late, l } = way({ way: true })
    l.rewind(20)
    late(100, 1)
    frames(10)
    expect(l.showing).toBe(20)
    expect(drawn.at(-1)?.ticks).toBe(21)
  })
})
