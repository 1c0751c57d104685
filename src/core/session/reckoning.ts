import type { Limits } from '../limits.ts'
import { FASTEST } from '../timeline/pacer.ts'
import { dueAt, MILLISECOND, type Micros, SECOND, type Tick, tickAt, tickFrom } from '../timeline/tick.ts'
import type { Ledger } from './ledger.ts'
import type { Member } from './member.ts'
import type { SequencerOptions } from './options.ts'
import { patience, Tail } from './tail.ts'

/** What it costs that a round stops waiting for an answer: all are asked again, with more patience. */
const PRICE_OF_A_CUT: Micros = 0.5 * SECOND
/** A process that is about to answer may be held up for so long by whatever else its machine does. */
const HICCUP: Micros = 5 * MILLISECOND
/** What it costs that every instance freezes for one tick, in ticks of latency of one event. */
const PRICE_OF_A_FREEZE = 500
/** The wake-up of a timer is late by at least so much, and more than that at most is reckoned with. */
const LATENESS_MIN: Micros = 300
const LATENESS_MAX: Micros = 20 * MILLISECOND
/** How many wake-ups count. */
const LATENESS_MEMORY = 64
/** A member that was not heard for so long tells nothing of the way down. */
const STALE: Micros = 4 * SECOND

/** After a pause everybody is heard within this time: pulses come every second at least. */
const RESUMING: Micros = 1.5 * SECOND
/** What the fastest may have gained on the reference, it gained within this time. */
const FOLLOWING: Micros = SECOND

/** Where the reference is, and how far ahead of it grants and deadlines must lie, from what was measured. */
export class Reckoning {
  fps = 0
  /** How long before a tick is due its grant leaves. */
  lead: Micros = 0
  /** How far beyond its position an instance puts its deadline. */
  reach: Micros = 0
  /** The same by members alone that were measured more than once: what was seen once may have been a pause. */
  sureReach: Micros = 0
  /** At this moment of the own clock the reference is here; it goes on with the clock. */
  private markClock: Micros = 0
  private mark: Micros = 0
  /** When anything was last heard or woken here, and when that was after a pause that was longer than any lease. */
  private awakeAt: Micros = 0
  private resumedAt: Micros = Number.NEGATIVE_INFINITY
  /** Where the first of all could be then, less all time for which they have stood still since. */
  private farthest: Micros = 0
  /** When the reference was last moved to where the fastest stood. */
  private followedAt: Micros = Number.NEGATIVE_INFINITY
  private readonly lateness = new Tail(LATENESS_MEMORY)
  private readonly ledger: Ledger
  private readonly options: SequencerOptions
  private readonly limits: Limits

  constructor(ledger: Ledger, options: SequencerOptions, limits: Limits) {
    this.ledger = ledger
    this.options = options
    this.limits = limits
  }

  /** Where the reference is at a moment of the own clock. */
  reference(now: Micros): Micros {
    return this.mark + (now - this.markClock)
  }

  /** When it will be at a position. */
  clockAt(position: Micros): Micros {
    return this.markClock + (position - this.mark)
  }

  set(now: Micros, position: Micros): void {
    this.markClock = now
    this.mark = position
  }

  /** After a pause of this side, or of everybody, the reference is where the first of them can be. */
  hold(now: Micros): void {
    const farthest = dueAt(this.ledger.top() + 1, this.fps)
    if (this.reference(now) > farthest) this.set(now, farthest)
    // Nor has anybody come farther since this side resumed: what they stood still for is no time that has passed.
    const passed = now - this.resumedAt
    if (passed < RESUMING) this.farthest = Math.min(this.farthest, farthest - passed)
  }

  /**
   * Something is heard or woken here, perhaps after a pause of this side. If that was longer than anybody may run
   * without it, the others are where their leases end, if only this side was stopped, and say so in their pulses;
   * or everything has slept, and the timeline with it. So the reference goes on from where it was, and is brought
   * to the first of them as they are heard.
   */
  awake(now: Micros, paused: boolean): void {
    const since = this.awakeAt
    this.awakeAt = now
    if (!paused || this.fps === 0) return
    const farthest = dueAt(this.ledger.top() + 1, this.fps)
    if (this.reference(now) <= farthest) return
    this.set(now, Math.min(farthest, this.reference(since)))
    this.resumedAt = now
    this.farthest = farthest
  }

