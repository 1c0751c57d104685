import { type Micros, NEVER } from '../core/timeline/tick.ts'
import { ASLEEP, WakingClock } from '../transport/clock.ts'
import { milliseconds } from '../transport/limits.ts'
import { type Clock, now } from './clock.ts'

/** Something that wants to be woken. */
export interface Sleeper {
  wake(now: Micros): void
}

interface Entry {
  readonly sleeper: Sleeper
  at: Micros
  place: number
}

/**
 * One timer for many sleepers, each with one alarm at most. They lie in a heap by their moment, so that
 * hundreds of idle sessions cost no more than their own heartbeats.
 */
export class Alarms {
  private readonly heap: Entry[] = []
  private readonly entries = new Map<Sleeper, Entry>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private timerAt: Micros = NEVER
  private ringing = false
  private readonly clock: WakingClock

  /** By the machine's clock, or one that goes at a pace of its own; what is slept through counts if it is NEVER. */
  constructor(clock: Clock = now, asleepMin: Micros = ASLEEP) {
    this.clock = new WakingClock(clock, asleepMin)
  }

  /** The clock by which the moments count. */
  readonly now: Clock = () => this.clock.read(this.timerAt)

  /** Wake a sleeper at this moment, and not at the one that was set before. */
  set(sleeper: Sleeper, at: Micros): void {
    const entry = this.entries.get(sleeper)
    if (entry !== undefined) {
      if (entry.at === at) return
      const earlier = at < entry.at
      entry.at = at
      if (earlier) this.rise(entry)
      else this.sink(entry)
    } else {
      const added = { sleeper, at, place: this.heap.length }
      this.heap.push(added)
      this.entries.set(sleeper, added)
      this.rise(added)
    }
    if (!this.ringing) this.retime()
  }

  /** Never wake this sleeper again. */
  drop(sleeper: Sleeper): void {
    const entry = this.entries.get(sleeper)
    if (entry === undefined) return
    this.entries.delete(sleeper)
    const last = this.heap.pop() as Entry
    // A timer that nobody waits for keeps no program from ending.
    if (this.heap.length === 0 && !this.ringing) this.retime()
    if (last === entry) return
    this.put(last, entry.place)
    this.rise(last)
    this.sink(last)
  }

  private ring(): void {
    const moment = this.now()
    this.timer = undefined
    this.ringing = true
    // Whoever sets its alarm for this very moment again is woken with the next timer: nobody can hold the rest up.
    for (let first = this.heap[0]; first !== undefined && first.at <= moment; first = this.heap[0]) {
      first.at = NEVER
      this.sink(first)
      first.sleeper.wake(moment)
    }
    this.ringing = false
    // Not before: a sleep that begins while it rings is one as well.
    this.timerAt = NEVER
    this.retime()
  }

  private retime(): void {
    const at = this.heap[0]?.at ?? NEVER
    // A timer that rings too soon costs less than to set it anew with every message that puts the alarm off.
    if (at >= this.timerAt && at !== NEVER) return
    clearTimeout(this.timer)
    this.timerAt = at
    if (at === NEVER) return
    // An alarm beyond what a timer holds is looked at again then.
    this.timer = setTimeout(() => this.ring(), Math.max(0, milliseconds(at - this.now())))
  }

  private rise(entry: Entry): void {
    let { place } = entry
    while (place > 0) {
      const parent = this.heap[(place - 1) >> 1] as Entry
      if (parent.at <= entry.at) break
      this.put(parent, place)
      place = (place - 1) >> 1
    }
    this.put(entry, place)
  }

  private sink(entry: Entry): void {
    let { place } = entry
    for (;;) {
      const left = this.heap[2 * place + 1]
      const right = this.heap[2 * place + 2]
      const least = right !== undefined && left !== undefined && right.at < left.at ? right : left
      if (least === undefined || least.at >= entry.at) break
      const next = least.place
      this.put(least, place)
      place = next
    }
    this.put(entry, place)
  }

  private put(entry: Entry, place: number): void {
    this.heap[place] = entry
    entry.place = place
  }
}
