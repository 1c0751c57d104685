import type { RefusalCode } from '../errors.ts'
import type { Input, StampedEvent } from '../timeline/event.ts'
import {
  BEFORE_FIRST,
  dueAt,
  type LinkId,
  MILLISECOND,
  type Micros,
  NEVER,
  type Tick,
  tickAt,
  tickFrom,
} from '../timeline/tick.ts'
import { EMPTY } from '../wire/bytes.ts'
import { Ahead } from './ahead.ts'
import { Guesses } from './guesses.ts'
import { Instance, type InstanceHappening, type InstanceOptions } from './instance.ts'
import type { Beat, Grant } from './message-types.ts'
import { NO_TICK } from './round.ts'
import { CATCH_UP, type InstanceStats, Stance } from './stance.ts'

export interface PredictingOptions extends InstanceOptions {
  /** It runs ahead of the reference by at most so much; where that is too little own events wait for their tick. */
  readonly ahead: Micros
}

export interface PredictionStats {
  /** Own events that were stamped with the tick at which they were guessed, and those that were not. */
  right: number
  moved: number
}

/** Without a word from the sequencer guesses go on for so long, beyond what the ways take. Then all stands still. */
const UNHEARD: Micros = 100 * MILLISECOND

/**
 * An instance that runs ahead of what it was granted: it applies its own events at once, at the tick with which
 * they will then be stamped, and goes back where it was wrong. To the sequencer it is like any other: what is ahead
 * of its lease are guesses, and only what is confirmed counts for its promise.
 */
export class PredictingInstance extends Instance {
  readonly prediction: PredictionStats = { right: 0, moved: 0 }
  private readonly guesses = new Guesses()
  private readonly lead = new Ahead()
  private readonly most: Micros
  /** Where it stands with its guesses. */
  private readonly front: Stance
  private started = false
  /** The tick that its last event was to have. */
  private asked: Tick = NO_TICK
  /** Up to here it was run as it is certain to be, or will be if nothing else comes. */
  private sure: Tick = BEFORE_FIRST
  /** The last tick of which it is known whether it came in time. */
  private judged: Tick = NO_TICK

  constructor(options: PredictingOptions) {
    super(options)
    this.most = options.ahead
    this.front = new Stance(options.fps, {
      reference: (now) => this.clock.reference(now) + this.ahead,
    })
  }

  // --- what an application does

  override emit(now: Micros, id: number, payload: Uint8Array = EMPTY): number | RefusalCode {
    const number = super.emit(now, id, payload)
    if (typeof number === 'number' && this.asked !== NO_TICK)
      this.guesses.guess(this.asked, number, id, payload)
    return number
  }

  /** The next one that will be run; a later one where a frame is late, or it may not run far enough ahead. */
  protected override tickFor(now: Micros): Tick {
    if (!this.started) return NO_TICK
    const short = Math.max(0, this.lead.micros - this.most)
    const stands = tickAt(this.front.position(now) + short, this.fps)
    this.asked = Math.max(this.guesses.top + 1, this.asked, stands)
    return this.asked
  }

  // --- its guesses, for whoever runs them

  /** The last tick that is due to be run, guessed or not. */
  guessTick(now: Micros): Tick {
    if (!this.started) return this.guesses.local
    this.front.settle(now)
    return tickAt(this.front.position(now), this.fps)
  }

  /** Where it stands with its guesses. */
  guessPosition(now: Micros): Micros {
    return this.front.position(now)
  }

  /** When the next one is due; NEVER while only a message can bring it. */
  nextGuess(): Micros {
    if (!this.started || this.phase === 'ended' || this.front.isFrozen()) return NEVER
    return this.front.clockAt(dueAt(this.guesses.local + 1, this.fps))
  }

  /** The next input of the tick after the last that was run, due or not, and as far as is known. */
  nextGuessed(): Input {
    return this.guesses.next(this.id)
  }

  /** What was run is as it was after this tick. */
  rewind(tick: Tick): void {
    this.guesses.rewind(tick)
  }

  /** The earliest tick that was run and has other inputs by now; NEVER if there is none. */
  takeChange(): Tick {
    return this.guesses.takeChange()
  }

