import { TimeMachine } from '../core/machine/timemachine.ts'
import { type Input, TICK } from '../core/timeline/event.ts'
import { NEVER, type Tick } from '../core/timeline/tick.ts'
import type { App } from './app.ts'
import type { Events } from './event.ts'
import type { Failure } from './failure.ts'
import { DRIVEN, type LinkInput, type Stats } from './link.ts'
import { goBack, type KeptMemory, keepOver } from './memory-state.ts'
import type { Runner } from './runner.ts'
import type { Source } from './source.ts'
import { SourceLink, type SourceLinkOptions } from './source-link.ts'
import type { Effect } from './step.ts'
import { Told } from './told.ts'
import { memberOf } from './world.ts'

/** A source whose past may still change. */
export interface RewindingSource extends Source {
  /** The earliest tick already run of which the inputs have changed since this was last asked; NEVER if none. */
  takeChange(): Tick
  /** What was run is as it was after this tick: the next input is the first after it. */
  rewind(tick: Tick): void
  /** The next input, due or not. Its object may be used again at the next call. */
  next(): Input
  /** How many ticks after the end of a game nothing can come any more that changes it. */
  readonly settling: Tick
  /** Up to this tick nothing changes any more. A source that does not know leaves these out. */
  readonly foldable?: Tick
  /** States before this tick cannot be had back any more: nor need what led to them. */
  fold?(tick: Tick): void
  /** Called once, before anything is run. */
  keepWith?(keeper: Keeper): void
}

/** Who has the states, for a source that hands them on. */
export interface Keeper {
  readonly runner: Runner
  /** The state up to which everything is folded. */
  readonly base: KeptMemory
  /** The runner has become what somebody else was after this tick. */
  startFrom(tick: Tick): void
}

/** Ticks of the past that are run again before anybody looks at the clock. */
export const TICKS_AT_ONCE = 16
/** Failures of handlers that are remembered, so that each is told once. */
const FAILURES_MAX = 256

/**
 * A link whose past may change: what comes late rolls the application back and runs it again, before anything is
 * drawn. Rollbacks wait for the next tick, so that several late events are one.
 */
export class RewindingLink<S extends object, E extends Events, I> extends SourceLink<S, E, I> {
  declare protected readonly source: RewindingSource
  protected readonly machine: TimeMachine<KeptMemory>
  private readonly told = new Told()
  private readonly failed = new Set<string>()
  private effects: Effect[] = []
  /** Inputs for a reader of its own. */
  protected readonly unread: LinkInput<E>[] = []
  /** Whether it is a reader who runs the ticks: what a loop runs nobody reads. */
  private isReading = false

  constructor(app: App<S, E, I>, source: RewindingSource, options: SourceLinkOptions = {}) {
    super(app, source, options)
    this.machine = new TimeMachine<KeptMemory>(
      {
        save: (spare) => keepOver(this.runner, spare),
        restore: (kept, tick, changed) => {
          goBack(this.runner, kept)
          source.rewind(tick)
          this[DRIVEN].recorder?.wentBack(tick, changed)
        },
        step: (tick) => this.step(tick),
      },
      this.runner.tick,
    )
    source.keepWith?.(this.keeper())
  }

  private keeper(): Keeper {
    const { machine, runner } = this
    return {
      runner: runner as unknown as Runner,
      get base() {
        return machine.base
      },
      startFrom: (tick) => {
        machine.startFrom(tick)
        this.unread.length = 0
        this[DRIVEN].recorder?.tookOver(tick)
      },
    }
  }

  override stats(): Stats {
    const { rollbacks, travelled, farthest, ticks } = this.machine.stats
    const snapshots = this.machine.kept.length
    return { ...super.stats(), rollbacks, travelled, farthest, ticksRun: ticks, snapshots }
  }

  protected override get travels(): boolean {
    return this.machine.local < this.machine.top
  }

  /** Run the next tick, or some of those that have to be run again. */
  protected override runTick(): boolean {
    if (this.status.phase === 'ended') return false
    const { machine, source } = this
    const change = source.takeChange()
    if (change !== NEVER) machine.change(change)
    if (!this.travels && source.dueTick() <= machine.top) return false
    this.advance(this.travels ? machine.top : machine.top + 1, TICKS_AT_ONCE)
    this.fold()
    return true
  }

  private fold(): void {
    const { machine, source } = this
    const { from } = machine
    if (source.foldable === undefined || source.foldable <= from) return
    machine.fold(source.foldable)
    if (machine.from > from) source.fold?.(machine.from)
  }

  /** Run up to a tick, at most so many, and tell of a rollback if there was one. */
  protected advance(to: Tick, most: number): void {
    const { machine } = this
    const { top, stats } = machine
    const { rollbacks, travelled } = stats
    machine.run(to, most)
    if (stats.rollbacks > rollbacks)
      this.rollbacks.tell({ tick: top + 1 - (stats.travelled - travelled), top })
  }

  /** The next input for who reads them one by one. */
  protected override next(): LinkInput<E> | undefined {
    this.isReading = true
    try {
      while (this.unread.length === 0) if (!this.runTick()) return undefined
      return this.unread.shift()
    } finally {
      this.isReading = false
    }
  }

  protected step(tick: Tick): void {
    const isNew = tick > this.machine.top
    if (!this.isReading) this.unread.length = 0
    const isLast = this.keepsBefore && tick >= this.source.dueTick()
    const copy = isLast ? this.runner.copyOfState() : undefined
    for (let isOver = false; !isOver; ) {
      const input = this.source.next()
      isOver = input.id === TICK
      const id = input.id < 0 ? memberOf(input.payload) : input.source
      const player = this.runner.player(id)
      this.run(input)
      if (!this.isReading) continue
      const shown = this.shown.of(input, player ?? this.runner.player(id))
      if (shown) this.read(shown, isNew)
    }
    if (isLast) this.stateBefore = copy
    this.effects.push(...this.told.news(tick, this.runner.takeEffects()))
  }

  /** Something that a reader may see: here what came in time. The state holds all of it. */
  protected read(input: LinkInput<E>, isNew: boolean): void {
    if (isNew) this.unread.push(input)
  }

  protected override takeEffects(): readonly Effect[] {
    const taken = this.effects
    if (taken.length > 0) this.effects = []
    return taken
  }

  /** A tick that is run again fails again: that is no news. */
  protected override tellFailure(failure: Failure): void {
    const key = `${failure.tick} ${failure.event}`
    if (this.failed.has(key)) return
    if (this.failed.size >= FAILURES_MAX) this.failed.clear()
    this.failed.add(key)
    super.tellFailure(failure)
  }

  /** The end may be undone as long as something can come that was before it. */
  protected override closed(tick: Tick): void {
    const { ended } = this.runner
    if (ended && tick >= ended.tick + this.source.settling) super.closed(tick)
  }
}
