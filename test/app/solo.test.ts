import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { app } from '../../src/app/app.ts'
import { SametickError } from '../../src/app/errors.ts'
import { event } from '../../src/app/event.ts'
import type { Failure } from '../../src/app/failure.ts'
import { DRIVEN, type Receipt, type Status } from '../../src/app/link.ts'
import { solo } from '../../src/app/solo.ts'

const tally = app({
  id: 'tally@1',
  fps: 100,
  events: {
    add: event<number>(1, (n) => typeof n === 'number' && n < 100),
    boom: event(2),
    quit: event(3),
  },
  start: () => ({ sum: 0, ticks: 0, told: [] as string[] }),
  on: {
    add(s, e) {
      s.sum += e.payload
    },
    boom() {
      throw new Error('boom')
    },
    quit: (s, _, t) => t.end(s.sum),
    join: (s, e) => void s.told.push(`join ${e.player.data}`),
    pause: (s, e) => void s.told.push(`pause by ${e.player?.id} for ${e.data}`),
    resume: (s) => void s.told.push('resume'),
  },
  tick(s) {
    s.ticks++
  },
})

/** A link whose clock stands still until it is moved. */
const still = (options: Parameters<typeof solo>[1] = {}) => {
  let micros = 7_000_000
  const link = solo(tally, { ...options, clock: () => micros })
  const advance = (ms: number) => {
    micros += Math.round(ms * 1000)
  }
  return { link, advance }
}

