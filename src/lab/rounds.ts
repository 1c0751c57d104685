import { AN_ASK, decode, NO_LEASE } from '../core/session/messages.ts'
import type { Micros } from '../core/timeline/tick.ts'
import type { RoundChecks } from './checks/rounds.ts'
import type { TimelineChecks } from './checks/timelines.ts'
import type { Drive } from './drive.ts'
import type { InstanceNode } from './node.ts'

/** The second byte of the messages that are looked into: all others are many, and say nothing of rounds. */
const ACK = 3
const LOOKED_INTO: ReadonlySet<number | undefined> = new Set([36, 37, 39, 41])

/** Tells the checks what passes between the sequencer and the instances about rounds, and what is denied. */
export class Rounds {
  private readonly drive: Drive
  private readonly checks: RoundChecks
  private readonly timelines: TimelineChecks
  private readonly reach: () => Micros
  /** Of the rounds that were proposed. */
  private epoch = 0
  /** The farthest that anybody ever could run, in a position. */
  private farthest: Micros = 0

  /** `reach`: where the first tick is due that nobody may run. */
  constructor(drive: Drive, checks: RoundChecks, timelines: TimelineChecks, reach: () => Micros) {
    this.drive = drive
    this.reach = reach
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
        this.farthest = Math.max(this.farthest, this.reach())
        return this.checks.proposed(now, link, message.round, message.want, this.farthest)
      case 'sync':
        if (message.round > 0) this.checks.over(link, message.round)
        return
      case 'beat':
        if (message.lease !== NO_LEASE) this.checks.leased(now, link)
        return
      case 'denied':
        if (message.number === AN_ASK) return
        return this.timelines.refused(now, id, message.number, false)
      default:
        return
    }
  }

  /** The sequencer has received a message. */
  heard({ link }: InstanceNode, bytes: Uint8Array): void {
    if (bytes[1] !== ACK) return
    const message = decode(bytes)
    if (typeof message === 'string' || message.kind !== 'ack' || message.epoch !== this.epoch) return
    this.checks.answered(link, message.round)
  }
}
