import { must } from '../errors.ts'
import { RESERVED, type StampedEvent } from '../timeline/event.ts'
import { BEFORE_FIRST, type InstanceId, type Tick } from '../timeline/tick.ts'
import type { Member } from './member.ts'
import type { Round, Waiting } from './round.ts'

/**
 * What the sequencer has promised to whom, and the one rule by which it stamps. All of the session's safety is
 * in this file: whatever else is late, lost or lying, an event stamped here is above all that anybody may have
 * run without hearing of it.
 */
export class Ledger {
  readonly members = new Map<InstanceId, Member>()
  /** Rounds that are proposed and not stamped, oldest first: they are stamped in this order. */
  readonly rounds: Round[] = []
  /** What those who left may have run: never falls. */
  floor: Tick = BEFORE_FIRST
  /** The highest stamp given. */
  highest: Tick = BEFORE_FIRST
  private seq = 0
  /** The number of the last event that the session itself put into the timeline. */
  private ownNumber = 0
  private readonly lastStamps = new Map<InstanceId, Tick>()

  /** The highest tick that a member may run without hearing anything further. */
  promiseOf(member: Member): Tick {
    let promise = member.grant
    for (const round of this.rounds) {
      const deadline = round.deadlines.get(member.id)
      if (deadline !== undefined && deadline - 1 < promise) promise = deadline - 1
    }
    return promise
  }

  /** The highest promise of all, the floor included. */
  top(): Tick {
    let top = this.floor
    for (const member of this.members.values()) {
      if (member.grant <= top) continue
      const promise = this.promiseOf(member)
      if (promise > top) top = promise
    }
    return top
  }

  lastStampOf(id: InstanceId): Tick {
    return this.lastStamps.get(id) ?? BEFORE_FIRST
  }

  nextOwnNumber(): number {
    return ++this.ownNumber
  }

  /**
   * P4: the least tick above every promise and the floor (that is `base`), not below the last stamp of the event's
   * source and of the member that it is about, nor below the tick that its source predicts. `end` is not below any.
   */
  stamp(base: Tick, waiting: Waiting): StampedEvent {
    const { source, member, at } = waiting
    let stamp = Math.max(base, this.lastStampOf(source), this.lastStampOf(member), at)
    if (waiting.id === RESERVED.end) stamp = Math.max(stamp, this.highest)
    must(stamp > this.floor, 'P4', () => `a stamp of ${stamp} is not above the floor ${this.floor}`)
    this.lastStamps.set(source, stamp)
    this.lastStamps.set(member, stamp)
    if (waiting.id === RESERVED.leave) this.lastStamps.delete(member)
    if (stamp > this.highest) this.highest = stamp
    return {
      seq: ++this.seq,
      stamp,
      source,
      number: waiting.number,
      id: waiting.id,
      payload: waiting.payload,
    }
  }

  /** Rule 6: a member is gone; what it may have run goes into the floor. */
  remove(member: Member, ran: Tick): void {
    this.floor = Math.max(this.floor, Math.min(ran, this.promiseOf(member)))
    this.members.delete(member.id)
  }

  /** All have left. Whoever comes is not to wait for what is stamped: it stands where that is, and runs through it. */
  rest(): void {
    this.floor = Math.max(this.floor, this.highest - 1)
  }
}
