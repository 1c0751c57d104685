import { median } from '../median.ts'
import { MILLISECOND, type Micros, SECOND } from '../timeline/tick.ts'
import { DATAGRAM_BYTES_MAX } from './datagram.ts'
import type { ChannelLimits } from './limits.ts'
import type { News } from './pieces.ts'

/** Timers are no finer than this. */
const GRAIN: Micros = 2 * MILLISECOND
/** So many samples are held against each other, each later one against those before it. */
const TRUSTED_FROM = 4
/** Deviations beyond the mean at which a sample is far out. */
const FAR_OUT = 8
/** What is sent again is no sign of a full path while it stays below this share: radio loses as much. */
const LOSS_SHARE = 0.1
const CUT = 0.7
/** A piece that left this many datagrams before one that has arrived, and has not, is lost. */
const APART = 3
/** The same in time, as a share of the round trip: at first, and at most on a path that reorders. */
const SHARE_MIN = 1 / 4
const SHARE_MAX = 1
/** Datagrams by which the window grows in a round trip, once it has been cut. */
const GROWTH = 4

/**
 * What one end knows about the way to the other: how long it is (the round trip), how much may be on it (the
 * window) and how fast that may leave (a bucket of bytes that fills at the path's rate).
 */
export class Path {
  private readonly limits: ChannelLimits
  /** The smoothed round trip; undefined before the first sample. */
  roundTrip: Micros | undefined
  private deviation: Micros = 0
  private readonly first: Micros[] = []
  /** Bytes that may be on their way. */
  window: number
  private grows = true
  /** Whether the window held anything back since it was last looked at. */
  isFull = false
  private roundEnd = 0
  private arrived = 0
  private lost = 0
  private late = 0
  private share = SHARE_MIN
  private tokens: number
  private tokensAt: Micros

  constructor(now: Micros, limits: ChannelLimits) {
    this.limits = limits
    this.window = limits.window_bytes_start
    this.tokens = limits.burst_bytes
    this.tokensAt = now
  }

  /**
   * Far out counts as far out, no farther: what waited for a process that stood still is no property of the path,
   * and who believed it would not ask for seconds after a lost datagram. Which of the first samples are so the others
   * tell, earlier and later ones.
   */
  sample(roundTrip: Micros): void {
    if (roundTrip < 0) return
    const { first } = this
    if (first.length < TRUSTED_FROM) {
      first.push(roundTrip)
      const middle = median(first)
      // The fewer there are, the less is known of how far apart they are.
      const apart = median(first.map((sample) => Math.abs(sample - middle)))
      const deviation = Math.max(apart, middle / first.length)
      this.roundTrip = middle
      // After a single sample it is half of that.
      this.deviation = middle / 1.5
      for (const sample of first) this.reckon(sample, middle, deviation)
    } else this.reckon(roundTrip, this.roundTrip as Micros, this.deviation)
  }

  private reckon(sample: Micros, middle: Micros, deviation: Micros): void {
    const most = middle + FAR_OUT * Math.max(deviation, middle / 16, GRAIN)
    const roundTrip = this.roundTrip as Micros
    const off = Math.min(sample, most) - roundTrip
    this.deviation += (Math.abs(off) - this.deviation) / 4
    this.roundTrip = roundTrip + off / 8
  }

  /** How long an answer takes at most, if nothing is lost and the other end does not wait with it. */
  get patience(): Micros {
    if (this.roundTrip === undefined) return this.limits.probe_first
    return this.roundTrip + Math.max(4 * this.deviation, GRAIN)
  }

  /** How much earlier than one that has arrived a datagram must have left to be taken for lost. */
  get reordering(): Micros {
    return Math.max((this.roundTrip ?? this.limits.probe_first) * this.share, GRAIN)
  }

  /** By how many datagrams it must have left earlier; that tells nothing on a path that is known to reorder. */
  get apart(): number {
    return this.share > SHARE_MIN ? Number.POSITIVE_INFINITY : APART
  }

  private get rate(): number {
    const { rate_min, rate_max } = this.limits
    if (this.roundTrip === undefined) return rate_min
    const rate = (1.25 * this.window * SECOND) / Math.max(this.roundTrip, 1)
    return Math.min(Math.max(rate, rate_min), rate_max)
  }

  /** Whether a datagram may leave; it may then take the bucket below zero. */
  mayLeave(now: Micros): boolean {
    if (now > this.tokensAt) {
      const rate = this.rate
      const most = Math.max(this.limits.burst_bytes, (rate * GRAIN) / SECOND)
      this.tokens = Math.min(most, this.tokens + ((now - this.tokensAt) * rate) / SECOND)
      this.tokensAt = now
    }
    return this.tokens > 0
  }

  left(bytes: number): void {
    this.tokens -= bytes
  }

  /** When the next datagram may leave. */
  leavesAt(): Micros {
    if (this.tokens > 0) return this.tokensAt
    return this.tokensAt + Math.floor((-this.tokens * SECOND) / this.rate) + 1
  }

  /**
   * What an acknowledgement told: the news, the newest datagram that has arrived and the next one to leave. The
   * path is judged once in a round trip.
   */
  learn({ bytes, pieces, lost, late }: Readonly<News>, newest: number, next: number): void {
    this.arrived += pieces
    this.lost += lost - late
    this.late += late
    const { window_bytes_min, window_bytes_max } = this.limits
    if (this.isFull && bytes > 0) {
      this.isFull = false
      const share = this.grows
        ? bytes
        : (GROWTH * DATAGRAM_BYTES_MAX * Math.min(bytes, this.window)) / this.window
      this.window = Math.min(this.window + share, window_bytes_max)
    }
    if (newest < this.roundEnd) return
    if (this.lost > 1 && this.lost > LOSS_SHARE * (this.lost + this.arrived)) {
      this.window = Math.max(this.window * CUT, window_bytes_min)
      this.grows = false
    }
    if (this.late > 0) this.share = Math.min(this.share * 2, SHARE_MAX)
    else if (this.lost > 0) this.share = Math.max(this.share * 0.9, SHARE_MIN)
    this.roundEnd = next
    this.arrived = 0
    this.lost = 0
    this.late = 0
  }

  /** Nothing came back twice in a row: start from the least. */
  collapse(): void {
    this.window = this.limits.window_bytes_min
    this.grows = false
  }
}
