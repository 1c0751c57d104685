import type { Micros } from '../core/timeline/tick.ts'
import type { Clock } from '../driver/clock.ts'

/** A clock that goes faster or slower than another, by a rate that can change while it goes. It never jumps. */
export class PacedClock {
  rate = 1
  private readonly clock: Clock
  private since: Micros
  private from: Micros

  constructor(clock: Clock) {
    this.clock = clock
    this.since = clock()
    this.from = this.since
  }

  readonly now: Clock = () => Math.floor(this.from + (this.clock() - this.since) * this.rate)

  setRate(rate: number): void {
    this.from = this.now()
    this.since = this.clock()
    this.rate = rate
  }
}
