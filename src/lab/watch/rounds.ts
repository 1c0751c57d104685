import { LIMITS } from '../../core/limits.ts'
import { AN_ASK, decode, NO_LEASE } from '../../core/session/messages.ts'
import { dueAt, type LinkId, MILLISECOND, type Micros, type Tick } from '../../core/timeline/tick.ts'
import type { RoundChecks } from '../checks/rounds.ts'
import type { TimelineChecks } from '../checks/timelines.ts'
import type { Drive } from '../drive.ts'
import type { InstanceNode } from '../node.ts'
import { UnsureWaits } from './unsure.ts'

/** The second byte of the messages that are looked into: all others are many, and say nothing of rounds or leases. */
const ACK = 3
const LOOKED_INTO: ReadonlySet<number | undefined> = new Set([36, 37, 38, 39, 41])
/** What is granted just in time lies no farther ahead: the longest lead, late timers and the longest gap beside it. */
const AHEAD_MAX: Micros = LIMITS.lead_max + 100 * MILLISECOND
/**
 * Two wake-ups in a row, each late by an exponential time, are together later than so many of their means once in
 * 3 × 10^11 times; and after a pause of its own a sequencer reads for 20 ms before it judges.
 */
const TIMERS = 30
const READS_FIRST: Micros = 21 * MILLISECOND
/** No clock goes faster or slower by more. */
const CLOCKS = 1.3

/** Tells the checks what passes between the sequencer and the instances about rounds, and what is denied. */
export class Rounds {
  private readonly drive: Drive
  private readonly checks: RoundChecks
  private readonly timelines: TimelineChecks
  private readonly reach: () => Micros
  private readonly lateness: Micros
  private readonly astrayUntil: () => Micros
  /** Of the rounds that were proposed. */
  private epoch = 0
  /** When each round that is open stops waiting, on the sequencer's clock. */
  private readonly stops = new Map<number, Micros>()
  readonly unsureWaits: UnsureWaits
  /** The farthest that anybody ever could run, in a position. */
  private farthest: Micros = 0

  /**
   * `reach`: where the first tick is due that nobody may run. Timers are late by `lateness` in the mean.
   * `astrayUntil`: until when distances from the reference mean nothing.
   */
  constructor(
    drive: Drive,
    checks: RoundChecks,
    timelines: TimelineChecks,
    reach: () => Micros,
    lateness: Micros,
    astrayUntil: () => Micros,
  ) {
    this.drive = drive
    this.unsureWaits = new UnsureWaits(drive)
    this.reach = reach
    this.lateness = lateness
    this.astrayUntil = astrayUntil
    this.checks = checks
    this.timelines = timelines
  }

  /** The sequencer sends a message. */
  sent({ id, link }: InstanceNode, bytes: Uint8Array): void {
    if (!LOOKED_INTO.has(bytes[1])) return
    const message = decode(bytes)
    if (typeof message === 'string') return
    const { now } = this.drive
    switch (message.kind) {
      case 'propose':
        this.epoch = message.epoch
        this.opens(message.round, message.reach)
        this.farthest = Math.max(this.farthest, this.reach())
        return this.checks.proposed(now, link, message.round, message.want, this.farthest)
      case 'grant':
        return this.grants(link, message.tick)
      case 'sync':
        if (message.round > 0) this.over(link, message.round)
        return
      case 'beat':
        this.unsureWaits.measured()
        if (message.lease !== NO_LEASE) this.checks.leased(now, link)
        return
      case 'denied':
        if (message.number === AN_ASK) return
        return this.timelines.refused(now, id, message.number, false)
      default:
        return
    }
  }

  private grants(link: LinkId, tick: Tick): void {
    const { now } = this.drive
    // A clock that is put back takes the reference with it, and nothing of what was granted.
    if (this.astrayUntil() > now) return
    const { machine, clock } = this.drive.sequencer
    const ahead = dueAt(tick, machine.reckoning.fps) - machine.reference(clock.local(now))
    this.checks.granted(now, link, ahead, AHEAD_MAX)
  }

  private opens(round: number, reach: Micros): void {
    if (this.stops.has(round)) return
    const { sequencer, now } = this.drive
    const again = sequencer.machine.ledger.rounds.some((each) => each.number === round && each.again)
    this.unsureWaits.opened(round, reach, again)
    this.stops.set(round, sequencer.clock.local(now) + reach)
  }

  private over(link: LinkId, round: number): void {
    this.checks.over(link, round)
    const stop = this.stops.get(round)
    if (stop === undefined) return
    // They are over in their order. One that nobody was told of any more is over with the next.
    for (const each of this.stops.keys()) if (each <= round) this.stops.delete(each)
    this.unsureWaits.over(round)
    const { sequencer, now } = this.drive
    // Where the sequencer stood still, or its clock was put elsewhere, it goes by what it finds when it goes on.
    const late = Math.min(sequencer.clock.local(now) - stop, now - sequencer.wholeSince)
    this.checks.waited(now, round, late, CLOCKS * (TIMERS * this.lateness + READS_FIRST))
  }

  /** The sequencer has received a message. */
  heard({ link }: InstanceNode, bytes: Uint8Array): void {
    if (bytes[1] !== ACK) return
    const message = decode(bytes)
    if (typeof message === 'string' || message.kind !== 'ack' || message.epoch !== this.epoch) return
    this.checks.answered(link, message.round)
  }
}
