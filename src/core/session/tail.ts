import { median } from '../median.ts'
import type { Micros } from '../timeline/tick.ts'

/**
 * How long something takes, and how rarely it takes longer: a mean and a mean deviation, and beyond the mean a
 * tail that halves again and again. Delays of real networks have such tails; a bounded one is only better.
 */
export class Tail {
  mean: Micros = 0
  /** Mean deviation. */
  spread: Micros = 0
  count = 0
  private readonly weight: number
  /** The first samples, of which nothing is settled before there are enough of them. */
  private first: Micros[] = []

  /** Each sample counts for one in `memory`. */
  constructor(memory: number) {
    this.weight = 1 / memory
  }

  add(taken: Micros): void {
    this.count++
    if (this.count > TRUSTED_FROM)
      return this.reckon(Math.min(taken, this.mean + FAR_OUT * this.scale()), this.count)
    this.first.push(taken)
    this.reckonFirst()
  }

  /** Of the first samples there are, which all came at one moment, the least counts: the others have waited. */
  lower(taken: Micros): void {
    if (taken >= this.mean) return
    this.first = [taken]
    this.reckonFirst()
  }

  /**
   * One that is far out counts as far out, no farther: a pause is no property of the way. Which of the first samples
   * are so the others tell, earlier and later ones: of two that are far apart the lesser counts, until there are more.
   */
  private reckonFirst(): void {
    const { first } = this
    const middle = median(first)
    const deviation = median(first.map((taken) => Math.abs(taken - middle)))
    const most = middle + FAR_OUT * Math.max(deviation, middle / UNKNOWN, SCALE_MIN)
    this.mean = 0
    first.forEach((taken, before) => {
      this.reckon(Math.min(taken, most), before + 1)
    })
  }

  /** `count`: how many samples there are with this one. */
  private reckon(sample: Micros, count: number): void {
    // Until the memory is full, the plain mean of all: the first samples do not weigh more than the later.
    const weight = Math.max(this.weight, 1 / count)
    const off = sample - this.mean
    this.mean += off * weight
    // Of a single sample it is not known how far the next will be: an eighth is better than nothing.
    if (count > 1) this.spread += (Math.abs(off) - this.spread) * weight
    else this.spread = sample / UNKNOWN
  }

  private scale(): Micros {
    return Math.max(this.spread, this.mean / 16, SCALE_MIN)
  }

  /** Take over what somebody else has measured. */
  set(mean: Micros, spread: Micros): void {
    this.mean = mean
    this.spread = spread
    this.count++
  }
}

/** So many samples are held against each other; each one later is held against those before it. */
export const TRUSTED_FROM = 4
/** The mean deviation of what was measured once, a part of the whole. */
const UNKNOWN = 8
/** Mean deviations beyond the mean at which a sample counts as far out: one in thousands. */
const FAR_OUT = 10
/** The mean deviation of an exponential distribution is 2/e of its mean. */
const SPREAD_TO_SCALE = 1.3591
const LN2 = Math.LN2

/** 1, a half, a quarter, and so on. */
const HALVES = Array.from({ length: 61 }, () => 1)
for (let i = 1; i < HALVES.length; i++) HALVES[i] = (HALVES[i - 1] as number) / 2

/** 2^-x for x >= 0, by exact operations alone: the same bits in every engine, to about five digits. */
const halved = (x: number): number => {
  const whole = Math.floor(x)
  const half = HALVES[whole]
  if (half === undefined) return 0
  const y = (x - whole) * LN2
  const part = 1 - y * (1 - (y / 2) * (1 - (y / 3) * (1 - (y / 4) * (1 - (y / 5) * (1 - y / 6)))))
  return part * half
}

/** The least length of a tail, so that a quiet line is not taken for one without any jitter. */
const SCALE_MIN: Micros = 100

/**
 * The patience that costs least. Waiting costs its own length; not having waited long enough costs `price` for
 * each of the tails that is longer. The sum is least where the price of the next microsecond of waiting equals
 * what it saves: where the sum over all tails of (chance to be longer / scale) is 1 / price.
 */
export const patience = (tails: readonly Tail[], price: Micros, most: Micros): Micros => {
  if (tails.length === 0) return 0
  let low = 0
  for (const tail of tails) low = Math.max(low, tail.mean)
  let high = most
  if (low >= high) return most
  while (high - low > 50) {
    const middle = (low + high) / 2
    if (price * density(tails, middle) > 1) low = middle
    else high = middle
  }
  return Math.min(most, Math.ceil(high))
}

const density = (tails: readonly Tail[], at: Micros): number => {
  let sum = 0
  for (const tail of tails) {
    const scale = Math.max(SCALE_MIN, tail.spread * SPREAD_TO_SCALE)
    const beyond = (at - tail.mean) / scale + 1
    // Beyond nine tenths of all the sum no longer changes: skip the far ones, which are most.
    if (beyond < 40) sum += halved(beyond / LN2) / scale
  }
  return sum
}
