import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../src/core/limits.ts'
import { ClockEstimate } from '../../../src/core/session/clock.ts'
import { Ledger } from '../../../src/core/session/ledger.ts'
import { decode, encode } from '../../../src/core/session/messages.ts'
import { Reckoning } from '../../../src/core/session/reckoning.ts'
import { type Discipline, Sequencer } from '../../../src/core/session/sequencer.ts'
import { MILLISECOND, type Micros, SECOND } from '../../../src/core/timeline/tick.ts'
import { EMPTY } from '../../../src/core/wire/bytes.ts'

const FPS = 25
/** Everybody may run two seconds. */
const FARTHEST: Micros = 2 * SECOND

const reckoningAt = (now: Micros): Reckoning => {
  const ledger = new Ledger()
  ledger.floor = 2 * FPS - 1
  const reckoning = new Reckoning(ledger, { epoch: 1 }, LIMITS)
  reckoning.fps = FPS
  reckoning.set(0, 0)
  reckoning.awake(now, false)
  return reckoning
}

describe('after a pause of the sequencer the reference', () => {
  test('goes on with the clock, if everybody could go on', () => {
    const reckoning = reckoningAt(SECOND)
    reckoning.awake(1_900 * MILLISECOND, true)
    expect(reckoning.reference(1_900 * MILLISECOND)).toBe(1_900 * MILLISECOND)
  })

  test('is where it was, if nobody could, until somebody is heard who has gone on', () => {
    const reckoning = reckoningAt(SECOND)
    const woken = 3_600 * SECOND
    reckoning.awake(woken, true)
    expect(reckoning.reference(woken)).toBe(SECOND)
    // Everything has slept: they are where they were.
    reckoning.heard(woken, 900 * MILLISECOND)
    expect(reckoning.reference(woken)).toBe(SECOND)
    // They have run to the end of their leases, and no farther.
    reckoning.heard(woken, FARTHEST)
    expect(reckoning.reference(woken)).toBe(FARTHEST)
  })

  test('follows nobody beyond where he could have run, nor later than he would be heard', () => {
    const reckoning = reckoningAt(SECOND)
    const woken = 10 * SECOND
    reckoning.awake(woken, true)
    reckoning.heard(woken + 100 * MILLISECOND, 9 * SECOND)
    expect(reckoning.reference(woken + 100 * MILLISECOND)).toBe(FARTHEST + 100 * MILLISECOND)
    reckoning.heard(woken + 5 * SECOND, 100 * SECOND)
    expect(reckoning.reference(woken + 5 * SECOND)).toBe(FARTHEST + 5 * SECOND)
  })
})

describe("what an instance knows of the sequencer's clock", () => {
  const settled = (): ClockEstimate => {
    const clock = new ClockEstimate()
    for (let i = 0; i < 8; i++) clock.sample(i * SECOND, i * SECOND + 70 * SECOND, 2 * MILLISECOND, 0)
    return clock
  }

  test('begins anew with the first sample that cannot be right beside the others', () => {
    const clock = settled()
    // One of the two has slept for a minute. Its first sample has a long way, and tells more than the best before.
    clock.sample(10 * SECOND, 20 * SECOND, 30 * MILLISECOND, 0)
    clock.place(20 * SECOND, 5 * SECOND)
    expect(Math.abs(clock.reference(10 * SECOND) - 5 * SECOND)).toBeLessThanOrEqual(15 * MILLISECOND)
    expect(clock.error(10 * SECOND)).toBeLessThanOrEqual(15 * MILLISECOND)
  })

  test('is not given up for a sample that is poor, and may be right', () => {
    const clock = settled()
    clock.sample(10 * SECOND, 80 * SECOND - 400 * MILLISECOND, SECOND, 0)
    expect(clock.error(10 * SECOND)).toBeLessThan(3 * MILLISECOND)
  })
})

