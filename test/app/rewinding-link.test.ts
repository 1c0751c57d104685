import { describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import type { Frame } from '../../src/app/drive.ts'
import { event } from '../../src/app/event.ts'
import { DRIVEN } from '../../src/app/link.ts'
import { loop } from '../../src/app/loop.ts'
import { encodePayload } from '../../src/app/payload.ts'
import { RewindingLink, type RewindingSource } from '../../src/app/rewinding-link.ts'
import type { SourceListener } from '../../src/app/source.ts'
import { EventSet } from '../../src/core/peer/eventset.ts'
import { ANY_SLOT, askedPayload, joinPayload } from '../../src/core/session/membership.ts'
import { type Input, RESERVED, TICK } from '../../src/core/timeline/event.ts'
import { NEVER } from '../../src/core/timeline/tick.ts'
import { EMPTY } from '../../src/core/wire/bytes.ts'

const FPS = 50
const ME = 7

/** A source that is given events by hand, whenever the test likes. */
class Late implements RewindingSource {
  readonly fps = FPS
  readonly me = ME
  readonly settling = 10
  tick = -1
  finished = 0
  private readonly set = new EventSet()
  private local = -1
  private changed = NEVER
  private numbers = new Map<number, number>()

  put(stamp: number, id: number, payload: Uint8Array, source = ME): void {
    const number = (this.numbers.get(source) ?? 0) + 1
    this.numbers.set(source, number)
    this.set.add({ seq: 0, stamp, source, number, lead: 0, id, payload })
    if (stamp <= this.local) this.changed = Math.min(this.changed, stamp)
  }

  join(stamp: number, member = ME): void {
    this.put(stamp, RESERVED.join, joinPayload({ member, slot: ANY_SLOT, data: EMPTY }), member)
  }

  takeChange(): number {
    const { changed } = this
    this.changed = NEVER
    return changed
  }

  rewind(tick: number): void {
    this.local = tick
    this.set.seek(tick + 1)
  }

  next(): Input {
    const tick = this.local + 1
    const found = this.set.next(tick)
    if (found) {
      const { id, source, number, payload } = found
      return { tick, id, source, number, seq: 0, payload }
    }
    this.local = tick
    return { tick, id: TICK, source: 0, number: 0, seq: 0, payload: EMPTY }
  }

  take = () => undefined
  now = () => (this.tick * 1e6) / FPS
  position = () => ((this.tick + 0.5) * 1e6) / FPS
  dueTick = () => this.tick
  nextInput = () => NEVER
  emit = () => 1
  ask = () => undefined
  leave = () => undefined
  finish = () => {
    this.finished++
  }
  stats = () => ({})
  listen(_listener: SourceListener): void {}
}

const score = app({
  id: 'score@1',
  fps: FPS,
  events: { add: event<number>(1), bad: event(2) },
  start: () => ({ sum: 0, at: [] as number[], ticks: 0, seats: [] as number[], chance: 0 }),
  on: {
    add(s, e, t) {
      s.sum = s.sum * 3 + e.payload
      s.at.push(t.tick)
      s.chance = t.random()
      t.effect('plus', e.payload)
    },
    bad() {
      throw new Error('no')
    },
    join(s, e) {
      s.seats.push(e.player.slot)
    },
  },
  tick(s) {
    s.ticks++
  },
})

const stage = (what = score) => {
  const source = new Late()
  source.join(0)
  const link = new RewindingLink(what, source)
  const driven = link[DRIVEN]
  const to = (tick: number): void => {
    source.tick = tick
    while (driven.run());
  }
  const add = (stamp: number, value: number): void => source.put(stamp, 1, encodePayload(value))
  return { source, link, driven, to, add }
}

describe('an event that comes late', () => {
  test('is applied where it belongs, and the state is as if it had come in time', () => {
    const [late, early] = [stage(), stage()]
    for (const [stamp, value] of [
      [5, 1],
      [9, 2],
      [7, 3],
    ] as const)
      early.add(stamp, value)
    early.to(30)
    late.add(5, 1)
    late.to(8)
    late.add(9, 2)
    late.to(20)
    late.add(7, 3)
    late.to(30)
    expect(late.link.state).toEqual(early.link.state)
    expect(late.link.state.at).toEqual([5, 7, 9])
    expect(late.link.runner.digest()).toBe(early.link.runner.digest())
    expect(late.link.stats()).toMatchObject({ rollbacks: 1, travelled: 14, tick: 30 })
  })

  test('waits for the next tick, so that several are one rollback', () => {
    const { add, to, driven, link } = stage()
    to(20)
    add(5, 1)
    add(9, 2)
    expect(driven.run()).toBe(false)
    expect(link.state.at).toEqual([])
    to(21)
    expect(link.state.at).toEqual([5, 9])
    expect(link.stats()).toMatchObject({ rollbacks: 1 })
  })

  test('is told as a rollback: from which tick on, and up to where', () => {
    const { add, to, link } = stage()
    const told: unknown[] = []
    const silence = link.on('rollback', (rollback) => told.push(rollback))
    add(3, 1)
    to(20)
    add(9, 2)
    add(5, 1)
    to(30)
    silence()
    add(7, 3)
    to(31)
    expect(told).toEqual([{ tick: 5, top: 20 }])
  })

  test('is heard and seen once, whatever is rolled back', () => {
    const { add, to, driven } = stage()
    const told: unknown[] = []
    const hear = () => told.push(...driven.takeEffects().map(({ tick, data }) => `${tick}: ${data}`))
    add(5, 1)
    to(10)
    hear()
    add(4, 2)
    to(11)
    hear()
    add(3, 2)
    to(40)
    hear()
    expect(told).toEqual(['5: 1', '4: 2', '3: 2'])
  })

  test('is drawn after the way back, and never on it', () => {
    const { source, link, add, to } = stage()
    to(1_000)
    add(10, 4)
    source.tick = 1_001
    let frame: Frame | undefined
    const drawn: [number, number, number][] = []
    let clock = 0
    // Every look at the clock takes a while: a frame has time for a part of the way only.
    source.now = () => {
      clock += 2_000
      return clock
    }
    loop(link, {
      render: (s, v) => drawn.push([s.ticks, s.sum, v.before.ticks]),
      drive: (f) => {
        frame = f
        return { stop: () => undefined }
      },
    })
    frame?.()
    expect(link[DRIVEN].travels()).toBe(true)
    expect(drawn).toEqual([])
    for (let i = 0; i < 100; i++) frame?.()
    expect(drawn[0]?.slice(0, 2)).toEqual([1_002, 4])
    // From the first time that it is asked for, the tick before is there as well.
    source.tick = 1_002
    add(900, 5)
    for (let i = 0; i < 100; i++) frame?.()
    expect(drawn.at(-1)).toEqual([1_003, 17, 1_002])
  })
})

test('the seats of members are found where they join, in the order of the timeline', () => {
  const { source, link, to } = stage()
  source.join(9, 3)
  to(20)
  expect(link.players.map(({ id, slot }) => [id, slot])).toEqual([
    [7, 0],
    [3, 1],
  ])
  source.join(5, 4)
  to(21)
  expect(link.players.map(({ id, slot }) => [id, slot])).toEqual([
    [7, 0],
    [4, 1],
    [3, 2],
  ])
})

test('among peers the first on the timeline play, and who turns out to have come later looks on', async () => {
  const { source, link, add, to } = stage({ ...score, players: { ...score.players, max: 1 } })
  add(3, 5)
  to(20)
  expect(link.state.sum).toBe(5)
  expect(await Promise.race([link.emit('add', 1).landed, 'sent'])).toBe('sent')
  source.join(0, 4)
  to(21)
  expect(link.players.map(({ id }) => id)).toEqual([4])
  expect(link.state).toMatchObject({ sum: 0, seats: [0] })
  expect(await link.emit('add', 1).landed).toMatchObject({ ok: false, error: { code: 'session_full' } })
})

test('a handler that throws is told once, however often its tick is run', () => {
  const { source, link, add, to } = stage()
  const told: string[] = []
  link.on('failure', ({ event, tick }) => told.push(`${event} ${tick}`))
  source.put(5, 2, encodePayload(undefined))
  to(10)
  add(4, 1)
  to(20)
  expect(told).toEqual(['bad 5'])
  expect(link.state.sum).toBe(1)
})

test('the end is undone by what was before it, and holds when nothing can come any more', () => {
  const { source, link, add, to } = stage()
  source.put(20, RESERVED.end, askedPayload({ by: ME, data: encodePayload('over') }))
  to(25)
  expect(link.status.phase).toBe('running')
  add(15, 9)
  to(29)
  expect(link.state.sum).toBe(9)
  expect(link.state.ticks).toBe(21)
  to(31)
  expect(link.status).toMatchObject({ phase: 'ended', why: 'end', result: 'over' })
  expect(source.finished).toBe(1)
})

test('who reads ticks for itself gets each of them once', () => {
  const { source, link, add } = stage()
  add(3, 1)
  source.tick = 5
  expect(link.poll().map(({ tick }) => tick)).toEqual([0, 1, 2, 3, 4, 5])
  add(2, 7)
  source.tick = 7
  const ticks = link.poll()
  expect(ticks.map(({ tick }) => tick)).toEqual([6, 7])
  expect(link.state.at).toEqual([2, 3])
})

test('a link that is driven after it was read keeps nothing for a reader', async () => {
  const source = new Late()
  source.join(0)
  const link = new RewindingLink(score, source)
  source.tick = 40
  let read = 0
  for await (const _ of link) if (++read === 5) break
  const { unread } = link as unknown as { unread: readonly unknown[] }
  source.tick = 400
  while (link[DRIVEN].run());
  expect(unread).toHaveLength(0)
  // Who reads again goes on from where it is.
  source.tick = 401
  const next = await link.inputs().next()
  expect(next.value).toMatchObject({ name: 'tick', tick: 401 })
})
