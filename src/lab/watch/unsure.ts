import type { Member } from '../../core/session/member.ts'
import { TRUSTED_FROM } from '../../core/session/tail.ts'
import type { Micros } from '../../core/timeline/tick.ts'
import type { Drive } from '../drive.ts'
import { isHarmed } from './bounds.ts'

/** A round that asks again waits for so many times as long, at most. */
const AGAIN = 4

interface Wait {
  readonly round: number
  /** How long it was to wait; of one that asks again, how long the one before it was. */
  readonly reach: Micros
  readonly from: Micros
  /** When it was to stop waiting, or was over, whichever was first. */
  to: Micros
}

/**
 * When rounds were to wait for as long as somebody seems to take who has hardly been measured: a sample may hold a
 * word that was lost, or the end of a cut, and no way is so long, but the next ones put it right. Where all are asked
 * again, they are waited for by the same measure, whatever was measured meanwhile.
 */
export class UnsureWaits {
  private readonly drive: Drive
  /** For how long a round waits at most, and whether it is so long by one who has hardly been measured. */
  private reach: Micros = 0
  private unsure = false
  /** In the order in which they began. */
  private readonly waits: Wait[] = []
  /** The round that was over last, if it was one of these. */
  private last: Wait | undefined

  constructor(drive: Drive) {
    this.drive = drive
  }

  /** With a beat it may have been reckoned anew how long it takes to be heard, by what the ledger holds now. */
  measured(): void {
    const { machine, clock } = this.drive.sequencer
    const { reach, sureReach } = machine.reckoning
    if (reach === this.reach) return
    this.reach = reach
    const now = clock.local(this.drive.now)
    let slowest: Member | undefined
    for (const member of machine.ledger.members.values())
      if (member.trusted(now) && member.trip.mean > (slowest?.trip.mean ?? 0)) slowest = member
    this.unsure = reach > sureReach || (slowest !== undefined && this.isNewByLosses(slowest))
  }

  /**
   * A channel that loses its first datagrams waits for a quarter of a second before it sends them again: that is in
   * the samples, as long as these are few enough to be held against each other.
   */
  private isNewByLosses({ link, trip }: Member): boolean {
    const { channel, up, down } = this.drive.behind(link)
    const harmed = isHarmed(up.path.way) || isHarmed(down.path.way)
    return channel !== undefined && harmed && trip.count < TRUSTED_FROM
  }

  /** A round begins to wait. */
  opened(round: number, reach: Micros, again: boolean): void {
    const times = again ? AGAIN : 1
    const first = this.unsure ? reach / times : again ? this.last?.reach : undefined
    if (first === undefined) return
    const { now } = this.drive
    this.waits.push({ round, reach: first, from: now, to: now + Math.min(reach, times * first) })
  }

  /** All rounds up to this one are over. */
  over(round: number): void {
    this.last = undefined
    for (const wait of this.waits) {
      if (wait.round > round) break
      if (wait.round === round) this.last = wait
      wait.to = Math.min(wait.to, this.drive.now)
    }
  }

  /** Of the time since a moment, in how much such a round was to wait, for longer than `explained`. */
  since(from: Micros, explained: Micros): Micros {
    let sum: Micros = 0
    let at = from
    for (const wait of this.waits) {
      if (wait.reach <= explained) continue
      const to = Math.min(wait.to, this.drive.now)
      sum += Math.max(0, to - Math.max(at, wait.from))
      at = Math.max(at, to)
    }
    return sum
  }
}
