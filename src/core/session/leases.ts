import {
  BEFORE_FIRST,
  dueAt,
  MILLISECOND,
  type Micros,
  NEVER,
  SECOND,
  type Tick,
  tickAt,
} from '../timeline/tick.ts'
import type { Desk } from './desk.ts'
import type { Member } from './member.ts'
import { encode, NO_LEASE } from './messages.ts'
import type { Discipline } from './options.ts'
import type { Reckoning } from './reckoning.ts'

/** A long lease; four times the reach if that is more, as far as it is sure: a lease is not taken back. */
const LEASE: Micros = 2 * SECOND
/** `auto` holds leases short for so long after an event. */
export const QUIET: Micros = 5 * SECOND
/** What a pulse may be late by, beyond its interval and its round trip, and its sender still counts as heard. */
const LATENESS: Micros = 500 * MILLISECOND

/** Who may run how far: long leases, renewed with the beats, and ticks granted just in time. */
export class Leases {
  /** Whether leases are held short: all live on grants just in time. */
  short: boolean
  private readonly discipline: Discipline
  private readonly desk: Desk
  private readonly reckoning: Reckoning
  /** Whether anybody lives on grants just in time. */
  private feeding = false
  /** The highest tick granted just in time, and when. */
  private granted: Tick = BEFORE_FIRST
  private grantedAt: Micros = Number.NEGATIVE_INFINITY

  constructor(discipline: Discipline, desk: Desk, reckoning: Reckoning) {
    this.discipline = discipline
    this.short = discipline === 'horizon'
    this.desk = desk
    this.reckoning = reckoning
  }

  /** An event has come: from the first one on, `auto` holds leases short. */
  eventCame(): void {
    if (this.discipline === 'auto') this.short = true
  }

  /**
   * After a while without an event, `auto` gives long leases again: not where somebody predicts, whose next event
   * would take a round and be stamped elsewhere than it was guessed.
   */
  quiet(sinceEvent: Micros): void {
    if (this.discipline !== 'auto') return
    this.short = sinceEvent < QUIET || [...this.desk.ledger.members.values()].some((m) => m.predicts)
  }

  /** Whether nobody may run farther than what was granted just in time. */
  covers(tick: Tick): boolean {
    return this.short && tick <= this.granted
  }

  /** Whether this member lives on grants just in time: they go to everybody, and delay nobody. */
  feeds(now: Micros, member: Member): boolean {
    return this.short || member.fed || !member.trusted(now)
  }

  /** When to grant the next tick, on the own clock. */
  nextGrant(): Micros {
    if (!this.feeding) return NEVER
    const { reckoning } = this
    const due = reckoning.clockAt(dueAt(this.granted + 1, reckoning.fps) - reckoning.ahead())
    return Math.ceil(Math.max(due, this.grantedAt + reckoning.gap()))
  }

  /** From now on see to it that ticks are granted just in time. */
  feed(): void {
    this.feeding = true
  }

  /**
   * Somebody has left, and that is stamped. It may have stood still before all that was granted to it; if nobody may
   * run so far, the reference goes back to where the first can be, and so do grants just in time.
   */
  left(): void {
    const { ledger } = this.desk
    if (ledger.members.size === 0) ledger.rest()
    this.granted = Math.min(this.granted, ledger.top())
  }

  /** Grant the ticks whose moment has come. Grants follow the sequencer's clock, nobody's progress. */
  grant(now: Micros): void {
    const { desk, reckoning } = this
    if (!this.feeding || now < this.grantedAt + reckoning.gap()) return
    const tick = reckoning.dueGrant(now)
    if (tick > this.granted) {
      this.granted = tick
      this.grantedAt = now
    }
    let bytes: Uint8Array | undefined
    for (const member of desk.ledger.members.values()) {
      if (member.grant >= this.granted || !this.feeds(now, member)) continue
      member.grant = this.granted
      const lead = dueAt(this.granted, reckoning.fps) - reckoning.reference(now)
      bytes ??= encode.grant(this.granted, Math.round(lead))
      desk.send(member, bytes)
      desk.stats.grants++
    }
  }

  /** Rule 4: the lease that replaces the one in force, for one whose answer was counted on this promise. */
  replace(now: Micros, member: Member, promise: Tick): Tick {
    const lease = Math.max(this.reckoning.dueGrant(now), promise)
    if (lease >= member.grant) return NO_LEASE
    member.grant = lease
    return lease
  }

  /** Begin a beat: who lives on grants just in time is found anew. */
  beginBeat(): void {
    this.feeding = false
  }

  /** Rule 5: a long lease only for one that is heard and owes no answer. The others are fed. */
  renew(now: Micros, member: Member, interval: Micros): Tick {
    const lease = this.short ? NO_LEASE : this.lengthen(now, member, interval)
    this.feeding ||= this.feeds(now, member)
    return lease
  }

  private lengthen(now: Micros, member: Member, interval: Micros): Tick {
    const { reckoning } = this
    const full = Math.max(LEASE, 4 * reckoning.sureReach)
    const patient = LATENESS + interval + member.trip.mean + 4 * member.trip.spread
    const heard = member.owes === 0 && now - member.heardAt <= patient && member.trusted(now)
    if (heard) member.regrow(full)
    member.fed = !heard || member.lease < 2 * interval
    if (member.fed) return NO_LEASE
    const tick = tickAt(reckoning.reference(now) + Math.min(full, member.lease), reckoning.fps)
    if (tick <= member.grant) return NO_LEASE
    member.grant = tick
    return tick
  }
}
