import type { Limits } from '../limits.ts'
import { MILLISECOND, type Micros, NEVER, SECOND } from '../timeline/tick.ts'
import type { Desk } from './desk.ts'
import { type Leases, QUIET } from './leases.ts'
import type { Member } from './member.ts'
import { encode, NO_LEASE } from './messages.ts'
import type { Reckoning } from './reckoning.ts'

const ACTIVE: Micros = 250 * MILLISECOND
const IDLE: Micros = SECOND
/** What has come while this side could not read is read for so long, before anybody is judged by it. */
export const READ_FIRST: Micros = 20 * MILLISECOND

/** Rule 5: the heartbeats, on a timer of their own, whatever else happens; long leases travel with them. */
export class Beats {
  /** When the next one is due. */
  at: Micros = NEVER
  private interval: Micros = ACTIVE
  /** Who seemed silent at a beat, and when it is seen whether that is so. */
  private suspects: readonly Member[] = []
  private judgedAt: Micros = NEVER
  private readonly limits: Limits
  private readonly desk: Desk
  private readonly reckoning: Reckoning
  private readonly leases: Leases

  constructor(limits: Limits, desk: Desk, reckoning: Reckoning, leases: Leases) {
    this.limits = limits
    this.desk = desk
    this.reckoning = reckoning
    this.leases = leases
  }

  get nextWake(): Micros {
    return Math.min(this.at, this.judgedAt)
  }

  /** Who was not heard for too long. A word of theirs may wait to be read, if this side stood still. */
  suspect(now: Micros): void {
    if (this.judgedAt !== NEVER) return
    this.suspects = [...this.desk.ledger.members.values()].filter((m) => this.isSilent(now, m))
    if (this.suspects.length > 0) this.judgedAt = now + READ_FIRST
  }

  /** Of whom nothing was read since, either. */
  silent(now: Micros): Member[] {
    if (now < this.judgedAt) return []
    const { members } = this.desk.ledger
    const silent = this.suspects.filter((m) => members.get(m.id) === m && this.isSilent(now, m))
    this.suspects = []
    this.judgedAt = NEVER
    return silent
  }

  private isSilent(now: Micros, m: Member): boolean {
    return now - m.heardAt > this.limits.silence_max
  }

  /** See to it that there is a beat to come. */
  expect(now: Micros): void {
    if (this.at === NEVER) this.at = now + this.interval
  }

  /** A beat for everybody; what it takes to be heard is reckoned anew. `eventAt`: when the last event came. */
  all(now: Micros, started: boolean, eventAt: Micros): void {
    const { desk, leases } = this
    this.interval = !started || now - eventAt < QUIET ? ACTIVE : IDLE
    this.at = desk.ledger.members.size > 0 ? now + this.interval : NEVER
    if (started) {
      this.reckoning.measure(now)
      leases.quiet(now - eventAt)
      leases.beginBeat()
      if (leases.short) desk.countTrip()
    }
    for (const member of desk.ledger.members.values()) this.one(now, started, member)
  }

  one(now: Micros, started: boolean, member: Member): void {
    const lease = started ? this.leases.renew(now, member, this.interval) : NO_LEASE
    const held = member.pulseClock > 0 ? now - member.pulseAt : 0
    const reference = started ? Math.round(this.reckoning.reference(now)) : 0
    this.desk.send(member, encode.beat(now, member.pulseClock, held, reference, this.interval, lease))
  }
}