  /** One of them stands here: where it could run to without this side counts, and not where it has leapt since. */
  heard(now: Micros, position: Micros): void {
    const passed = now - this.resumedAt
    if (passed < RESUMING) this.follow(now, Math.min(position, this.farthest + passed))
  }

  /**
   * `fastest`: the instance most ahead is the reference. It says where it stands, and is believed as far as that is
   * plausible (rule 7): it is not beyond its promise, and nobody makes time run faster than one runs who is behind.
   */
  followFastest(now: Micros, member: Member, position: Micros): void {
    const reference = this.reference(now)
    const farthest = dueAt(this.ledger.promiseOf(member) + 1, this.fps)
    const gained = (FASTEST - 1) * Math.min(FOLLOWING, now - this.followedAt)
    const there = Math.floor(Math.min(position + member.trip.mean / 2, farthest, reference + gained))
    if (there <= reference) return
    this.set(now, there)
    this.followedAt = now
  }

  private follow(now: Micros, position: Micros): void {
    if (position > this.reference(now)) this.set(now, Math.floor(position))
  }

  /** The least time between two grants: none, unless ticks are so short that several are granted at a time. */
  gap(): Micros {
    return dueAt(1, this.fps) < this.limits.grant_gap_min ? this.limits.grant_gap_min : 0
  }

  /** How far beyond the reference ticks are granted just in time: until the next grant can have come. */
  ahead(): Micros {
    return this.lead + this.gap()
  }

  /** The last tick whose moment to be granted just in time has come. */
  dueGrant(now: Micros): Tick {
    return tickAt(this.reference(now) + this.ahead(), this.fps)
  }

  /** A source cannot stand beyond its promise, nor far ahead of the reference, whatever it says. */
  wanted(now: Micros, want: Micros, promise: Tick): Micros {
    const farthest = Math.min(dueAt(promise + 1, this.fps), this.reference(now) + dueAt(1, this.fps))
    return Math.max(0, Math.floor(Math.min(want, farthest)))
  }

  /** The tick that a predicting source asks for, as far as it is believed: see `at_ahead_max`. */
  asked(now: Micros, at: Tick): Tick {
    const soonest = this.reference(now) + Math.max(this.ahead(), this.reach)
    return Math.min(at, tickFrom(soonest + this.limits.at_ahead_max, this.fps) + 1)
  }

  /** Reckon anew how long it takes to be heard and answered. */
  measure(now: Micros): void {
    const trips: Tail[] = []
    const downs: Tail[] = []
    for (const member of this.ledger.members.values()) {
      if (!member.trusted(now)) continue
      trips.push(member.trip)
      if (member.down.count === 0) member.down.set(member.trip.mean / 2, member.trip.spread)
      if (now - member.heardAt < STALE) downs.push(member.down)
    }
    this.reach = this.reachOf(trips)
    const sure = trips.filter((trip) => trip.count > 1)
    this.sureReach = sure.length === trips.length ? this.reach : this.reachOf(sure)
    const price = (PRICE_OF_A_FREEZE * dueAt(1, this.fps)) / Math.max(1, downs.length)
    const lateness = Math.min(LATENESS_MAX, this.lateness.mean + 3 * this.lateness.spread)
    // Whole, as is all that messages carry: where the reference is at the start follows from it.
    this.lead = Math.ceil(patience(downs, price, this.limits.lead_max) + Math.max(LATENESS_MIN, lateness))
  }

  private reachOf(trips: readonly Tail[]): Micros {
    const { k = 1, margin } = this.options
    const slowest = trips.reduce((most, trip) => Math.max(most, trip.mean), 0)
    const patient = patience(trips, PRICE_OF_A_CUT, this.limits.rtt_max)
    const trip = margin === undefined ? Math.max(patient, slowest + HICCUP) : slowest
    const margins = (margin ?? 0) * this.ledger.members.size
    return Math.ceil(k * Math.min(trip, this.limits.rtt_max) + margins)
  }

  /** A timer of this side came late by so much. */
  wokenLate(late: Micros): void {
    this.lateness.add(Math.min(LATENESS_MAX, late))
  }
}
