import { readJoin, readLeave } from '../../core/session/membership.ts'
import { RESERVED, type StampedEvent } from '../../core/timeline/event.ts'
import { BEFORE_FIRST, type InstanceId, type Micros, type Tick } from '../../core/timeline/tick.ts'
import type { Findings } from './findings.ts'

const textOf = (e: StampedEvent): string => `event #${e.seq} (${e.source}.${e.number}) at tick ${e.stamp}`

/** Whom a membership event is about. */
const memberOf = (event: StampedEvent): InstanceId | undefined => {
  if (event.id === RESERVED.join) return readJoin(event.payload)?.member
  if (event.id === RESERVED.leave) return readLeave(event.payload)?.member
  return undefined
}

/** P3: nobody may run beyond its promise. P4: every stamp is above every promise, and in its source's order. */
export class PromiseChecks {
  private readonly findings: Findings
  private readonly lastStamps = new Map<InstanceId, Tick>()
  private highest: Tick = BEFORE_FIRST
  private ended = false

  constructor(findings: Findings) {
    this.findings = findings
  }

  /**
   * An instance has run up to `local` and may run up to `limit` as things stand with it. The promise is what
   * the sequencer reckons with; of one who is gone, the floor.
   */
  runs(at: Micros, id: InstanceId, local: Tick, limit: Tick, promise: Tick): void {
    if (local > promise)
      this.findings.report('P3', at, `instance ${id} has run tick ${local} on a promise of ${promise}`)
    else if (limit > promise)
      this.findings.report('P3', at, `instance ${id} may run up to tick ${limit} on a promise of ${promise}`)
  }

  /** The sequencer stamps, with this highest promise and this floor. */
  stamped(at: Micros, event: StampedEvent, promise: Tick, floor: Tick): void {
    const { coverage } = this.findings
    const { stamp, source } = event
    if (stamp <= promise) this.wrong(at, event, `not above the promise of tick ${promise}`)
    if (stamp <= floor) this.wrong(at, event, `not above the floor of ${floor}`)
    if (this.ended) this.wrong(at, event, 'after the end')
    if (floor >= promise && floor > BEFORE_FIRST) coverage.stampsAboveFloor++
    const member = memberOf(event)
    const least = Math.max(this.lastOf(source), member === undefined ? BEFORE_FIRST : this.lastOf(member))
    if (stamp < least) this.wrong(at, event, `below tick ${least}, the last of its source or member`)
    if (event.id === RESERVED.end) {
      if (stamp < this.highest) this.wrong(at, event, `an end below a stamp of ${this.highest}`)
      this.ended = true
    }
    if (stamp < this.highest) coverage.stampsBelowEarlier++
    if (stamp === least && stamp > Math.max(promise, floor) + 1) coverage.stampsHeldUp++
    this.lastStamps.set(source, stamp)
    if (member !== undefined) this.lastStamps.set(member, stamp)
    this.highest = Math.max(this.highest, stamp)
  }

  /** At that moment an instance stands here: whoever has run the tick could never get the event. */
  stands(at: Micros, event: StampedEvent, id: InstanceId, local: Tick): void {
    if (local >= event.stamp) this.wrong(at, event, `which instance ${id} has run: it is at tick ${local}`)
  }

  private lastOf(id: InstanceId): Tick {
    return this.lastStamps.get(id) ?? BEFORE_FIRST
  }

  private wrong(at: Micros, event: StampedEvent, why: string): void {
    this.findings.report('P4', at, `${textOf(event)} was stamped ${why}`)
  }
}
