import { BEFORE_FIRST, type Micros, SECOND, type Tick } from '../../../core/timeline/tick.ts'
import { CATCH_UP, type FirstEvent, marginOf, type Propose, type Sync } from './rules.ts'

export interface ClientEars {
  /** A turn showed an event in place of a tick. */
  delivered?(at: Micros, client: FirstClient, event: FirstEvent, tick: Tick): void
  /** The first of the turns that repeat a tick. */
  froze?(at: Micros, client: FirstClient, tick: Tick): void
}

/**
 * A client with its instance. Between two messages its turns follow from one another, so they are made up in
 * one go when the next message comes.
 */
export class FirstClient {
  readonly id: number
  /** The next tick, and when the turn comes that shows it. */
  next: Tick = 0
  turnAt: Micros
  turns = 0
  turnsFrozen = 0
  /** What the server has asked it to make up, whether or not there was time: so its logs count. */
  askedToCatchUp: Micros = 0
  /** The ticks in which it showed the events, in their order, which is the same everywhere. */
  readonly shown: Tick[] = []
  private readonly period: Micros
  private readonly margin: Micros
  private readonly ears: ClientEars
  private behind: Micros = 0
  /** The tick before which it last froze. */
  private frozenAt: Tick = BEFORE_FIRST
  private readonly deadlines: Micros[] = []
  private readonly decided: FirstEvent[] = []

  constructor(id: number, instances: number, fps: number, startsAt: Micros, ears: ClientEars) {
    this.id = id
    this.turnAt = startsAt
    this.period = SECOND / fps
    this.margin = marginOf(instances)
    this.ears = ears
  }

  /** What it answers and what its events want: not the next tick, but the one after. */
  get position(): Micros {
    return (this.next + 1) * this.period
  }

  /** It answers with its position, having set its deadline. */
  propose(now: Micros, { want, rtt }: Propose): Micros {
    this.advance(now)
    this.behind = 0
    const deadline = Math.max(this.position, want) + 2 * rtt + this.margin
    this.deadlines.push(Math.max(deadline, this.deadlines.at(-1) ?? 0))
    return this.position
  }

  sync(now: Micros, { event, behind }: Sync): void {
    this.advance(now)
    this.decided.push(event)
    this.behind = behind
    this.askedToCatchUp += behind
  }

  /** All turns up to this moment. */
  advance(now: Micros): void {
    while (this.turnAt <= now) {
      const event = this.decided[0]
      const deadline = this.deadlines[0]
      if (event !== undefined) {
        const before = Math.ceil(event.stamp / this.period) - this.next
        if (before > 0) this.turn(now, before)
        else this.show(event)
      } else if (deadline !== undefined) {
        const before = Math.ceil(deadline / this.period) - 1 - this.next
        if (before > 0) this.turn(now, before)
        else this.freeze(now)
      } else this.turn(now, Number.POSITIVE_INFINITY)
    }
  }

  /** As many turns as there is time for, each to the next tick. */
  private turn(now: Micros, most: number): void {
    this.next += this.pass(now, most)
  }

  private show(event: FirstEvent): void {
    this.decided.shift()
    this.deadlines.shift()
    this.shown.push(this.next)
    this.ears.delivered?.(this.turnAt, this, event, this.next)
    this.next += this.pass(this.turnAt, 1)
  }

  /** Nothing but a message ends it, so all turns until now repeat the tick. */
  private freeze(now: Micros): void {
    if (this.frozenAt !== this.next) this.ears.froze?.(this.turnAt, this, this.next - 1)
    this.frozenAt = this.next
    this.turnsFrozen += this.pass(now, Number.POSITIVE_INFINITY)
  }

  /** Turns pass until now: one, if it is shortened to catch up, else up to so many. */
  private pass(now: Micros, most: number): number {
    let passed = 1
    if (this.behind > 0) {
      const madeUp = Math.min(this.behind, this.period * CATCH_UP)
      this.behind -= madeUp
      this.turnAt += this.period - madeUp
    } else {
      passed = Math.min(most, Math.floor((now - this.turnAt) / this.period) + 1)
      this.turnAt += passed * this.period
    }
    this.turns += passed
    return passed
  }
}
