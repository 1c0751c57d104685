import { describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { SametickError } from '../../src/app/errors.ts'
import { INPUT_ID } from '../../src/app/event.ts'
import { DRIVEN } from '../../src/app/link.ts'
import { loop } from '../../src/app/loop.ts'
import { type PastOptions, past } from '../../src/app/past.ts'
import { encodePayload } from '../../src/app/payload.ts'
import { solo } from '../../src/app/solo.ts'
import { SourceLink } from '../../src/app/source-link.ts'
import { eventAt, joinAt, leaveAt } from './inputs.ts'
import { byHand, lateLink, type Walker, walker } from './past-stage.ts'
import { ScriptedSource } from './scripted.ts'

const TICK_MS = 20

/** A walker in lockstep who goes off at tick 10, and a loop that says what it draws. */
const stage = (options: PastOptions = {}, more: { effects?: (name: string, data: unknown) => void } = {}) => {
  const source = new ScriptedSource(walker.fps)
  source.put(joinAt(0, 1), eventAt(10, 1, 1, 2))
  const link = new SourceLink(walker, source)
  const { hand, drive } = byHand()
  const drawn: { ticks: number; x: number; before: number; alpha: number }[] = []
  const held: number[] = []
  const l = loop(link, {
    drive,
    past: past(options),
    input: () => {
      held.push(link.runner.tick)
      return 3
    },
    render: (s: Walker, { before, alpha }) =>
      void drawn.push({ ticks: s.ticks, x: s.x, before: before.x, alpha: Math.round(alpha * 1000) / 1000 }),
    ...more,
  })
  const frame = (ms = 0): void => {
    source.advance(ms)
    hand.frame()
  }
  const to = (tick: number): void => {
    source.micros = (tick * 1e6) / walker.fps
    while (link.runner.tick < tick) hand.frame()
  }
  /** Where the picture is, in ticks: the walker walks by 2 in each from tick 10 on. */
  const seen = (): number => {
    const { x, before, alpha } = drawn.at(-1) as (typeof drawn)[number]
    return 9 + (before + (x - before) * alpha) / 2
  }
  return { source, link, l, hand, drawn, held, frame, to, seen }
}

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof SametickError ? `${error.code}: ${error.message}` : String(error)
  }
  return 'nothing'
}

describe('at', () => {
  test('gives the state after a tick, from the one before the first to the present', () => {
    const { l, link, to } = stage()
    to(100)
    expect(l.range).toEqual({ from: -1, to: 100 })
    expect(l.at(-1)).toEqual(walker.start(undefined as never))
    expect(l.at(9)).toMatchObject({ ticks: 10, x: 0, log: [] })
    expect(l.at(10)).toMatchObject({ ticks: 11, x: 2, log: ['10: 2 of 1'] })
    expect(l.at(100)).toEqual(link.state)
  })

  test('gives a copy, which is of nobody else', () => {
    const { l, link, to } = stage()
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
    const { l, to } = stage({ minutes: 0.1 })
    to(2_000)
    const { from } = l.range
    expect(from).toBeGreaterThan(1_500)
    for (const tick of [from - 1, 2_001, 1_900.5, Number.NaN])
      expect(codeOf(() => l.at(tick))).toBe(
        `not_kept: Tick ${tick} cannot be had. There are ticks ${from} to 2000; past({ minutes }) keeps more.`,
      )
  })

  test('moves nothing that is shown', () => {
    const { l, frame, to, drawn } = stage()
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
    const { l, link, frame, to, drawn } = stage()
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
    const { l, to } = stage()
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
    const { l, frame, to, seen } = stage()
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
    const { l, frame, to, seen } = stage()
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
    const { l, frame, to, seen } = stage()
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
    const { l, frame, to, seen } = stage()
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
    const { l, link, source, frame, to, held } = stage()
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
    const { l, link, source, frame, to } = stage()
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
    const { l, frame, to } = stage({ minutes: 0.05 })
    to(200)
    l.rewind(l.range.from)
    for (let i = 0; i < 400; i++) frame(TICK_MS)
    expect(l.range.from).toBeGreaterThan(200)
    expect(l.showing).toBe(l.range.from)
    expect(l.at(l.showing).ticks).toBe(l.showing + 1)
  })

  test('sees nothing pass that nobody saw', () => {
    const { l, frame, to } = stage()
    to(1_000)
    l.rewind(100)
    frame()
    l.play({ speed: 1 })
    frame()
    frame(10_000)
    expect(l.showing).toBeLessThan(115)
  })
})