describe('a member that was silent for nearly too long when the sequencer was held up', () => {
  const READ: Micros = 20 * MILLISECOND

  /** It was silent for so long before, and the timer comes first after the pause: when it is given up, if it is. */
  const givenUp = (silentFor: Micros, saysAfter: Micros): Micros | undefined => {
    const sequencer = new Sequencer({ epoch: 7, fps: FPS, app: 'a', instances: 1, discipline: 'horizon' })
    sequencer.receive(0, 1, encode.hello(FPS, 'a', '', 1, EMPTY))
    let now: Micros = 0
    for (;;) {
      const next = sequencer.nextWake()
      if (next > silentFor) break
      now = next
      sequencer.wake(now)
    }
    sequencer.nextWake()
    const woken = now + 5 * SECOND
    let isHeard = false
    for (now = woken; now < woken + 2 * LIMITS.silence_max; now = sequencer.nextWake()) {
      if (!isHeard && now >= woken + saysAfter) {
        isHeard = true
        sequencer.receive(now, 1, encode.pulse(1, 0, 0, -1, 0, 500, 10, 0))
      }
      sequencer.wake(now)
      for (const happening of sequencer.happenings()) if (happening.kind === 'gone') return now - woken
    }
    return undefined
  }

  test('is heard first, if something of it waits to be read', () => {
    // Heard as soon as the timer has rung, so to say: then it is silent for as long again, and a beat.
    expect(givenUp(LIMITS.silence_max - 10 * MILLISECOND, MILLISECOND)).toBeGreaterThan(LIMITS.silence_max)
  })

  test('is given up if nothing does', () => {
    const after = givenUp(LIMITS.silence_max - 10 * MILLISECOND, Number.POSITIVE_INFINITY)
    expect(after).toBeGreaterThanOrEqual(READ)
    expect(after).toBeLessThan(2 * SECOND)
  })
})

describe('a sequencer that is held up again and again, and one of two is silent from five seconds on', () => {
  const HELD_UP: Micros = 120 * MILLISECOND
  const SILENT_FROM: Micros = 5 * SECOND
  const [LIVE, DEAD] = [1, 2]

  /** Held up so often: when each is given up, and when the silent one gets its last long lease. */
  const story = (discipline: Discipline, every: Micros) => {
    const sequencer = new Sequencer({ epoch: 7, fps: FPS, app: 'a', instances: 2, discipline })
    const gone = new Map<number, Micros>()
    let leasedAt: Micros = 0
    let beats: { readonly link: number; readonly clock: Micros }[] = []
    const look = (at: Micros): void => {
      for (const happening of sequencer.happenings())
        if (happening.kind === 'gone') gone.set(happening.id, at)
      for (const { to, bytes } of sequencer.outgoing()) {
        const message = decode(bytes)
        if (typeof message === 'string' || message.kind !== 'beat') continue
        beats.push({ link: to, clock: message.clock })
        if (to === DEAD && message.lease >= 0) leasedAt = at
      }
    }
    const hear = (at: Micros, link: number, bytes: Uint8Array): void => {
      sequencer.receive(at, link, bytes)
      look(at)
    }
    for (const link of [LIVE, DEAD]) hear(link, link, encode.hello(FPS, 'a', '', 2, EMPTY))
    let heldUpAt: Micros = 0
    for (let now: Micros = 10; now < 60 * SECOND; ) {
      now = Math.max(now, sequencer.nextWake())
      if (now - heldUpAt >= every) {
        now += HELD_UP
        heldUpAt = now
      }
      sequencer.wake(now)
      look(now)
      // A millisecond later all are heard that live.
      now += MILLISECOND
      const answered = beats.filter(({ link }) => link === LIVE || now < SILENT_FROM)
      beats = []
      for (const { link, clock } of answered) hear(now, link, encode.pulse(now, clock, 0, -1, 0, 500, 10, 0))
    }
    return { gone, leasedAt }
  }

  const silentFor = ({ gone }: ReturnType<typeof story>): number =>
    ((gone.get(DEAD) ?? Number.POSITIVE_INFINITY) - SILENT_FROM) / SECOND

  test.each<Discipline>(['gals', 'horizon', 'auto'])(
    'gives that one up and nobody else, in %s',
    (discipline) => {
      const most = LIMITS.silence_max / SECOND
      for (const every of [0, 0.2 * SECOND, SECOND, 5 * SECOND]) {
        const told = story(discipline, every)
        expect([...told.gone.keys()]).toEqual([DEAD])
        expect(silentFor(told)).toBeGreaterThan(most - 1)
        expect(silentFor(told)).toBeLessThan(1.5 * most)
      }
    },
  )

  test('gives that one no long lease again', () => {
    const { leasedAt } = story('gals', SECOND)
    expect(leasedAt).toBeGreaterThan(SILENT_FROM - SECOND)
    expect(leasedAt).toBeLessThan(SILENT_FROM + 2 * SECOND)
  })
})
