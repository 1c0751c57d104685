import { must } from '../errors.ts'
import { NEVER, type Tick } from '../timeline/tick.ts'
import { isKept, Snapshots } from './snapshots.ts'

/** What a time machine moves: something that can be saved, restored and run by a tick. */
export interface Rewindable<S> {
  /** All of it as it is. `spare`: a snapshot that nobody needs any more, to be written over, if that helps. */
  save(spare: S | undefined): S
  /**
   * Be as it was then. The snapshot stays as it is, and may be restored again. `changed`: the first tick that is
   * run again with other inputs than before.
   */
  restore(snapshot: S, tick: Tick, changed: Tick): void
  /** Run this tick with all its inputs: the one after the last that was run or restored. */
  step(tick: Tick): void
}

export interface TimeMachineStats {
  /** Rollbacks, and how many ticks these went back in all: from the last tick run to before the one that changed. */
  rollbacks: number
  travelled: number
  /** The longest of them. */
  farthest: number
  /** Ticks that were run, those that were run before included. */
  ticks: number
  restores: number
  saves: number
}

/**
 * Runs something along a timeline whose past may still change. When an input comes late, it goes back to the
 * last snapshot before it and runs forward again: *n* ticks back cost one restore and at most 2*n* ticks.
 */
export class TimeMachine<S> {
  readonly stats: TimeMachineStats = {
    rollbacks: 0,
    travelled: 0,
    farthest: 0,
    ticks: 0,
    restores: 0,
    saves: 0,
  }
  /** The last tick that was run; while travelling, of those that are run again. */
  local: Tick
  /** The last tick that was ever run. */
  top: Tick
  private readonly world: Rewindable<S>
  private readonly snapshots = new Snapshots<S>()
  private changed: Tick = NEVER

  /** `tick` is the last that the world has run: nothing before it can be had back. */
  constructor(world: Rewindable<S>, tick: Tick) {
    this.world = world
    this.local = tick
    this.top = tick
    this.save(tick)
  }

  /** Whether it stands in the past and has not come back yet. */
  get travelling(): boolean {
    return this.local < this.top || this.changed <= this.local
  }

  /** The tick before which nothing can be had back. */
  get from(): Tick {
    return this.snapshots.from
  }

  /** The snapshot at that tick: it is not to be changed. */
  get base(): S {
    return this.snapshots.base.snapshot
  }

  /** The ticks of which there are snapshots. */
  get kept(): readonly Tick[] {
    return this.snapshots.ticks
  }

  /** The inputs of this tick are others than before. False if that past is folded and cannot be had back. */
  change(tick: Tick): boolean {
    if (tick <= this.from) return false
    if (tick <= this.local && tick < this.changed) this.changed = tick
    return true
  }

  /** Run up to a tick, first again what has changed. At most `budget` ticks; false if that was not enough. */
  run(tick: Tick, budget = NEVER): boolean {
    if (this.changed <= this.local) this.rollBack()
    const to = Math.max(tick, this.top)
    const until = Math.min(to, this.local + budget)
    // Ages are reckoned from where this call ends, or from where it was before it travelled.
    const reach = Math.max(until, this.top)
    while (this.local < until) this.step(reach)
    return this.local === to
  }

  /** The last tick that is as it will stay unless something else comes: what comes after it has to be run again. */
  get sure(): Tick {
    return Math.min(this.local, this.changed - 1)
  }

  /** What was run after this tick has never happened. */
  cut(tick: Tick): void {
    this.changed = Math.min(this.changed, tick + 1)
    if (this.changed <= this.local) this.rollBack()
    this.top = tick
    while (this.local < tick) this.step(tick)
  }

  /** The past up to this tick will not change any more. Less of it may be folded: up to the snapshot before. */
  fold(tick: Tick): void {
    this.snapshots.fold(Math.min(tick, this.local, this.changed - 1))
  }

  /** The world has become another one, as it is after this tick: its past is elsewhere. */
  startFrom(tick: Tick): void {
    this.snapshots.clear()
    this.changed = NEVER
    this.local = tick
    if (tick > this.top) this.top = tick
    this.save(this.top)
  }

  private rollBack(): void {
    const { snapshots, stats } = this
    const distance = this.top - this.changed + 1
    stats.rollbacks++
    stats.travelled += distance
    if (distance > stats.farthest) stats.farthest = distance
    snapshots.voidFrom(this.changed)
    const { tick, snapshot } = snapshots.last
    must(tick < this.changed, 'Q3', () => `restored tick ${tick} for a change at ${this.changed}`)
    this.world.restore(snapshot, tick, this.changed)
    stats.restores++
    this.local = tick
    this.changed = NEVER
  }

  private step(reach: Tick): void {
    const tick = this.local + 1
    this.world.step(tick)
    this.stats.ticks++
    this.local = tick
    if (tick > this.top) this.top = tick
    // On the way back to the present only what will be kept there is saved.
    if (isKept(tick, reach - tick)) this.save(reach)
  }

  private save(top: Tick): void {
    this.stats.saves++
    this.snapshots.add(this.local, this.world.save(this.snapshots.takeSpare()), top)
  }
}
