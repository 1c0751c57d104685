import { MILLISECOND, type Micros } from '../timeline/tick.ts'

/** How many samples are held against each other. */
const SAMPLES = 8
/** By how much two clocks may part in a microsecond: 200 ppm, which covers two quartz crystals at their worst. */
const DRIFT = 2e-4
/** Two samples that are apart by so much more than they can be wrong are of different clocks. */
const ELSEWHERE: Micros = 100 * MILLISECOND

/**
 * What an instance knows of the sequencer's clock. A sample is a beat that echoes a pulse: half its round trip
 * is the most by which it can be wrong. The best of the last few counts: the one with the least round trip,
 * its age added at the rate at which two clocks may part.
 */
export class ClockEstimate {
  private readonly offsets = new Float64Array(SAMPLES)
  private readonly trips = new Float64Array(SAMPLES)
  private readonly taken = new Float64Array(SAMPLES)
  private count = 0
  private best = -1
  /** Where the sequencer last said the reference was, by its own clock. */
  private markClock: Micros = 0
  private mark: Micros = 0

  get known(): boolean {
    return this.count > 0
  }

  /** A message said: at this moment of the sequencer's clock the reference is here. */
  place(clock: Micros, reference: Micros): void {
    this.markClock = clock
    this.mark = reference
  }

  /**
   * A beat came at `now`; it left at `clock`, and its round trip took this long, beside being held there. While
   * it was held the clocks parted already: over a short way that can leave less than nothing of the trip, which
   * then tells how wrong it is, and no more.
   */
  sample(now: Micros, clock: Micros, trip: Micros, held: Micros): void {
    if (this.isElsewhere(now, clock, Math.abs(trip))) this.count = 0
    const at = this.count++ % SAMPLES
    this.offsets[at] = clock + Math.max(0, trip) / 2 - now
    this.trips[at] = Math.abs(trip)
    this.taken[at] = now - held
    this.best = -1
    let least = Number.POSITIVE_INFINITY
    const full = Math.min(this.count, SAMPLES)
    for (let i = 0; i < full; i++) {
      const error = this.errorOf(i, now)
      if (error < least) {
        least = error
        this.best = i
      }
    }
  }

  /**
   * Whether this sample and the best one cannot both be right: one of the two clocks was put elsewhere, as when
   * its machine has slept. What is known is then from before.
   */
  private isElsewhere(now: Micros, clock: Micros, trip: Micros): boolean {
    if (!this.known) return false
    const apart = Math.abs(clock + trip / 2 - now - (this.offsets[this.best] as number))
    return apart > ELSEWHERE + trip / 2 + this.errorOf(this.best, now)
  }

  /** Without any sample, the way down is taken for nothing: right until the first beat tells better. */
  guess(now: Micros, clock: Micros): void {
    if (this.known) return
    this.offsets[0] = clock - now
    this.trips[0] = 0
    this.taken[0] = now
    this.best = 0
  }

  /** Where the reference is, as far as is known here. */
  reference(now: Micros): Micros {
    if (this.best < 0) return this.mark
    return Math.round(this.mark + now + (this.offsets[this.best] as number) - this.markClock)
  }

  /** By how much that can be wrong. */
  error(now: Micros): Micros {
    return this.known && this.best >= 0 ? Math.ceil(this.errorOf(this.best, now)) : Number.POSITIVE_INFINITY
  }

  private errorOf(i: number, now: Micros): Micros {
    return (this.trips[i] as number) / 2 + (now - (this.taken[i] as number)) * DRIFT
  }
}
