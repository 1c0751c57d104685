import { BEFORE_FIRST, dueAt, type InstanceId, type Micros, type Tick, tickFrom } from '../timeline/tick.ts'
import type { PeerEvent } from './messages.ts'

/** Gives one's own events their places: nobody else has to be asked. */
export class Stamps {
  private readonly id: InstanceId
  private readonly fps: number
  private number = 0
  /** Others have settled what they settle by now: nothing new stands at this tick or before it. */
  floor: Tick = BEFORE_FIRST
  /** The stamp of the last one. */
  last: Tick = BEFORE_FIRST

  constructor(id: InstanceId, fps: number) {
    this.id = id
    this.fps = fps
  }

  /**
   * Where all others stand it happens so much later; not before one's earlier events, and after what was run here:
   * one's own events never roll oneself back.
   */
  next(stood: Micros, delay: Micros, run: Tick, id: number, payload: Uint8Array): PeerEvent {
    const stamp = Math.max(tickFrom(stood + delay, this.fps), this.last, Math.max(run, this.floor) + 1)
    this.last = stamp
    const lead = Math.max(0, Math.round(dueAt(stamp, this.fps) - stood))
    return { seq: 0, stamp, source: this.id, number: ++this.number, lead, id, payload }
  }

  /** Nobody has heard of any of them: the next is the first. */
  withdraw(): void {
    this.number = 0
    this.last = BEFORE_FIRST
  }
}
