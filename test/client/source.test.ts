import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SourceListener } from '../../src/app/source.ts'
import { PredictedSource } from '../../src/client/predicted-source.ts'
import { Seat } from '../../src/client/seat.ts'
import { SessionSource } from '../../src/client/source.ts'
import type { InstanceOptions } from '../../src/core/session/instance.ts'
import { encode, NO_LEASE } from '../../src/core/session/messages.ts'
import { PredictingInstance } from '../../src/core/session/predicting.ts'
import { dueAt, MILLISECOND, type Micros, NEVER, SECOND } from '../../src/core/timeline/tick.ts'
import { Alarms } from '../../src/driver/alarms.ts'
import type { Connection, Owner } from '../../src/transport/transport.ts'

/** A seat whose next input is set by hand. */
const seatWith = (instance: { next: number }): Seat =>
  ({
    now: () => 0,
    lookAgain: () => {},
    instance: {
      phase: 'running',
      catchingUp: false,
      nextFreeze: () => NEVER,
      nextInput: () => instance.next,
    },
  }) as unknown as Seat

test('after a freeze whoever waits is woken, though the next input is later than the one before it', () => {
  const instance = { next: 100 }
  const source = new SessionSource(25)
  let woken = 0
  const listener: SourceListener = {
    landed: () => {},
    denied: () => {},
    status: () => {},
    woken: () => {
      woken++
    },
  }
  source.sit(seatWith(instance))
  source.listen(listener)
  source.stirred()
  woken = 0
  // The input at 100 is taken, and then nothing may run: whoever waits has no moment to wait for.
  instance.next = NEVER
  // Something is heard, and the tick at 140 may run.
  instance.next = 140
  source.stirred()
  expect(woken).toBe(1)
})

const FPS = 100
const TICK = dueAt(1, FPS)

/** A source on a seat whose clock and timers go on by hand. */
const seated = <S extends SessionSource>(
  source: S,
  make?: (options: InstanceOptions) => PredictingInstance,
) => {
  let clock: Micros = SECOND
  let owner: Owner | undefined
  const connection: Connection = {
    ...{ kind: 'memory', remote: 'nobody', buffered: 0 },
    attach: (given) => {
      owner = given
    },
    send: () => true,
    close: () => {},
    destroy: () => {},
  }
  const options = { fps: FPS, app: 'a@1', ...(make && { make }) }
  source.sit(new Seat(connection, options, new Alarms(() => clock, NEVER), source))
  const told: string[] = []
  const nothing = () => {}
  source.listen({ landed: nothing, denied: nothing, woken: nothing, status: ({ phase }) => told.push(phase) })
  const hear = (...messages: Uint8Array[]): void => {
    for (const bytes of messages) owner?.message(bytes)
  }
  const pass = (time: Micros): void => {
    for (let ms = 0; ms < time / MILLISECOND; ms++) {
      clock += MILLISECOND
      vi.advanceTimersByTime(1)
    }
  }
  hear(encode.welcome(1, 7, FPS), encode.start(SECOND, 0))
  return { told, hear, pass, now: () => clock }
}

describe('a program that is behind', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('is frozen when it has taken all that may run, and not before', () => {
    const source = new SessionSource(FPS)
    const { told, hear, pass } = seated(source)
    hear(encode.grant(5, 0))
    pass(3 * TICK)
    for (let tick = 0; tick <= 2; tick++) expect(source.take()).toMatchObject({ tick })
    // Nothing is heard any more, and it stands at the end of its lease for long.
    pass(SECOND)
    for (let tick = 3; tick <= 5; tick++) {
      expect(told.at(-1)).toBe('running')
      expect(source.take()).toMatchObject({ tick })
      if (tick < 5) pass(2 * TICK)
    }
    pass(TICK)
    expect(told.at(-1)).toBe('frozen')
    hear(encode.grant(300, 0))
    expect(told.filter((phase) => phase !== 'catchingUp')).toEqual(['lobby', 'running', 'frozen', 'running'])
  })

  test('nor is one that predicts, before it has guessed as far as it may', () => {
    const source = new PredictedSource(FPS)
    const make = (options: InstanceOptions) =>
      new PredictingInstance({ ...options, ahead: 100 * MILLISECOND })
    const { told, hear, pass } = seated(source, make)
    hear(encode.grant(5, 0))
    pass(SECOND)
    const last = source.dueTick()
    expect(last).toBeGreaterThan(10)
    for (let tick = 0; tick <= last; tick++) {
      expect(told.at(-1)).toBe('running')
      expect(source.next()).toMatchObject({ tick })
      pass(TICK)
    }
    expect(told).toEqual(['lobby', 'running', 'frozen'])
    // What it runs again is nothing that waits to be run.
    source.rewind(3)
    hear(encode.beat(2 * SECOND, 0, 0, SECOND, 250 * MILLISECOND, NO_LEASE))
    expect(source.dueTick()).toBe(last)
    expect(told).toEqual(['lobby', 'running', 'frozen'])
  })
})
