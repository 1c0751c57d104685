import type { StampedEvent } from '../timeline/event.ts'
import type { InstanceId, Micros, Tick } from '../timeline/tick.ts'

/** What a source names that does not predict. */
export const NO_TICK: Tick = -1

/** An event on its way to its stamp. */
export type Waiting = Omit<StampedEvent, 'seq' | 'stamp'> & {
  /** Of a membership event: whom it is about. */
  readonly member: InstanceId
  /** Whose it is to wait for its stamp: its source, or who asked the session for it. */
  readonly by: InstanceId
  /** Where its source stood. */
  readonly want: Micros
  /** The tick that its source predicts, as far as that is believed; -1 for none. */
  readonly at: Tick
}

/** Events that are proposed together, and what the instances have answered. */
export class Round {
  readonly number: number
  readonly events: readonly Waiting[]
  readonly proposedAt: Micros
  /** Who was asked: the others owe no answer. */
  readonly asked: ReadonlySet<InstanceId>
  /** Who is waited for: the trusted of these that have not answered. */
  readonly awaited: Set<InstanceId>
  readonly deadlines = new Map<InstanceId, Tick>()
  /**
   * Rule 3: from here on waiting would freeze somebody. Who stands where the reference is has armed a deadline
   * no earlier than the reach after the way down, so it is the reach after the proposal.
   */
  stopAt: Micros
  /** Whether its events were asked about before: they are so once. */
  readonly again: boolean

  constructor(
    number: number,
    events: readonly Waiting[],
    asked: ReadonlySet<InstanceId>,
    awaited: Set<InstanceId>,
    now: Micros,
    stopAt: Micros,
    again: boolean,
  ) {
    this.number = number
    this.events = events
    this.asked = asked
    this.awaited = awaited
    this.proposedAt = now
    this.stopAt = stopAt
    this.again = again
  }

  /** Rule 2: a second answer changes nothing. */
  answer(id: InstanceId, deadline: Tick): boolean {
    if (!this.asked.has(id) || this.deadlines.has(id)) return false
    this.deadlines.set(id, deadline)
    this.awaited.delete(id)
    return true
  }
}
