import type { Micros } from '../timeline/tick.ts'

/** Samples that are held against each other: a minute's. */
const SAMPLES = 64
/** By how much two clocks may part in a microsecond: 200 ppm, which covers two quartz crystals at their worst. */
const DRIFT = 2e-4
/** No estimate is better than this: timers and rounding take as much. */
const ERROR_MIN: Micros = 20

/**
 * What a peer knows of a neighbour's clock and of the way there. A sample is a sync that echoes one of our own:
 * half its round trip is taken for the way back. One sample is wrong by half of what the two ways differ in, so
 * the mean counts, of those samples that are no worse than most: a long round trip says little, and so does one
 * of long ago.
 */
export class LinkClock {
  /** To be added to the own clock; the neighbour's is there. */
  offset: Micros = 0
  /** By about how much that is off. */
  error: Micros = Number.POSITIVE_INFINITY
  /** How long the way takes, one way. */
  delay: Micros = 0
  count = 0
  private guessed = Number.NEGATIVE_INFINITY
  private readonly offsets = new Float64Array(SAMPLES)
  private readonly trips = new Float64Array(SAMPLES)
  private readonly taken = new Float64Array(SAMPLES)

  /** A message left at this moment of the other clock. Until a sample tells more, its way is taken for nothing. */
  guess(now: Micros, clock: Micros): void {
    if (this.count > 0) return
    this.offset = Math.max(this.guessed, clock - now)
    this.guessed = this.offset
    this.error = 0
  }

  /** A sync came at `now` that had left at `clock`, and its round trip took so long. */
  sample(now: Micros, clock: Micros, trip: Micros): void {
    const at = this.count++ % SAMPLES
    this.offsets[at] = clock + Math.max(0, trip) / 2 - now
    this.trips[at] = Math.max(0, trip)
    this.taken[at] = now
    this.estimate(now, Math.min(this.count, SAMPLES))
  }

  private estimate(now: Micros, full: number): void {
    let [scores, trips] = [0, 0]
    for (let i = 0; i < full; i++) {
      scores += this.scoreOf(i, now)
      trips += this.trips[i] as number
    }
    const mean = trips / full
    const bar = scores / full + ERROR_MIN
    let [sum, used, spread] = [0, 0, 0]
    for (let i = 0; i < full; i++) {
      spread += Math.abs((this.trips[i] as number) - mean)
      if (this.scoreOf(i, now) > bar) continue
      sum += this.offsets[i] as number
      used++
    }
    this.offset = sum / used
    this.delay = Math.round(mean / 2)
    // Of few samples it is not known how far they lie apart: a tenth of the way is better than nothing.
    const apart = Math.max(spread / full, full < 4 ? mean / 10 : 0)
    this.error = Math.ceil(ERROR_MIN + apart / Math.sqrt(used))
  }

  private scoreOf(i: number, now: Micros): Micros {
    return (this.trips[i] as number) / 2 + (now - (this.taken[i] as number)) * DRIFT
  }
}
