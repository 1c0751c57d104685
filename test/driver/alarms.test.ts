import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MILLISECOND, type Micros, NEVER, SECOND } from '../../src/core/timeline/tick.ts'
import { Alarms } from '../../src/driver/alarms.ts'

/** The machine's clock, which also goes on while nobody looks at it. */
let clock: Micros = 0

const pass = (ms: number): void => {
  for (let i = 0; i < ms; i++) {
    clock += MILLISECOND
    vi.advanceTimersByTime(1)
  }
}

/** The process is stopped, or the machine sleeps: the clock goes on, and timers are late. */
const sleep = (time: Micros): void => {
  clock += time
}

class Bell {
  readonly rings: Micros[] = []
  wake(now: Micros): void {
    this.rings.push(now)
  }
}

beforeEach(() => {
  clock = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('alarms', () => {
  test('that nobody waits for keep no program from ending', () => {
    const alarms = new Alarms(() => clock)
    const [a, b] = [new Bell(), new Bell()]
    alarms.set(a, 30 * MILLISECOND)
    alarms.set(b, 20 * MILLISECOND)
    alarms.drop(a)
    expect(vi.getTimerCount()).toBe(1)
    alarms.drop(b)
    expect(vi.getTimerCount()).toBe(0)
    alarms.set(a, 30 * MILLISECOND)
    pass(30)
    expect([a.rings.length, b.rings.length]).toEqual([1, 0])
  })

  test('that are farther away than a timer can be go off at their moments all the same', () => {
    const DAY_MS = 24 * 3_600_000
    const asked = vi.spyOn(globalThis, 'setTimeout')
    const alarms = new Alarms(() => clock, NEVER)
    const bell = new Bell()
    alarms.set(bell, 40 * DAY_MS * MILLISECOND)
    expect(asked.mock.calls.map(([, ms]) => ms)).toEqual([2 ** 31 - 1])
    for (let days = 0; days < 40; days += 10) {
      expect(bell.rings).toEqual([])
      clock += 10 * DAY_MS * MILLISECOND
      vi.advanceTimersByTime(10 * DAY_MS)
    }
    expect(bell.rings).toEqual([clock])
  })

  test('go off at their moments, in their order, each once', () => {
    const alarms = new Alarms(() => clock)
    const bells = [new Bell(), new Bell(), new Bell()] as const
    const [a, b, c] = bells
    alarms.set(a, 30 * MILLISECOND)
    alarms.set(b, 10 * MILLISECOND)
    alarms.set(c, 20 * MILLISECOND)
    alarms.set(b, 40 * MILLISECOND)
    alarms.drop(c)
    pass(100)
    expect(bells.map((bell) => bell.rings)).toEqual([[30 * MILLISECOND], [40 * MILLISECOND], []])
  })

  test('count no time that was slept through', () => {
    const alarms = new Alarms(() => clock)
    const bell = new Bell()
    alarms.set(bell, 200 * MILLISECOND)
    pass(100)
    const before = alarms.now()
    sleep(3_600 * SECOND)
    expect(alarms.now()).toBe(before)
    pass(99)
    expect(bell.rings).toEqual([])
    pass(1)
    expect(bell.rings).toEqual([200 * MILLISECOND])
  })

  test('that come first after a sleep notice it as well', () => {
    const alarms = new Alarms(() => clock)
    const bell = new Bell()
    alarms.set(bell, 200 * MILLISECOND)
    pass(100)
    alarms.now()
    sleep(3_600 * SECOND)
    pass(100)
    expect(bell.rings).toEqual([])
    pass(100)
    expect(bell.rings).toEqual([200 * MILLISECOND])
  })

  test('count no time that was slept through while they rang', () => {
    const alarms = new Alarms(() => clock)
    const seen: Micros[] = []
    const bell = {
      wake: (now: Micros): void => {
        seen.push(now)
        sleep(3_600 * SECOND)
        seen.push(alarms.now())
      },
    }
    alarms.set(bell, 200 * MILLISECOND)
    pass(200)
    expect(seen).toEqual([200 * MILLISECOND, 200 * MILLISECOND])
  })

  test('take no long wait for a sleep, nor work that takes a while', () => {
    const alarms = new Alarms(() => clock)
    const bell = new Bell()
    alarms.set(bell, 60 * SECOND)
    pass(60_000)
    expect(bell.rings).toEqual([60 * SECOND])
    alarms.set(bell, 61 * SECOND)
    sleep(1_900 * MILLISECOND)
    expect(alarms.now()).toBe(61_900 * MILLISECOND)
  })

  test('that are held back go on with what comes about once a second, as it does to a page that nobody sees', () => {
    const alarms = new Alarms(() => clock)
    const bell = new Bell()
    alarms.set(bell, alarms.now() + 200 * MILLISECOND)
    const from = alarms.now()
    for (let i = 0; i < 20; i++) {
      sleep(1_300 * MILLISECOND)
      alarms.now()
    }
    expect(alarms.now() - from).toBe(26 * SECOND)
  })

  test('without a clock read between go on where time was last looked at, never back', () => {
    const alarms = new Alarms(() => clock)
    const bell = new Bell()
    alarms.set(bell, 500 * MILLISECOND)
    let last = alarms.now()
    for (let i = 0; i < 50; i++) {
      sleep((i % 7) * SECOND)
      pass(i)
      const now = alarms.now()
      expect(now).toBeGreaterThanOrEqual(last)
      last = now
    }
  })

  test('of one who makes something of his sleep himself count it', () => {
    const alarms = new Alarms(() => clock, NEVER)
    const bell = new Bell()
    alarms.set(bell, 200 * MILLISECOND)
    sleep(60 * SECOND)
    pass(201)
    expect(bell.rings[0]).toBeGreaterThan(60 * SECOND)
  })
})