describe('effects', () => {
  const heard = (options: PastOptions) => {
    const told: string[] = []
    const { l, source, frame, to } = stage(options, { effects: (name, data) => told.push(`${name} ${data}`) })
    to(100)
    expect(told.splice(0)).toEqual(['steered 10'])
    l.rewind(5)
    frame()
    frame()
    source.put(eventAt(103, 1, 1, 2))
    l.play({ speed: 1 })
    for (let i = 0; i < 20; i++) frame(TICK_MS)
    return told
  }

  test('are those of the present, wherever one looks', () => {
    expect(heard({})).toEqual(['steered 103'])
  })

  test('are those of what is played, if one asks for it', () => {
    expect(heard({ effects: true })).toEqual(['steered 10'])
  })

  /** Plays from tick 290 of a past of 400 ticks in which something happens at 300. */
  const played = (looksBefore: () => boolean) => {
    const { source, link } = lateLink()
    const { hand, drive } = byHand()
    const told: string[] = []
    const l = loop(link, {
      drive,
      past: past({ effects: true }),
      effects: (name, data) => void told.push(`${name} ${data}`),
      render: (_, view) => void (looksBefore() && view.before),
    })
    source.put(300, 1, encodePayload(5))
    source.micros = 400 * TICK_MS * 1_000
    for (let i = 0; i < 30; i++) hand.frame()
    told.length = 0
    l.rewind(290)
    hand.frame()
    const frames = (count: number): void => {
      for (let i = 0; i < count; i++) {
        source.micros += TICK_MS * 1_000
        hand.frame()
      }
    }
    l.play({ speed: 1 })
    return { l, source, told, frames }
  }

  test('of what is played are heard once, also when it changes under the feet of who plays it', () => {
    const { l, source, told, frames } = played(() => false)
    frames(20)
    expect(told).toEqual(['steered 300'])
    source.put(l.showing - 5, 1, encodePayload(2))
    source.put(l.showing + 8, 1, encodePayload(1))
    frames(20)
    expect(told).toEqual(['steered 300', `steered ${l.showing - 20 + 8}`])
    l.rewind(295)
    frames(2)
    l.play({ speed: 1 })
    frames(10)
    // Played once more it is as it has become.
    expect(told.slice(2)).toEqual(['steered 300', 'steered 305'])
  })

  test('of what is played are heard once, whenever somebody begins to draw between ticks', () => {
    let looks = false
    const { told, frames } = played(() => looks)
    frames(20)
    looks = true
    frames(20)
    expect(told).toEqual(['steered 300'])
  })
})

describe('what is over', () => {
  const over = () => {
    const { source, ...rest } = stage()
    source.put(eventAt(50, 2, 1))
    source.micros = 1_100_000
    for (let i = 0; i < 3; i++) rest.hand.frame()
    return { source, ...rest }
  }

  test('can still be looked at, and takes no frames when nobody does', async () => {
    const { l, link, hand, drawn, frame } = over()
    expect(await l.ended).toMatchObject({ phase: 'ended', why: 'end' })
    expect(hand).toMatchObject({ stopped: 1, begun: 1 })
    l.rewind(20)
    expect(hand.begun).toBe(2)
    frame()
    expect(drawn.at(-1)).toMatchObject({ ticks: 21 })
    l.play({ speed: 4 })
    for (let i = 0; i < 40; i++) frame(TICK_MS)
    expect(l.isLive).toBe(true)
    expect(drawn.at(-1)?.ticks).toBe(link.state.ticks)
    expect(hand.stopped).toBe(2)
    expect(l.at(20).ticks).toBe(21)
  })

  test('and is looked at when it is stopped shows nothing any more', () => {
    const { l, hand, drawn } = over()
    l.rewind(20)
    hand.frame()
    const frames = drawn.length
    l.stop()
    expect(hand.stopped).toBe(2)
    expect(hand.frame()).toBe(Number.POSITIVE_INFINITY)
    expect(drawn.length).toBe(frames)
  })

  test('or was stopped, and stopped again, takes nothing from another loop of the same link', () => {
    const { l, link, source } = stage()
    l.stop()
    const { hand, drive } = byHand()
    const next = loop(link, { drive, past: past() })
    l.stop()
    source.micros = 50 * TICK_MS * 1_000
    for (let i = 0; i < 60; i++) hand.frame()
    expect(next.range.to).toBe(50)
  })

  test('or was stopped shows nothing any more', () => {
    const { l, hand, drawn, to } = stage()
    to(50)
    l.rewind(20)
    l.stop()
    const frames = drawn.length
    l.rewind(10)
    expect(hand.frame()).toBe(Number.POSITIVE_INFINITY)
    expect(drawn.length).toBe(frames)
    expect(l.isLive).toBe(true)
    expect(hand.stopped).toBe(1)
    expect(l.at(20).ticks).toBe(21)
  })
})

