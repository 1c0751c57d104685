import { dueAt, type LinkId, MILLISECOND, type Micros, NEVER } from '../../core/timeline/tick.ts'
import { CHANNEL_LIMITS } from '../../core/wire/limits.ts'
import type { HealthChecks } from '../checks/health.ts'
import type { Drive } from '../drive.ts'
import type { InstanceNode } from '../node.ts'
import type { WorldOptions } from '../world.ts'
import { isHarmed, mostOf } from './bounds.ts'

/** Timers are late by so many of their means at most; and what gaps and estimates add to a round. */
const TIMERS = 16
const GAPS: Micros = 20 * MILLISECOND
/** The length of a message that travels with it. */
const HEAD_BYTES = 3

/** How late a side is that waits for nothing but its timers. */
export const timersLate = (lateness: Micros): Micros => TIMERS * lateness + GAPS

/**
 * Tells the checks who stands at the deadline of a round: the sync that ends it left before anybody stood there, so
 * it is missing for no longer than a way takes. Over datagrams a long message takes longer than a short one.
 */
export class Deadlines {
  private readonly drive: Drive
  private readonly checks: HealthChecks
  private readonly late: Micros
  private readonly windowMin: number
  private readonly ackGap: Micros
  /** Channels take long for much. */
  private readonly narrow: boolean
  private loses = false
  /** By when all that was sent to an instance so far has surely left. */
  private readonly leftBy = new Map<LinkId, Micros>()

  constructor(drive: Drive, checks: HealthChecks, { fps, lateness = 0, channelLimits }: WorldOptions) {
    this.drive = drive
    this.checks = checks
    this.late = dueAt(1, fps) + timersLate(lateness)
    const { rate_max, window_bytes_min, window_bytes_max, ack_gap } = channelLimits ?? CHANNEL_LIMITS
    this.narrow = rate_max < CHANNEL_LIMITS.rate_max || window_bytes_max < CHANNEL_LIMITS.window_bytes_max
    this.windowMin = window_bytes_min
    this.ackGap = ack_gap
  }

  added({ up, down, channel }: InstanceNode): void {
    for (const { path } of [up, down])
      this.loses ||= isHarmed(path.way) || (this.narrow && channel !== undefined)
  }

  /**
   * The sequencer sends a message. A path that has lost something, or whose other end stood still, lets no more
   * than its least window out before it is acknowledged: so much in a round trip, and what comes later behind it.
   */
  sent({ link, channel, up, down }: InstanceNode, bytes: Uint8Array): void {
    if (channel === undefined) return
    const { now } = this.drive
    const trip = mostOf(up.path.way) + mostOf(down.path.way) + this.ackGap
    const takes = ((bytes.length + HEAD_BYTES) / this.windowMin) * trip
    this.leftBy.set(link, Math.max(now, this.leftBy.get(link) ?? 0) + takes)
  }

  /**
   * An instance was looked at that is whole, as are its clock and its link: at `local` by its own clock. No two ways
   * together take longer than `tripMax`.
   */
  look({ id, link, machine }: InstanceNode, local: Micros, tripMax: Micros): void {
    // Its lease goes on: what it stands at is a deadline.
    if (machine.limit >= machine.grant || (machine.sizes().armed?.size ?? 0) === 0) return
    const stood = local - machine.nextFreeze()
    const { now } = this.drive
    const leaves = Math.max(0, (this.leftBy.get(link) ?? 0) - (now - stood))
    // Who can say how long a way takes that loses again and again, or lets little through?
    const longest = this.loses ? NEVER : tripMax + this.late + leaves
    this.checks.frozenForRound(now, id, stood, longest)
  }
}
