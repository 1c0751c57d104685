import { describe, expect, test, vi } from 'vitest'
import { app } from '../../src/app/app.ts'
import { SametickError } from '../../src/app/errors.ts'
import { INPUT_ID } from '../../src/app/event.ts'
import { DRIVEN } from '../../src/app/link.ts'
import { loop } from '../../src/app/loop.ts'
import { type PastOptions, past } from '../../src/app/past.ts'
import { PastRecord } from '../../src/app/past-record.ts'
import { PastViewer } from '../../src/app/past-viewer.ts'
import { encodePayload } from '../../src/app/payload.ts'
import { Runner } from '../../src/app/runner.ts'
import { solo } from '../../src/app/solo.ts'
import { SourceLink } from '../../src/app/source-link.ts'
import { eventAt, joinAt, tickAt } from './inputs.ts'
import { byHand, lateLink, type Walker, walker, walkerInMemory } from './past-stage.ts'
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

describe('what is kept', () => {
  const recordOf = (ticksMax: number, of = walker) => {
    const runner = new Runner(of as typeof walker) as unknown as Runner
    const record = new PastRecord(runner, ticksMax, () => undefined)
    const run = (input: ReturnType<typeof tickAt>): void => {
      runner.take(input)
      record.took(input)
    }
    const to = (tick: number): void => {
      while (record.local < tick) run(tickAt(record.local + 1))
    }
    return { runner, record, run, to }
  }

  test('is as much as was asked for, and at most half as much again', () => {
    const { record, to } = recordOf(1_000)
    for (let tick = 2_000; tick < 12_000; tick++) {
      to(tick)
      expect(tick - record.from).toBeGreaterThanOrEqual(1_000)
      expect(tick - record.from).toBeLessThanOrEqual(1_502)
    }
  })

  test('grows with the logarithm, and so does what a rollback leaves', () => {
    const { record, runner, to } = recordOf(1e6)
    to(19_000)
    const then = runner.keep()
    to(20_000)
    expect(record.size.snapshots).toBeLessThan(2 * Math.log2(20_000) + 3)
    for (let i = 0; i < 50; i++) {
      runner.back(then)
      record.wentBack(19_000, 19_001)
      to(20_000)
    }
    expect(record.size.snapshots).toBeLessThan(2 * Math.log2(20_000) + 3)
  })

  test('is had back by at most 2n ticks and one restore, n ticks ago, wherever one looked before', () => {
    const { runner, record, to } = recordOf(1e6)
    const viewer = new PastViewer<Walker>(record, runner)
    let dearest = 0
    let state = 7
    const chance = (): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return state / 2 ** 32
    }
    for (let i = 0; i < 600; i++) {
      to(record.local + Math.floor(40 * chance()))
      const n = 1 + Math.floor(record.local * chance() ** 3)
      const tick = record.local + 1 - n
      const run = vi.spyOn(Runner.prototype, 'take')
      const restored = vi.spyOn(Runner.prototype, 'become')
      viewer.seek(tick)
      expect(run.mock.calls.length).toBeLessThanOrEqual(2 * n)
      expect(restored.mock.calls.length).toBeLessThanOrEqual(1)
      dearest = Math.max(dearest, run.mock.calls.length / n)
      vi.restoreAllMocks()
      expect(viewer.state.ticks).toBe(tick + 1)
    }
    expect(dearest).toBeGreaterThan(0.5)
  })

  test('is cheap to play backwards, however far it lies', () => {
    const { runner, record, to } = recordOf(1e6)
    to(60_000)
    const viewer = new PastViewer<Walker>(record, runner)
    viewer.seek(20_000)
    const run = vi.spyOn(Runner.prototype, 'take')
    for (let tick = 19_999; tick > 15_000; tick--) viewer.seek(tick)
    expect(run.mock.calls.length / 5_000).toBeLessThan(14)
    vi.restoreAllMocks()
  })

  test('is folded sooner when its events are too many', () => {
    const { record, run, runner } = recordOf(1e6)
    const payload = encodePayload('x'.repeat(60_000))
    for (let tick = 0; tick < 2_000; tick++) {
      run({ ...eventAt(tick, 1, 1), payload })
      run(tickAt(tick))
    }
    expect(record.size.eventBytes).toBeLessThan(20 * 1_048_576)
    expect(record.from).toBeGreaterThan(1_000)
    const viewer = new PastViewer<Walker>(record, runner)
    viewer.seek(record.from + 3)
    expect(viewer.state.ticks).toBe(record.from + 4)
  })

  test('allocates no snapshot of one buffer once there are as many as there will be', () => {
    const { runner, record, to } = recordOf(1_000, walkerInMemory as unknown as typeof walker)
    const seen = new Set<unknown>()
    for (let tick = 0; tick < 5_000; tick++) {
      to(tick)
      seen.add(record.at(tick).snapshot.memory?.bytes)
    }
    expect(seen.size).toBeLessThan(2 * Math.log2(1_500) + 6)
    expect(runner.tick).toBe(4_999)
  })
})

test('options that mean nothing are refused', () => {
  expect(codeOf(() => past({ minutes: 0 }))).toMatch(/^bad_request/)
  expect(codeOf(() => past({ minutes: Number.NaN }))).toMatch(/^bad_request/)
  expect(codeOf(() => past({ way: 1_001 }))).toMatch(/^bad_request/)
})
