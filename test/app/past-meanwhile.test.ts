import { describe, expect, test } from 'vitest'
import { DRIVEN } from '../../src/app/link.ts'
import { loop } from '../../src/app/loop.ts'
import { type PastOptions, past } from '../../src/app/past.ts'
import { encodePayload } from '../../src/app/payload.ts'
import { solo } from '../../src/app/solo.ts'
import { eventAt } from './inputs.ts'
import { looking, TICK_MS } from './past-looking.ts'
import { byHand, lateLink, walker } from './past-stage.ts'

describe('effects', () => {
  const heard = (options: PastOptions) => {
    const told: string[] = []
    const { l, source, frame, to } = looking(options, {
      effects: (name, data) => told.push(`${name} ${data}`),
    })
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
    const { source, ...rest } = looking()
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
    const { l, link, source } = looking()
    l.stop()
    const { hand, drive } = byHand()
    const next = loop(link, { drive, past: past() })
    l.stop()
    source.micros = 50 * TICK_MS * 1_000
    for (let i = 0; i < 60; i++) hand.frame()
    expect(next.range.to).toBe(50)
  })

  test('or was stopped shows nothing any more', () => {
    const { l, hand, drawn, to } = looking()
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
