import type { Micros } from './tick.ts'

/** Ticks are at most a fifth shorter: 25 ms ticks every 20 ms. */
export const FASTEST = 1.25
/** And at most a fifth longer. */
export const SLOWEST = 1 / 1.2

/**
 * Where an instance stands on the timeline as its own clock goes on: a line, and for a while a line of another
 * slope while a distance to the reference is made good. It never jumps and never runs backward.
 */
export class Pacer {
  private clock: Micros = 0
  private from: Micros = 0
  private rate = 1
  private until: Micros = 0
  private stoppedAt: Micros | undefined = 0
  /** All time by which corrections have moved the position, either way. */
  corrected: Micros = 0

  /** Stand still at a position. */
  stop(now: Micros, position: Micros): void {
    if (this.stoppedAt === undefined) this.anchor(now, position)
    this.clock = now
    this.from = position
    this.rate = 1
    this.until = now
    this.stoppedAt = position
  }

  /** Go on from where it stands. */
  go(now: Micros): void {
    const position = this.position(now)
    this.stoppedAt = undefined
    this.anchor(now, position)
  }

  get stopped(): boolean {
    return this.stoppedAt !== undefined
  }

  /** Whether it runs at another rate than its clock. */
  correctingAt(now: Micros): boolean {
    return this.rate !== 1 && now < this.until
  }

  /** Where it stands, before any limit: whole microseconds. */
  position(now: Micros): Micros {
    if (this.stoppedAt !== undefined) return this.stoppedAt
    if (now >= this.until) {
      const turn = this.from + (this.until - this.clock) * this.rate
      return Math.floor(turn + (now - this.until))
    }
    return Math.floor(this.from + (now - this.clock) * this.rate)
  }

  /** When it will stand at a position that lies ahead, or stood at one behind since the last change. */
  clockAt(position: Micros): Micros {
    const turn = this.from + (this.until - this.clock) * this.rate
    if (position >= turn) return Math.ceil(this.until + (position - turn))
    return Math.ceil(this.clock + (position - this.from) / this.rate)
  }

  /** Move by a distance, smoothly: at most at the rates above, and gently over `over` when there is time. */
  correct(now: Micros, distance: Micros, over: Micros, fastest = FASTEST): void {
    const position = this.position(now)
    this.anchor(now, position)
    if (distance === 0 || this.stoppedAt !== undefined) return
    const gentle = 1 + distance / over
    const rate = Math.min(fastest, Math.max(SLOWEST, gentle))
    this.rate = rate
    this.until = now + Math.ceil(distance / (rate - 1))
  }

  /** Run everything up to a position at once: for one who is far behind what all others have run. */
  leap(now: Micros, position: Micros): void {
    this.anchor(now, Math.max(position, this.position(now)))
  }

  private anchor(now: Micros, position: Micros): void {
    const ran = Math.min(now, this.until) - this.clock
    if (this.rate !== 1 && ran > 0) this.corrected += Math.abs(ran * (this.rate - 1))
    this.clock = now
    this.from = position
    this.rate = 1
    this.until = now
    if (this.stoppedAt !== undefined) this.stoppedAt = position
  }
}
