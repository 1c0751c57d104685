import { NEVER, type Tick } from '../core/timeline/tick.ts'
import type { App } from './app.ts'
import type { Events } from './event.ts'
import type { Failure } from './failure.ts'
import type { LinkInput, Stats, Status } from './link.ts'
import { RewindingLink, type RewindingSource, TICKS_AT_ONCE } from './rewinding-link.ts'
import type { SourceLinkOptions } from './source-link.ts'

/** A source that gives inputs before they are certain. */
export interface PredictingSource extends RewindingSource {
  /** Close what is certain, as far as it was run like that: up to `ran`. Returns the last tick closed. */
  confirm(ran: Tick): Tick
  /** Nobody will go back to this tick or before it. */
  forget(tick: Tick): void
}

export interface PredictingLinkOptions extends SourceLinkOptions {
  /** How many ticks are run again in one frame at most. */
  readonly budget: number
}

/** What a tick has given that is not certain yet. */
interface Unsure<E extends Events> {
  readonly failures: Failure[]
  readonly inputs: LinkInput<E>[]
}

/**
 * A link that runs ahead of what is certain. The state is what it will be if nothing else comes; what is told of it
 * waits until that is certain: inputs for a reader, handlers that threw, the end.
 */
export class PredictingLink<S extends object, E extends Events, I> extends RewindingLink<S, E, I> {
  declare protected readonly source: PredictingSource
  private readonly budget: number
  /** Of that, in this frame. */
  private spent = 0
  /** The last tick that is certain. */
  private confirmed: Tick
  private readonly unsure = new Map<Tick, Unsure<E>>()
  private stepping = false
  /** It is made: before that there is nothing that could be taken back. */
  private readonly isMade: boolean = false

  constructor(app: App<S, E, I>, source: PredictingSource, options: PredictingLinkOptions) {
    super(app, source, options)
    this.budget = options.budget
    this.confirmed = this.runner.tick
    this.isMade = true
  }

  override stats(): Stats {
    return { ...super.stats(), confirmed: this.confirmed }
  }

  protected override runTick(): boolean {
    if (this.status.phase === 'ended') return false
    const { machine, source } = this
    // What changes on the way back waits until it is over: else one that has little time would never be back.
    const change = this.travels ? NEVER : source.takeChange()
    if (change !== NEVER) machine.change(change)
    const again = machine.travelling && (this.travels || this.isDue())
    const ran = again ? this.runAgain() : this.runOn()
    if (!ran) this.spent = 0
    this.makeSure()
    return ran
  }

  /** Whether anything is to be run. What has changed waits for the next tick, unless all stands still. */
  private isDue(): boolean {
    const { machine, source } = this
    return source.dueTick() > machine.top || source.nextInput() === NEVER
  }

  /** Some of the ticks that have to be run again; false if there were enough of them in this frame. */
  private runAgain(): boolean {
    const left = this.budget - this.spent
    if (left <= 0) return false
    const { machine } = this
    const before = machine.stats.ticks
    this.advance(machine.top, Math.min(TICKS_AT_ONCE, left))
    this.spent += machine.stats.ticks - before
    return true
  }

  /** The next tick; several at once for who is far behind, since fewer of them need to be kept. */
  private runOn(): boolean {
    const { machine, source } = this
    const due = source.dueTick()
    if (due <= machine.top) return false
    this.advance(Math.min(due, machine.top + TICKS_AT_ONCE), TICKS_AT_ONCE)
    return true
  }

  protected override advance(to: Tick, most: number): void {
    this.stepping = true
    try {
      super.advance(to, most)
    } finally {
      this.stepping = false
    }
    if (this.status.phase === 'ended') this.machine.cut(this.confirmed)
  }

  protected override step(tick: Tick): void {
    this.unsure.delete(tick)
    super.step(tick)
  }

  /** What has become certain is told. */
  private makeSure(): void {
    if (this.status.phase === 'ended') return
    const { machine, source } = this
    const confirmed = source.confirm(machine.sure)
    if (confirmed > this.confirmed) {
      machine.fold(confirmed)
      source.forget(machine.from)
      while (this.confirmed < confirmed) this.tellOf(++this.confirmed)
    }
    const { ended } = this.runner
    if (ended && confirmed >= ended.tick) this.finish(ended.result)
  }

  private tellOf(tick: Tick): void {
    const told = this.unsure.get(tick)
    if (told === undefined) return
    this.unsure.delete(tick)
    this.unread.push(...told.inputs)
    for (const failure of told.failures) super.tellFailure(failure)
  }

  /** Where to keep what a tick gives; undefined if that is certain, and told. */
  private of(tick: Tick): Unsure<E> | undefined {
    if (tick <= this.confirmed) return undefined
    const unsure = this.unsure.get(tick) ?? { failures: [], inputs: [] }
    this.unsure.set(tick, unsure)
    return unsure
  }

  protected override read(input: LinkInput<E>): void {
    this.of(input.tick)?.inputs.push(input)
  }

  protected override tellFailure(failure: Failure): void {
    this.of(failure.tick)?.failures.push(failure)
  }

  /** The end is reached where it is certain. */
  protected override closed(): void {}

  /** Whoever ends has the state of the last tick that is certain, which is everybody's. */
  protected override setStatus(status: Status): void {
    const ends = status.phase === 'ended' && this.status.phase !== 'ended'
    if (ends && this.isMade && !this.stepping) {
      this.machine.cut(this.confirmed)
      this.stateBefore = undefined
    }
    super.setStatus(status)
  }
}
