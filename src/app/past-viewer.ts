import { isKept, Snapshots } from '../core/machine/snapshots.ts'
import { TICK } from '../core/timeline/event.ts'
import { NEVER, type Tick } from '../core/timeline/tick.ts'
import { EMPTY } from '../core/wire/bytes.ts'
import type { Player } from './app.ts'
import { goApart, goBack, type KeptMemory, keepOver } from './memory-state.ts'
import type { PastRecord } from './past-record.ts'
import { Runner } from './runner.ts'
import type { Effect } from './step.ts'

/** To run so many ticks is no dearer than to copy a state. */
const TICKS_CHEAP = 16

/**
 * A second world, which stands anywhere in a past and disturbs nobody. To go *n* ticks back from the present costs
 * one restore and at most 2*n* ticks; on a way back it keeps snapshots of its own, so that the next step back is
 * cheap as well.
 */
export class PastViewer<S extends object = object> {
  /** The tick at which it stands; NEVER if what it shows is void. */
  tick: Tick = NEVER
  /** Effects of what it runs after this tick are to be told; NEVER: of nothing. */
  hearsAfter: Tick = NEVER
  private effects: Effect[] = []
  private readonly record: PastRecord
  private readonly runner: Runner
  private readonly own = new Snapshots<KeptMemory>()
  private buffer: ArrayBuffer | undefined
  /** Whether it is on a way that began by going back. */
  private isBack = false
  private keepsBefore = false
  private stateBefore: { readonly tick: Tick; readonly state: S } | undefined

  constructor(record: PastRecord, live: Runner) {
    this.record = record
    // The guard is part of what a step comes to: what throws under it throws here.
    this.runner = new Runner(live.app, live.guard === undefined ? {} : { guard: live.guard })
    // Never restored: the first of snapshots is there always, and whatever the record has is later.
    this.own.add(-NEVER, this.runner.keep(), NEVER)
  }

  get state(): S {
    return this.runner.state as S
  }

  get players(): readonly Player[] {
    return this.runner.players
  }

  copyOfState(): S {
    return this.runner.copyOfState() as S
  }

  /** The state one tick before: kept from the first time that somebody asks for it, and found for that one. */
  get before(): S {
    const { tick } = this
    if (!this.keepsBefore && tick > this.record.from) {
      this.keepsBefore = true
      this.seek(tick - 1)
      this.stateBefore = { tick, state: this.copyOfState() }
      this.seek(tick)
    }
    return this.stateBefore?.tick === tick ? this.stateBefore.state : this.state
  }

  /** Stand at a tick that the record has, with the state before it at hand. False if there was no time for it. */
  show(tick: Tick, isTime: () => boolean): boolean {
    if (tick === this.tick) return true
    if (this.keepsBefore && tick > this.record.from) {
      if (!this.seek(tick - 1, isTime)) return false
      this.stateBefore = { tick, state: this.copyOfState() }
    }
    return this.seek(tick, isTime)
  }

  /** Stand at a tick that the record has. False if there was no time for all of it. */
  seek(tick: Tick, isTime: () => boolean = () => true): boolean {
    const kept = this.record.at(tick)
    const saved = kept.tick - this.tick
    // What 2n allows: n ticks back, counted as a rollback of that tick counts.
    const most = 2 * (this.record.local - tick + 1)
    if (tick < this.tick) this.goBack(tick)
    else if (saved > 0 && (saved > TICKS_CHEAP || tick - this.tick > most)) this.jump(kept)
    while (this.tick < tick) {
      if (!isTime()) return false
      this.step(tick)
    }
    this.isBack = false
    return true
  }

  /** What it has from this tick on never happened. */
  voidFrom(tick: Tick): void {
    this.own.voidFrom(tick)
    if (this.tick >= tick) this.tick = NEVER
  }

  takeEffects(): readonly Effect[] {
    const taken = this.effects
    if (taken.length > 0) this.effects = []
    return taken
  }

  private goBack(tick: Tick): void {
    const { own } = this
    own.voidFrom(tick + 1)
    const kept = this.record.at(tick)
    this.isBack = true
    if (own.last.tick < kept.tick) return this.jump(kept)
    goBack(this.runner, own.last.snapshot)
    this.tick = own.last.tick
  }

  private jump({ tick, snapshot }: { readonly tick: Tick; readonly snapshot: KeptMemory }): void {
    this.buffer = goApart(this.runner, snapshot, this.buffer)
    this.tick = tick
  }

  private step(target: Tick): void {
    const { runner, own } = this
    const tick = this.tick + 1
    this.record.eventsOf(tick, (event) => runner.take(event))
    runner.take({ tick, id: TICK, source: 0, number: 0, seq: 0, payload: EMPTY })
    const effects = runner.takeEffects()
    if (tick > this.hearsAfter) this.effects.push(...effects)
    this.tick = tick
    if (this.isBack && isKept(tick, target - tick)) own.add(tick, keepOver(runner, own.takeSpare()), target)
  }
}
