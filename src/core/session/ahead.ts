import { type Micros, SECOND } from '../timeline/tick.ts'
import { Trips } from './trips.ts'

/** In mean deviations: what a way up takes beyond the mean of what both ways take, once in some hundreds. */
const TAIL = 4
/** Of how many grants the earliest counts, roughly. */
const GRANTS = 64
/** One own event in so many may come too late for its tick: more would be seen, fewer would cost all others' rollbacks. */
const RARELY = 500
/** Beyond what was measured no more is added, however late events come. */
const EXTRA_MAX: Micros = SECOND

/**
 * How far ahead of the reference one must run so that an event which is applied at once can still be stamped with
 * the tick at which it was: its way up, and how long before a tick is due nobody can have an event in it any more.
 */
export class Ahead {
  private lead: Micros = 0
  private readonly trip = new Trips()
  /** What experience adds to that, or takes away from it. */
  private extra: Micros = 0

  /** A grant left so long before its tick was due. An event must come before the earliest of them. */
  granted(lead: Micros): void {
    this.lead = lead > this.lead ? lead : this.lead + (lead - this.lead) / GRANTS
  }

  /** Something came back after so long. */
  returned(now: Micros, trip: Micros): void {
    this.trip.add(now, Math.max(0, trip))
  }

  /** An own event has its stamp, so much later than was asked for: it should happen rarely, and not never. */
  landed(late: Micros, tick: Micros): void {
    const step = late > 0 ? Math.min(late, tick) : -tick / RARELY
    this.extra = Math.min(EXTRA_MAX, Math.max(-this.jitter, this.extra + step))
  }

  /** The best sample says how far apart the clocks are: half of it, whatever its two ways are. */
  private get way(): Micros {
    return this.trip.least / 2
  }

  /** By how much longer than the best one a way up may take. */
  private get jitter(): Micros {
    return this.trip.mean - this.trip.least + TAIL * this.trip.spread
  }

  get micros(): Micros {
    const lead = this.lead > 0 ? this.lead : this.trip.mean / 2 + this.trip.spread
    return Math.round(lead + this.way + this.jitter + this.extra)
  }
}
