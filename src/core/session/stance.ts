import { Pacer } from '../timeline/pacer.ts'
import { dueAt, MILLISECOND, type Micros, NEVER, SECOND, type Tick } from '../timeline/tick.ts'
import type { ClockEstimate } from './clock.ts'

export interface InstanceStats {
  /** Ticks that were begun in a freeze. */
  frozenTicks: number
  frozenMicros: Micros
  /** Time by which the pace was corrected, either way. */
  correctedMicros: Micros
  /** Time that was run through at once, far behind the others. */
  leaptMicros: Micros
}

/** Further behind a granted timeline than this, an instance runs unthrottled. */
export const CATCH_UP: Micros = 250 * MILLISECOND
/** Distances below this are left alone: nobody sees them, and each correction is felt. */
const CLOSE_ENOUGH: Micros = 1 * MILLISECOND
/** A distance is made good over this time, unless the greatest rates take longer. */
const GENTLY: Micros = 400 * MILLISECOND

/**
 * Where an instance stands on the timeline: it goes on with its own clock, closes in on the reference, and
 * freezes where the first tick is due that it may not run.
 */
export class Stance {
  readonly stats: InstanceStats = { frozenTicks: 0, frozenMicros: 0, correctedMicros: 0, leaptMicros: 0 }
  private readonly fps: number
  private readonly clock: Pick<ClockEstimate, 'reference'>
  private readonly pacer = new Pacer()
  private running = false
  /** The position at which it freezes. */
  private cap: Micros = 0
  private frozenSince: Micros = NEVER
  private leaping = false

  constructor(fps: number, clock: Pick<ClockEstimate, 'reference'>) {
    this.fps = fps
    this.clock = clock
  }

  /** Before tick 0 there is a little time, so that all start at one moment. */
  start(now: Micros): void {
    this.running = true
    this.pacer.stop(now, Math.min(0, this.clock.reference(now)))
    this.pacer.go(now)
    this.settle(now)
    this.approach(now)
  }

  /** The ticks up to here are due, as far as they may run. */
  position(now: Micros): Micros {
    return Math.min(this.pacer.position(now), this.cap)
  }

  /**
   * Where it counts as being for a round: one that is far behind will be with the others by the time it is over,
   * and does not stop for it on its way.
   */
  headedFor(now: Micros): Micros {
    const here = this.position(now)
    const reference = this.clock.reference(now)
    return reference - here > CATCH_UP ? reference : here
  }

  /**
   * When it will stand at a position, or stood there; NEVER for one that it does not come to before its limit rises.
   * What it had come to when it froze was due then, whoever has not taken it yet: after the last tick of a session
   * nothing else would ever say so (P7).
   */
  clockAt(position: Micros): Micros {
    if (!this.running) return NEVER
    if (!this.isFrozen()) return this.pacer.clockAt(position)
    return position <= this.cap ? this.frozenSince : NEVER
  }

  frozen(now: Micros): boolean {
    return this.running && this.pacer.position(now) >= this.cap
  }

  isFrozen(): boolean {
    return this.frozenSince !== NEVER
  }

  /** When it will freeze, or froze, unless the limit rises before. */
  nextFreeze(): Micros {
    if (!this.running) return NEVER
    return this.isFrozen() ? this.frozenSince : this.pacer.clockAt(this.cap)
  }

  correcting(now: Micros): boolean {
    return this.leaping || this.pacer.correctingAt(now)
  }

  get catchingUp(): boolean {
    return this.leaping
  }

  /** Bring the state up to a moment: past the limit, it has stood still since. */
  settle(now: Micros): void {
    if (!this.running) return
    if (this.leaping) this.leap(now)
    if (this.isFrozen() || this.pacer.position(now) < this.cap) return
    this.frozenSince = Math.min(now, this.pacer.clockAt(this.cap))
    this.pacer.stop(this.frozenSince, this.cap)
  }

  /** The highest tick that may run has changed: freeze where that now says, or go on. */
  limit(now: Micros, limit: Tick): void {
    this.cap = dueAt(limit + 1, this.fps)
    if (!this.isFrozen()) this.settle(now)
    else if (this.pacer.position(now) < this.cap) this.thaw(now)
  }

  private thaw(now: Micros): void {
    const frozen = now - this.frozenSince
    this.frozenSince = NEVER
    this.stats.frozenMicros += frozen
    this.stats.frozenTicks += Math.ceil((frozen * this.fps) / SECOND)
    this.pacer.go(now)
    this.approach(now)
  }

  /** Close in on the reference: smoothly, or at once when far behind what all others have run. */
  approach(now: Micros): void {
    if (this.isFrozen() || !this.running) return
    const distance = this.clock.reference(now) - this.pacer.position(now)
    if (distance > CATCH_UP) this.leaping = true
    else {
      const close = Math.abs(distance) <= CLOSE_ENOUGH
      // P9: a correction that an older, worse estimate began does not run on past the reference.
      if (!close || this.pacer.correctingAt(now)) this.pacer.correct(now, close ? 0 : distance, GENTLY)
    }
    this.stats.correctedMicros = this.pacer.corrected
    this.settle(now)
  }

  private leap(now: Micros): void {
    const here = this.pacer.position(now)
    const reference = this.clock.reference(now)
    const there = Math.min(reference, this.cap)
    if (there > here) {
      this.stats.leaptMicros += there - here
      this.pacer.leap(now, there)
    }
    if (reference <= this.cap) this.leaping = false
  }
}
