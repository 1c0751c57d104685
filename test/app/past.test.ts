import { describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { INPUT_ID } from '../../src/app/event.ts'
import { loop } from '../../src/app/loop.ts'
import { past } from '../../src/app/past.ts'
import { solo } from '../../src/app/solo.ts'
import { SourceLink } from '../../src/app/source-link.ts'
import { eventAt, joinAt, leaveAt } from './inputs.ts'
import { codeOf, looking, TICK_MS } from './past-looking.ts'
import { byHand, walker } from './past-stage.ts'
import { ScriptedSource } from './scripted.ts'

describe('at', () => {
  test('gives the state after a tick, from the one before the first to the present', () => {
    const { l, link, to } = looking()
    to(100)
    expect(l.range).toEqual({ from: -1, to: 100 })
    expect(l.at(-1)).toEqual(walker.start(undefined as never))
    expect(l.at(9)).toMatchObject({ ticks: 10, x: 0, log: [] })
    expect(l.at(10)).toMatchObject({ ticks: 11, x: 2, log: ['10: 2 of 1'] })
    expect(l.at(100)).toEqual(link.state)
  })

  test('gives a copy, which is of nobody else', () => {
    const { l, link, to } = looking()
    to(100)
    for (const tick of [50, 100]) {
      l.at(tick).log.push('mine')
      l.at(tick).x = -1
      expect(l.at(tick).log).toEqual(['10: 2 of 1'])
      expect(l.at(tick).x).toBe(2 * (tick - 9))
    }
    expect(link.state.log).toEqual(['10: 2 of 1'])
  })

  test('says what can be had, of a tick that cannot', () => {
    const { l, to } = looking({ minutes: 0.1 })
    to(2_000)
    const { from } = l.range
    expect(from).toBeGreaterThan(1_500)
    for (const tick of [from - 1, 2_001, 1_900.5, Number.NaN])
      expect(codeOf(() => l.at(tick))).toBe(
        `not_kept: Tick ${tick} cannot be had. There are ticks ${from} to 2000; past({ minutes }) keeps more.`,
      )
  })

  test('moves nothing that is shown', () => {
    const { l, frame, to, drawn } = looking()
    to(100)
    l.rewind(50)
    frame()
    l.at(80)
    frame()
    expect(drawn.at(-1)?.ticks).toBe(51)
    expect(l.showing).toBe(50)
  })

  test('of a state that needs save and restore is restored', () => {
    class Point {
      x = 0
    }
    const points = app({
      id: 'points@1',
      fps: 50,
      start: () => ({ point: new Point() }),
      tick: (s) => void s.point.x++,
      save: (s) => ({ x: s.point.x }),
      restore: ({ x }) => ({ point: Object.assign(new Point(), { x }) }),
    })
    let micros = 0
    const { hand, drive } = byHand()
    const l = loop(solo(points, { clock: () => micros }), { drive, past: past() })
    for (; micros < 200_000; micros += 20_000) hand.frame()
    const { point } = l.at(4)
    expect(point).toBeInstanceOf(Point)
    expect(point.x).toBe(5)
  })
})

describe('who looks back', () => {
  test('sees the past standing still, while the timeline goes on', () => {
    const { l, link, frame, to, drawn } = looking()
    to(100)
    l.rewind(50)
    for (let i = 0; i < 10; i++) frame(TICK_MS)
    expect(link.state.ticks).toBe(111)
    expect(drawn.slice(-10).every(({ ticks, alpha }) => ticks === 51 && alpha === 1)).toBe(true)
    expect(l).toMatchObject({ isLive: false, showing: 50, speed: 0 })
    l.live()
    frame(TICK_MS)
    expect(drawn.at(-1)?.ticks).toBe(112)
    expect(l).toMatchObject({ isLive: true, showing: 111, speed: 1 })
  })

  test('goes back by ticks or seconds from what is shown, and no further than there is a past', () => {
    const { l, to } = looking()
    to(300)
    l.rewind({ ticks: 9 })
    expect(l.showing).toBe(290)
    l.rewind({ seconds: 2 })
    expect(l.showing).toBe(190)
    l.rewind({ seconds: 100 })
    expect(l.showing).toBe(-1)
    l.rewind(9_999)
    expect(l.showing).toBe(300)
    // Between two ticks nobody stands still.
    l.rewind(120.4)
    expect([l.showing, l.speed]).toEqual([120, 0])
    expect(codeOf(() => l.rewind({ seconds: Number.NaN }))).toMatch(/^bad_request/)
    expect(codeOf(() => l.play({ speed: Number.POSITIVE_INFINITY }))).toMatch(/^bad_request/)
  })

  test.each([0.25, 1, 2])('sees it move evenly at a speed of %d', (speed) => {
    const { l, frame, to, seen } = looking()
    to(500)
    l.rewind(100)
    frame()
    frame()
    l.play({ speed })
    frame()
    for (let i = 0; i < 100; i++) {
      const was = seen()
      frame(7)
      expect(seen() - was).toBeCloseTo((speed * 7) / TICK_MS, 1)
    }
    expect(seen()).toBeCloseTo(100 + (speed * 700) / TICK_MS, 1)
  })

  test('sees it run backwards to where it begins, and there it stands', () => {
    const { l, frame, to, seen } = looking()
    to(500)
    frame(10)
    l.play({ speed: -2 })
    frame()
    const was = seen()
    for (let i = 0; i < 50; i++) frame(16)
    expect(was - seen()).toBeCloseTo((2 * 800) / TICK_MS, 0)
    for (let i = 0; i < 400; i++) frame(16)
    expect(l.showing).toBe(-1)
    expect(l.isLive).toBe(false)
  })

  test('comes to the present without a jump when the past is played faster', () => {
    const { l, frame, to, seen } = looking()
    to(500)
    frame(10)
    l.rewind({ seconds: 1 })
    frame()
    l.play({ speed: 4 })
    let was = seen()
    for (let i = 0; i < 200; i++) {
      frame(5)
      expect(seen() - was).toBeGreaterThanOrEqual(0)
      expect(seen() - was).toBeLessThan(1.3)
      was = seen()
    }
    expect(l).toMatchObject({ isLive: true, speed: 1 })
  })

  test('falls behind slowly from the present, and nothing lies ahead of it', () => {
    const { l, frame, to, seen } = looking()
    to(500)
    for (let i = 0; i < 5; i++) frame(10)
    l.play({ speed: 4 })
    expect(l.isLive).toBe(true)
    l.play({ speed: 0.5 })
    const was = seen()
    for (let i = 0; i < 20; i++) frame(10)
    expect(seen() - was).toBeCloseTo(5, 0)
  })

  test('holds nothing, and is not asked what it holds', () => {
    const { l, link, source, frame, to, held } = looking()
    to(100)
    // What is held takes effect as the source lets it.
    const give = (): void => {
      for (const { id, payload } of source.emitted.splice(0))
        source.put({ tick: link.runner.tick + 1, id, payload, source: 1, number: 1, seq: 1 })
    }
    frame(TICK_MS)
    give()
    frame(TICK_MS)
    expect(link.state.held).toBe(3)
    l.rewind(50)
    const asked = held.length
    frame(TICK_MS)
    give()
    frame(TICK_MS)
    expect(held.length).toBe(asked)
    expect(link.state.held).toBe(0)
    l.live()
    frame(TICK_MS)
    give()
    frame(TICK_MS)
    expect(link.state.held).toBe(3)
  })

  test('is told who took part in what is shown', () => {
    const { l, link, source, frame, to } = looking()
    source.put(joinAt(30, 2), leaveAt(60, 2))
    to(100)
    l.rewind(40)
    frame()
    expect(l.players.map(({ id }) => id)).toEqual([1, 2])
    expect(link.players.map(({ id }) => id)).toEqual([1])
    l.live()
    expect(l.players).toEqual(link.players)
  })

  test('stays at the beginning of what is kept when that moves on', () => {
    const { l, frame, to } = looking({ minutes: 0.05 })
    to(200)
    l.rewind(l.range.from)
    for (let i = 0; i < 400; i++) frame(TICK_MS)
    expect(l.range.from).toBeGreaterThan(200)
    expect(l.showing).toBe(l.range.from)
    expect(l.at(l.showing).ticks).toBe(l.showing + 1)
  })

  test('sees nothing pass that nobody saw', () => {
    const { l, frame, to } = looking()
    to(1_000)
    l.rewind(100)
    frame()
    l.play({ speed: 1 })
    frame()
    frame(10_000)
    expect(l.showing).toBeLessThan(115)
  })
})

test('several at the same tick, held inputs and failures are had back as they were', () => {
  const source = new ScriptedSource(50)
  source.put(
    joinAt(0, 1),
    eventAt(5, INPUT_ID, 1, 7),
    eventAt(5, 1, 1, 1),
    eventAt(5, 1, 1, 4),
    eventAt(6, 3, 1),
  )
  const link = new SourceLink(walker, source)
  link.on('failure', () => undefined)
  const { hand, drive } = byHand()
  const l = loop(link, { drive, past: past() })
  source.advance(400)
  hand.frame()
  expect(l.at(4)).toMatchObject({ held: 0, v: 0, log: [] })
  expect(l.at(5)).toMatchObject({ held: 7, v: 4, log: ['5: 1 of 1', '5: 4 of 1'] })
  expect(l.at(6)).toMatchObject({ log: ['5: 1 of 1', '5: 4 of 1', 'before'] })
  expect(l.kept).toMatchObject({ events: 5 })
})

test('options that mean nothing are refused', () => {
  expect(codeOf(() => past({ minutes: 0 }))).toMatch(/^bad_request/)
  expect(codeOf(() => past({ minutes: Number.NaN }))).toMatch(/^bad_request/)
  expect(codeOf(() => past({ way: 1_001 }))).toMatch(/^bad_request/)
})
