import { type Micros, SECOND } from '../core/timeline/tick.ts'

/** Whole microseconds on a clock that only goes forward. */
export const now = (): Micros => Math.floor(performance.now() * 1_000)

/**
 * A timer that is later than this was not held up by other work: the process was stopped, or the machine slept.
 * Pages that nobody sees have late timers too, but there messages come meanwhile, and read the clock: at least
 * once a second where nothing happens, and somewhat later where they are late.
 */
export const ASLEEP: Micros = 3 * SECOND

/**
 * A clock by which time that was slept through is none: after it nobody is taken for silent who could not be
 * heard, and what would have been due meanwhile does not all fall due at once.
 */
export class WakingClock {
  private readonly clock: () => Micros
  private readonly asleepMin: Micros
  /** When the clock was last read, and what of it was slept through. */
  private readAt: Micros = 0
  private asleep: Micros = 0

  constructor(clock: () => Micros = now, asleepMin: Micros = ASLEEP) {
    this.clock = clock
    this.asleepMin = asleepMin
  }

  /** Its time, when a timer should have gone off at that moment. Called whenever there is anything to do. */
  read(timerAt: Micros): Micros {
    const clock = this.clock()
    const late = clock - Math.max(this.readAt, timerAt + this.asleep)
    // Nobody knows when the sleep began: time goes on from when it was last looked at.
    if (late > this.asleepMin) this.asleep += clock - this.readAt
    this.readAt = clock
    return clock - this.asleep
  }
}