test('a link that runs every tick twice has a past like any other', () => {
  let micros = 0
  const { hand, drive } = byHand()
  const link = solo(walker, { clock: () => micros, twice: true })
  const l = loop(link, { drive, past: past() })
  for (; micros < 400_000; micros += 20_000) {
    if (micros === 100_000) link.emit('steer', 3)
    hand.frame()
  }
  expect(l.at(5)).toMatchObject({ x: 3, log: ['5: 3 of 1'] })
  expect(l.at(l.range.to)).toEqual(link.state)
})

describe('a rollback under the feet of who looks', () => {
  test('corrects what is shown, without a frame on the way', () => {
    const { source, link } = lateLink()
    const { hand, drive } = byHand()
    const drawn: string[] = []
    const l = loop(link, { drive, past: past(), render: (s) => void drawn.push(`${s.ticks} ${s.x}`) })
    source.micros = 400 * 20_000
    for (let i = 0; i < 30; i++) hand.frame()
    l.rewind(300)
    hand.frame()
    expect(drawn.at(-1)).toBe('301 0')
    source.put(290, 1, encodePayload(5))
    source.micros += 20_000
    // A frame has time for a part of the way only.
    source.look = 3_000
    const frames = drawn.length
    hand.frame()
    expect(link[DRIVEN].travels()).toBe(true)
    expect(new Set(drawn.slice(frames))).toEqual(new Set([]))
    source.look = 0
    hand.frame()
    expect(drawn.at(-1)).toBe('301 55')
    expect(l.at(301).x).toBe(60)
  })

  test('leaves alone what lies before it', () => {
    const { source, link } = lateLink()
    const { hand, drive } = byHand()
    const drawn: string[] = []
    const l = loop(link, { drive, past: past(), render: (s) => void drawn.push(`${s.ticks} ${s.x}`) })
    source.micros = 400 * 20_000
    hand.frame()
    l.rewind(100)
    hand.frame()
    source.put(390, 1, encodePayload(5))
    source.micros += 20_000
    source.look = 3_000
    hand.frame()
    hand.frame()
    expect(drawn.slice(-2)).toEqual(['101 0', '101 0'])
  })

  test('that cuts off what was only guessed leaves one where the past ends', () => {
    const { source, link } = lateLink()
    const { hand, drive } = byHand()
    const drawn: number[] = []
    const l = loop(link, { drive, past: past(), render: (s) => void drawn.push(s.ticks) })
    source.micros = 400 * 20_000
    hand.frame()
    l.rewind(399)
    hand.frame()
    ;(link as unknown as { machine: { cut(tick: number): void } }).machine.cut(380)
    source.micros = 380 * 20_000
    hand.frame()
    expect(l.range.to).toBe(380)
    expect(drawn.at(-1)).toBe(381)
    expect(l.showing).toBe(380)
  })

  test('to before the past was kept makes it begin earlier', () => {
    const { source, link } = lateLink()
    source.micros = 100 * 20_000
    while (link[DRIVEN].run());
    const { hand, drive } = byHand()
    const l = loop(link, { drive, past: past() })
    expect(l.range).toEqual({ from: 100, to: 100 })
    source.micros += 20_000
    source.put(60, 1, encodePayload(1))
    hand.frame()
    expect(l.range.from).toBeLessThan(60)
    expect(l.at(60).x).toBe(1)
    expect(l.at(101).x).toBe(42)
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
