import { median } from '../median.ts'
import { MILLISECOND, type Micros } from '../timeline/tick.ts'

/** So many samples count: enough for a tail to be known, few enough for a way that has become longer to be believed. */
const MEMORY = 48
/** What comes within this was held up together. Beats leave a quarter of a second apart, or more. */
const TOGETHER: Micros = 10 * MILLISECOND
/** What is farther from the median than so many median deviations does not count: of exponential delays one in hundreds. */
const FAR_OUT = 10
/** The least deviation that is reckoned with there: a part of the whole, and a time. */
const PART = 32
const LEAST: Micros = 100
/** What is reckoned with before anything is known counts for so many samples. */
const BEFORE = 2

/**
 * Round trips, of which some say nothing of the way: a page was loading, a process stood still, something was sent
 * again. Which these are the others tell, earlier and later ones, as soon as they are as many. So the very first may
 * be one of them, and is found out by the second.
 */
export class Trips {
  mean: Micros = 0
  /** Mean deviation. */
  spread: Micros = 0
  least: Micros = 0
  /** The last of them, in order. */
  private readonly last: Micros[] = []
  private at: Micros = Number.NEGATIVE_INFINITY

  add(now: Micros, taken: Micros): void {
    const { last } = this
    const before = now - this.at < TOGETHER ? last.pop() : undefined
    // Of what was held up together the last waited least.
    last.push(before === undefined ? taken : Math.min(before, taken))
    if (last.length > MEMORY) last.shift()
    this.at = now
    this.reckon()
  }

  private reckon(): void {
    const middle = median(this.last)
    const deviation = median(this.last.map((trip) => Math.abs(trip - middle)))
    const most = middle + FAR_OUT * Math.max(deviation, middle / PART, LEAST)
    const kept = this.last.filter((trip) => trip <= most)
    const mean = kept.reduce((sum, trip) => sum + trip, 0) / kept.length
    this.mean = mean
    this.least = Math.min(...kept)
    // A few samples say little of how far the next will be. Until there are more an eighth counts as well.
    const off = kept.reduce((sum, trip) => sum + Math.abs(trip - mean), 0)
    this.spread = (off + (BEFORE * mean) / 8) / (kept.length - 1 + BEFORE)
  }
}
