import type { Random } from '../core/random.ts'
import { type Micros, NEVER } from '../core/timeline/tick.ts'

/** One direction of a connection: what it does to whatever is sent over it. */
export interface Way {
  /** The least time on the way. */
  readonly base: Micros
  /** What is added to it: exponential, with this mean. */
  readonly jitter: Micros
  /** The share of datagrams that are lost, from 0 to below 1. */
  readonly loss?: number
  /** Losses come in bursts of this mean length (Gilbert-Elliott); without it each for itself. */
  readonly burst?: { readonly mean: number }
  /** The share of datagrams that arrive twice. */
  readonly duplicate?: number
  /** The share of datagrams that take a detour: base and jitter a second time. */
  readonly reorder?: number
  /** On a channel that keeps its order, how long after a loss it is sent again. */
  readonly resend?: Micros
}

/**
 * One direction of one connection, with its own source of chance. A connection uses it either as a channel
 * that keeps its order and loses nothing (`arrival`), or for datagrams (`arrivals`), never as both. Faults act
 * at the far end: whoever delivers asks there, at the moment of arrival, how long it is held.
 */
export class Path {
  readonly way: Way
  /** When the last message sent over the ordered channel arrives. */
  lastArrival: Micros = Number.NEGATIVE_INFINITY
  private readonly random: Random
  private readonly both: Micros[] = []
  private readonly resend: Micros
  private readonly badToGood: number
  private readonly goodToBad: number
  private bad = false
  private clogged: Micros = Number.NEGATIVE_INFINITY
  private severed: Micros = Number.NEGATIVE_INFINITY

  constructor(way: Way, random: Random) {
    this.way = way
    this.random = random
    const loss = way.loss ?? 0
    if (!(loss >= 0 && loss < 1)) throw new RangeError('a loss is a share from 0 to below 1')
    this.resend = way.resend ?? 2 * way.base + 4 * way.jitter
    // Without bursts the next one is lost or not, whatever became of this one.
    this.badToGood = way.burst ? 1 / Math.max(1, way.burst.mean) : 1 - loss
    this.goodToBad = way.burst ? (loss * this.badToGood) / (1 - loss) : loss
  }

  /** When a message sent now arrives: in order, never before an earlier one. A loss costs a resend. */
  arrival(now: Micros): Micros {
    let at = now + this.delay(this.random)
    while (this.lost()) at += this.resend
    if (at > this.lastArrival) this.lastArrival = at
    return this.lastArrival
  }

  /** When something arrives that does not travel, such as the news that the other end is gone: in order too. */
  arrivalAt(at: Micros): Micros {
    if (at > this.lastArrival) this.lastArrival = at
    return this.lastArrival
  }

  /** When the copies of a datagram sent now arrive: none, one or two. The array is reused at the next call. */
  arrivals(now: Micros): readonly Micros[] {
    this.both.length = 0
    if (this.lost() || now < this.severed) return this.both
    this.both.push(this.flight(now))
    if (this.way.duplicate !== undefined && this.random.chance(this.way.duplicate))
      this.both.push(this.flight(now))
    return this.both
  }

  /**
   * When a message sent now over the ordered channel would arrive, by chance from elsewhere and without a
   * loss. The path stays as it was.
   */
  hypothetical(now: Micros, random: Random): Micros {
    return Math.max(this.lastArrival, now + this.delay(random))
  }

  /** Until this moment nothing comes out; then all of it does, at once. */
  clog(until: Micros): void {
    this.clogged = Math.max(this.clogged, until)
  }

  /** Until this moment datagrams vanish; an ordered channel sends them again, so it is clogged. */
  cut(until: Micros): void {
    this.severed = Math.max(this.severed, until)
  }

  /** Undo `clog` and `cut`. */
  heal(): void {
    this.clogged = Number.NEGATIVE_INFINITY
    this.severed = Number.NEGATIVE_INFINITY
  }

  /** Until when whatever arrives at this moment is held, on an ordered channel; the moment itself if it is not. */
  heldUntil(now: Micros): Micros {
    return Math.max(now, this.clogged, this.severed)
  }

  /** The same for a datagram; `NEVER` if it vanishes. */
  datagramHeldUntil(now: Micros): Micros {
    return now < this.severed ? NEVER : Math.max(now, this.clogged)
  }

  private delay(random: Random): Micros {
    const { base, jitter } = this.way
    return Math.round(jitter > 0 ? base + random.exponential(jitter) : base)
  }

  private flight(now: Micros): Micros {
    let at = now + this.delay(this.random)
    if (this.way.reorder !== undefined && this.random.chance(this.way.reorder)) at += this.delay(this.random)
    return at
  }

  private lost(): boolean {
    if (this.goodToBad === 0) return false
    this.bad = this.bad ? !this.random.chance(this.badToGood) : this.random.chance(this.goodToBad)
    return this.bad
  }
}
