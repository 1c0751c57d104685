import { ln } from '../random.ts'
import type { InstanceId, Micros } from '../timeline/tick.ts'

/** How long events of one source take to come here. */
interface Way {
  mean: Micros
  /** Mean deviation. */
  spread: Micros
  count: number
  heardAt: Micros
}

/** Each sample counts for one in so many. */
const MEMORY = 32
/** Before there are several samples, the deviation is taken for a sixteenth: what some hops with jitter have. */
const SPREAD_AT_FIRST = 1 / 16
/** And one sample does not change it by more than a quarter. */
const SPREAD_WEIGHT_MAX = 1 / 4
/** Deviations beyond the mean for a share of one in e: a tail between a normal one and an exponential one. */
const TAIL = 0.45

/**
 * How far ahead a peer has to stamp to be in time everywhere. What comes from somebody far takes as long as what
 * goes there: the clocks are set by half of the round trip, so whatever makes one way longer than the other is in
 * the clocks already. So the times that events and pulses of all others took to come here tell it.
 */
export class Reach {
  /** Of what is sent to the farthest peer, about this share may come late. */
  share: number
  private readonly ways = new Map<InstanceId, Way>()

  constructor(share: number) {
    this.share = share
  }

  /** Something of this source has come that it had sent before so long, by the time that both agree on. */
  took(now: Micros, source: InstanceId, taken: Micros): void {
    const way = this.ways.get(source)
    const sample = Math.max(0, taken)
    if (way === undefined) {
      this.ways.set(source, { mean: sample, spread: sample * SPREAD_AT_FIRST, count: 1, heardAt: now })
      return
    }
    way.count++
    way.heardAt = now
    const weight = Math.max(1 / MEMORY, 1 / way.count)
    const off = sample - way.mean
    way.mean += off * weight
    way.spread += (Math.abs(off) - way.spread) * Math.min(weight, SPREAD_WEIGHT_MAX)
  }

  /** Whether the time of this source and one's own were found to be one. */
  knows(source: InstanceId): boolean {
    return this.ways.has(source)
  }

  /** Whoever was not heard since then is not reckoned with. */
  forget(before: Micros): void {
    for (const [source, way] of this.ways) if (way.heardAt < before) this.ways.delete(source)
  }

  /** The time has jumped: what was held against it before says nothing. */
  reset(): void {
    this.ways.clear()
  }

  /** How many others were heard. */
  get size(): number {
    return this.ways.size
  }

  /** The time within which all but the share arrives at the farthest. */
  value(): Micros {
    const beyond = TAIL * -ln(this.share)
    let reach = 0
    for (const { mean, spread } of this.ways.values()) reach = Math.max(reach, mean + beyond * spread)
    return Math.ceil(reach)
  }
}