  /**
   * Up to this tick all was run with the inputs that are known: as far as they are certain they may be taken. An own
   * event that has no stamp when its tick is due has lost it.
   */
  ran(now: Micros, tick: Tick): void {
    if (this.phase !== 'running') return
    const due = Math.min(this.limit, tickAt(this.position(now), this.fps))
    this.guesses.notBefore(due + 1)
    // Not beyond what is due: a guess in a later tick may lose its tick yet.
    this.sure = Math.min(tick, due, this.guesses.sure)
  }

  /** The next input that is certain and due, of a tick that was run with it: so it is taken last, not first. */
  override take(now: Micros): Input | undefined {
    return this.local < this.sure ? super.take(now) : undefined
  }

  /** Nobody will go back to this tick or before it. */
  forget(tick: Tick): void {
    this.guesses.forget(tick)
  }

  // --- looks

  /** When its guesses stop, or stopped, unless it hears something before; NEVER while it does not run. */
  nextStandstill(): Micros {
    return this.phase === 'running' ? this.front.nextFreeze() : NEVER
  }

  /** Whether a tick is due that was never run. */
  isBehind(now: Micros): boolean {
    return tickAt(this.front.position(now), this.fps) > this.guesses.top
  }

  /** How far ahead of the reference it means to run. */
  get ahead(): Micros {
    return Math.min(this.most, this.lead.micros)
  }

  /**
   * How far its guesses may be beyond where it stands itself (P8): as far ahead as it may run, and on for as long as
   * it goes on unheard, that rounded up to a tick; and each of the two makes a distance good on its own.
   */
  get beyondMax(): Micros {
    return this.most + UNHEARD + dueAt(1, this.fps) + CATCH_UP
  }

  /** How far ahead it would have to run for own events to be seen at once. */
  get needed(): Micros {
    return this.lead.micros
  }

  get frontStats(): Readonly<InstanceStats> {
    return this.front.stats
  }

  /** As many as may be to come, and as many again behind what is certain, that it would need to go back. */
  private get knownMax(): number {
    return 2 * this.limits.pending_max
  }

  override sizes(): Record<string, { size: number; limit: number }> {
    return { ...super.sizes(), known: { size: this.guesses.size, limit: this.knownMax } }
  }

  // --- the doors

  override receive(now: Micros, from: LinkId, bytes: Uint8Array): void {
    super.receive(now, from, bytes)
    if (this.phase !== 'running') return
    if (!this.started) {
      this.started = true
      this.front.start(now)
    }
    // It stays where it stands, whatever a round does to the limit, and goes no farther for being told so.
    const limit = this.limit + tickFrom(this.ahead + UNHEARD, this.fps)
    this.front.limit(now, Math.max(limit, tickFrom(this.front.position(now), this.fps) - 1))
  }

  override happenings(): readonly InstanceHappening[] {
    const all = super.happenings()
    for (const happening of all) if (happening.kind === 'denied') this.guesses.withdraw(happening.number)
    return all
  }

  protected override onGrant(now: Micros, grant: Grant): void {
    this.lead.granted(grant.lead)
    super.onGrant(now, grant)
  }

  protected override onBeat(now: Micros, beat: Beat): void {
    if (beat.echo > 0) this.lead.returned(now, now - beat.echo - beat.held)
    super.onBeat(now, beat)
    if (this.started) this.front.approach(now)
  }

  protected override place(event: StampedEvent): boolean {
    if (!super.place(event)) return false
    // P8: without what it may have to go back to its state would be wrong, so that it ends instead.
    if (this.guesses.size >= this.knownMax) {
      this.finish('overflow')
      return false
    }
    if (event.source === this.id) this.land(event)
    else this.guesses.add(event)
    return true
  }

  private land(event: StampedEvent): void {
    const { stamp } = event
    const asked = this.guesses.land(event)
    // What comes after it will not be stamped before it.
    this.asked = Math.max(this.asked, stamp)
    if (asked === undefined) return
    if (asked === stamp) this.prediction.right++
    else this.prediction.moved++
    // Those of one tick are one sample: they were late together.
    if (asked <= this.judged) return
    // And those that were asked for before this was known would say the same again: one stall is one sample.
    this.judged = asked < stamp ? this.asked : asked
    this.lead.landed(dueAt(stamp - asked, this.fps), dueAt(1, this.fps))
  }
}