describe('one instance without a network', () => {
  test('runs the ticks that are due, no sooner', () => {
    const { link, advance } = still()
    expect(link.poll().map(({ tick, now }) => [tick, now])).toEqual([[0, 0]])
    advance(9.9)
    expect(link.poll()).toEqual([])
    advance(0.1)
    expect(link.poll().map(({ tick, now }) => [tick, now])).toEqual([[1, 10]])
    advance(30)
    expect(link.poll().map(({ tick }) => tick)).toEqual([2, 3, 4])
    expect(link.state.ticks).toBe(5)
  })

  test('has one player from tick 0 on, with its data', () => {
    const { link } = still({ data: 'ann' })
    expect(link.me).toBe(1)
    const [first] = link.poll()
    expect(first?.inputs).toMatchObject([{ name: 'join', player: { id: 1, slot: 0, data: 'ann' } }])
    expect(link.players).toEqual([{ id: 1, slot: 0, data: 'ann', here: true }])
    expect(link.state.told).toEqual(['join ann'])
  })

  test('runs an event in the next tick, and says in which', async () => {
    const { link, advance } = still()
    link.poll()
    const receipt = link.emit('add', 3)
    expect(link.state.sum).toBe(0)
    advance(10)
    const [tick] = link.poll()
    expect(tick).toMatchObject({ tick: 1, inputs: [{ name: 'add', payload: 3, player: { id: 1 }, id: 1 }] })
    expect(link.state.sum).toBe(3)
    expect(await receipt.landed).toEqual({ ok: true, tick: 1 })
    expect(await receipt.landed).toEqual({ ok: true, tick: 1 })
  })

  test('refuses in the receipt what the check refuses, and sends nothing', async () => {
    const { link, advance } = still()
    const landing = await link.emit('add', 1000).landed
    expect(landing).toMatchObject({ ok: false, error: { code: 'check_failed' } })
    advance(50)
    link.poll()
    expect(link.stats()).toMatchObject({ events: 0, voided: 0 })
  })

  test('takes a check that throws for one that refuses', async () => {
    const picky = app({
      id: 'p@1',
      fps: 10,
      events: { go: event<{ n: number }>(1, (p) => (p as { n: { deep: number } }).n.deep > 0) },
      start: () => ({}),
    })
    const landing = await solo(picky).emit('go', null as never).landed
    expect(landing).toMatchObject({ ok: false, error: { code: 'check_failed' } })
  })

  test('throws at once for what no program should ask for', () => {
    const { link } = still()
    const emit = link.emit as (name: unknown, payload?: unknown) => Receipt
    expect(() => emit.call(link, 'toString')).toThrow("'toString' is none of add, boom, quit.")
    expect(() => emit.call(link, 1, 2)).toThrow("'1' is none of")
    expect(() => emit.call(link, 'add', () => 0)).toThrow('is a function')
  })

  test('that is asked for too much at once says so, and that it may be tried again', async () => {
    const { link } = still()
    const receipts = Array.from({ length: 300 }, () => link.emit('add', 1))
    const last = await receipts.at(-1)?.landed
    expect(last).toMatchObject({ ok: false, error: { code: 'busy', retry: true } })
    link.poll()
    expect(link.state.sum).toBeLessThan(300)
    expect(await receipts[0]?.landed).toEqual({ ok: true, tick: 0 })
  })

  test('pauses and resumes in the timeline; ticks go on', () => {
    const { link, advance } = still()
    link.pause('tea')
    link.resume()
    advance(20)
    const ticks = link.poll()
    expect(link.state.told).toEqual(['join undefined', 'pause by 1 for tea', 'resume'])
    expect(ticks[0]?.inputs.map((input) => input.name)).toEqual(['join', 'pause', 'resume'])
    expect(ticks).toHaveLength(3)
  })

  test('ends at the tick in which the application ends it, and hands over what it gave', () => {
    const { link, advance } = still()
    const heard: Status[] = []
    link.on('status', (status) => heard.push(status))
    link.emit('add', 5)
    link.emit('quit')
    advance(100)
    expect(link.poll().map(({ tick }) => tick)).toEqual([0])
    const end = { phase: 'ended', why: 'end', hint: '', result: 5 }
    expect(link.status).toEqual(end)
    expect(heard).toEqual([end])
    expect(link.poll()).toEqual([])
  })

  test('that was left runs no more, and settles what was on its way', async () => {
    const { link, advance } = still()
    const receipt = link.emit('add', 1)
    link.leave()
    link.leave()
    advance(100)
    expect(link.poll()).toEqual([])
    expect(link.status).toEqual({ phase: 'ended', why: 'left', hint: '' })
    expect(await receipt.landed).toMatchObject({ ok: false, error: { code: 'session_ended' } })
    expect(await link.emit('add', 1).landed).toMatchObject({ ok: false, error: { code: 'session_ended' } })
    expect(() => link.pause()).not.toThrow()
  })

  test('lets time stand still while nobody runs it: no burst of ticks follows', () => {
    const { link, advance } = still()
    link.poll()
    advance(60_000)
    expect(link.poll().length).toBeLessThanOrEqual(26)
    expect(link.stats().skippedMicros).toBeGreaterThan(59_000_000)
    advance(10)
    expect(link.poll()).toHaveLength(1)
  })

  test('tells a listener of a handler that threw, and throws where there is none', () => {
    const { link, advance } = still()
    link.emit('boom')
    expect(() => link.poll()).toThrow(/on\.boom at tick 0 threw Error: boom\. State: {sum: 0/)
    const heard: Failure[] = []
    const unhear = link.on('failure', (failure) => heard.push(failure))
    link.emit('boom')
    advance(10)
    link.poll()
    expect(heard).toMatchObject([{ code: 'handler_threw', tick: 1, event: 'boom' }])
    expect(link.stats().failed).toBe(2)
    unhear()
    link.emit('boom')
    advance(10)
    expect(() => link.poll()).toThrow('boom')
  })

  test('watches for clocks and chance inside of steps, unless told otherwise', () => {
    const gambler = app({
      id: 'g@1',
      fps: 10,
      start: () => ({ n: 0 }),
      tick(s) {
        s.n = Math.random()
      },
    })
    expect(() => solo(gambler).poll()).toThrow(
      'Math.random inside a step: every instance draws something else. Use t.random().',
    )
    expect(() => solo(gambler, { guard: false, trial: false }).poll()).not.toThrow()
  })

  test('names a state that cannot be rolled back before it begins, unless told otherwise', () => {
    const dated = app({ id: 'd@1', fps: 10, start: () => ({ at: new Map([['x', [() => 0]]]) }) })
    expect(() => solo(dated)).toThrow('state.at.get("x")[0] is a function')
    expect(() => solo(dated)).toThrow(SametickError)
    expect(() => solo(dated, { trial: false })).not.toThrow()
  })

  test('may be nothing but a timeline with events by their ids', async () => {
    const bare = app({ id: 'b@1', fps: 10, start: () => ({}) })
    const link = solo(bare)
    const receipt = link.emit(7, { a: 1 })
    expect(link.poll()[0]?.inputs.at(-1)).toMatchObject({ id: 7, name: undefined, payload: { a: 1 } })
    expect(await receipt.landed).toEqual({ ok: true, tick: 0 })
  })
})

describe('a link', () => {
  test('has one reader', async () => {
    const { link } = still()
    link.poll()
    link.poll()
    expect(() => link[DRIVEN].claim('loop()')).toThrow(
      'poll() reads it: loop() would take inputs away from it.',
    )
    await expect(link[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'link_driven' })
    const other = still().link
    const release = other[DRIVEN].claim('loop()')
    expect(() => other.poll()).toThrow('loop() reads it')
    release()
    expect(() => other.poll()).not.toThrow()
  })
})

describe('for await', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('gives every input when it is due, events before their tick, and nothing in between', async () => {
    const link = solo(tally)
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const input of link) {
        seen.push(`${input.tick} ${input.now} ${input.name} ${input.payload ?? ''}`.trim())
        if (input.name === 'tick' && input.tick === 1) link.emit('add', 4)
        if (input.name === 'tick' && input.tick === 3) break
      }
    })()
    await vi.advanceTimersByTimeAsync(15)
    expect(seen).toEqual(['0 0 join', '0 0 tick', '1 10 tick'])
    await vi.advanceTimersByTimeAsync(30)
    await reading
    expect(seen.slice(3)).toEqual(['2 20 add 4', '2 20 tick', '3 30 tick'])
    expect(link.poll().map(({ tick }) => tick)).toEqual([4])
  })

  test('ends when the link ends, at once, and leaves no timer behind', async () => {
    const link = solo(tally)
    let count = 0
    const reading = (async () => {
      for await (const _ of link) count++
    })()
    await vi.advanceTimersByTimeAsync(5)
    link.leave()
    await reading
    expect(count).toBe(2)
    expect(vi.getTimerCount()).toBe(0)
  })
})
