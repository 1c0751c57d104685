import { Random } from '../core/random.ts'
import { MILLISECOND, SECOND } from '../core/timeline/tick.ts'
import { now } from '../driver/clock.ts'
import { Impairment } from '../transport/impaired.ts'
import { PacedClock } from './paced-clock.ts'

/** What the sliders of an instance set. */
export interface Conditions {
  /** One way. */
  readonly delay_ms: number
  /** Added to the delay: exponential, with this mean. */
  readonly jitter_ms: number
  readonly loss_percent: number
  /** By how much its clock is too fast. */
  readonly clock_percent: number
}

export const CLEAR: Conditions = { delay_ms: 0, jitter_ms: 0, loss_percent: 0, clock_percent: 0 }

/** Where an instance runs: its clock, and the network between it and the sequencer. */
export class Place {
  readonly clock = new PacedClock(now)
  /** All connections from here go through it. */
  readonly network = new Impairment(new Random(Math.floor(Math.random() * 2 ** 52)))
  /** Nothing that runs here gets any time, as after SIGSTOP. Its clock goes on. */
  isStopped = false
  private current: Conditions = CLEAR

  constructor(conditions: Conditions = CLEAR) {
    this.change(conditions)
  }

  get conditions(): Conditions {
    return this.current
  }

  change(part: Partial<Conditions>): void {
    this.current = { ...this.current, ...part }
    const { delay_ms, jitter_ms, loss_percent, clock_percent } = this.current
    this.network.change({
      base: delay_ms * MILLISECOND,
      jitter: jitter_ms * MILLISECOND,
      loss: loss_percent / 100,
    })
    const rate = 1 + clock_percent / 100
    if (rate !== this.clock.rate) this.clock.setRate(rate)
  }

  /** How long a message from or to here is on its way, as a rule. */
  get usual_ms(): number {
    return this.current.delay_ms + this.current.jitter_ms
  }

  /** Ticks that its clock has counted since a moment of its own. */
  ticksSince(moment: number, fps: number): number {
    return Math.floor(((this.clock.now() - moment) * fps) / SECOND)
  }
}
