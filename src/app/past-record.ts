import { isKept, Snapshots } from '../core/machine/snapshots.ts'
import { type Input, TICK } from '../core/timeline/event.ts'
import { NEVER, type Tick } from '../core/timeline/tick.ts'
import type { Recorder } from './link.ts'
import { type KeptMemory, keepOver } from './memory-state.ts'
import { PastEvents } from './past-events.ts'
import type { Runner } from './runner.ts'

/** Bytes of events that are kept. Beyond it the past is folded sooner than it was asked to be. */
const EVENT_BYTES_MAX = 16 * 1_048_576

export interface PastListener {
  /** How many ticks are still due after the last one that was run: who is far behind will not want each of them. */
  due?(): number
  /** What was known of this tick and later ones is void. */
  voidFrom?(tick: Tick): void
  /** The run was rolled back for something that has changed at this tick. */
  wentBack?(changed: Tick): void
}

/**
 * What can be had back of a run: all its events, and snapshots that thin out with age, as the time machine's do.
 * Whoever rolls the run back tells it, and what came after is void.
 */
export class PastRecord implements Recorder {
  /** The last tick that is known, and up to where time went on ever. */
  local: Tick
  private top: Tick
  private snapshots = new Snapshots<KeptMemory>()
  private readonly events: PastEvents
  private readonly runner: Runner
  private readonly ticksMax: number
  private readonly listener: PastListener

  /** `ticksMax`: at least so much of the past is kept, and at most half as much again. */
  constructor(runner: Runner, ticksMax: number, listener: PastListener = {}) {
    this.runner = runner
    this.ticksMax = ticksMax
    this.listener = listener
    this.events = new PastEvents()
    this.local = runner.tick
    this.top = runner.tick
    this.save()
  }

  /** The first tick whose state can be had. */
  get from(): Tick {
    return this.snapshots.from
  }

  /** The first and the last. */
  get range(): { readonly from: Tick; readonly to: Tick } {
    return { from: this.from, to: this.local }
  }

  get size(): { readonly snapshots: number; readonly events: number; readonly eventBytes: number } {
    const { snapshots, events } = this
    return { snapshots: snapshots.size, events: events.size, eventBytes: events.length }
  }

  /** The last snapshot at this tick or before it. */
  at(tick: Tick): { readonly tick: Tick; readonly snapshot: KeptMemory } {
    return this.snapshots.at(tick)
  }

  eventsOf(tick: Tick, use: (event: Input) => void): void {
    this.events.each(tick, use)
  }

  took(input: Input): void {
    const { tick, id } = input
    // One who was handed a later state begins there.
    if (tick > this.local + 1) return this.begin(id === TICK ? tick : tick - 1)
    if (id !== TICK) return this.events.add(input)
    this.local = tick
    if (tick > this.top) this.top = tick
    const reach = this.reach
    if (isKept(tick, reach - tick)) this.save(reach)
  }

  wentBack(tick: Tick, changed: Tick): void {
    if (tick < this.from) this.begin(tick)
    else {
      this.snapshots.voidFrom(tick + 1)
      this.events.cut(tick + 1)
      this.local = tick
      this.listener.voidFrom?.(tick + 1)
    }
    this.listener.wentBack?.(changed)
  }

  tookOver(tick: Tick): void {
    this.begin(tick)
  }

  /** Nothing is known of what was before this tick, which was run last. */
  private begin(tick: Tick): void {
    this.snapshots = new Snapshots()
    this.events.cut(0)
    this.local = tick
    if (tick > this.top) this.top = tick
    this.save()
    this.listener.voidFrom?.(-NEVER)
  }

  /** Up to where time goes on, by which ages are reckoned. */
  private get reach(): Tick {
    return Math.max(this.top, this.local + (this.listener.due?.() ?? 0))
  }

  private save(reach = this.top): void {
    const { snapshots, local } = this
    snapshots.add(local, keepOver(this.runner, snapshots.takeSpare()), reach)
    this.fold(this.top - this.ticksMax)
    while (this.events.length > EVENT_BYTES_MAX && snapshots.size > 1) this.fold(snapshots.ticks[1] as Tick)
  }

  private fold(tick: Tick): void {
    const { from } = this
    this.snapshots.fold(tick)
    if (this.from > from) this.events.fold(this.from)
  }
}
