import type { RefusalCode } from '../core/errors.ts'
import { LIMITS } from '../core/limits.ts'
import { askedPayload, joinPayload } from '../core/session/membership.ts'
import { type Input, RESERVED, SEQUENCER } from '../core/timeline/event.ts'
import { dueAt, type InstanceId, MILLISECOND, type Micros, type Tick, tickAt } from '../core/timeline/tick.ts'
import { Timeline } from '../core/timeline/timeline.ts'
import { type Guard, guard } from '../deterministic/guard.ts'
import { type Clock, now as machineClock } from '../driver/clock.ts'
import type { App } from './app.ts'
import type { Events } from './event.ts'
import type { Link } from './link.ts'
import { encodePayload } from './payload.ts'
import type { Source, SourceListener } from './source.ts'
import { SourceLink } from './source-link.ts'
import { trial } from './trial.ts'
import { TwiceLink } from './twice-link.ts'

export interface SoloOptions {
  /** Of `t.random()`: another one, another game. */
  readonly seed?: number
  /** What the player says of itself. */
  readonly data?: unknown
  /** False: do not watch for clocks and chance inside of steps. */
  readonly guard?: Guard | false
  /** Run every tick twice, with a rollback between, and throw if that makes a difference: for development. */
  readonly twice?: boolean
  /** False: do not look for what cannot be rolled back before anything begins. */
  readonly trial?: boolean
  readonly clock?: Clock
}

/** The one player. */
const ME: InstanceId = 1
/** Further behind than this, the time of one alone stands still instead: nobody waits for it. */
const BEHIND_MAX: Micros = 250 * MILLISECOND

/**
 * One instance without a network: what one develops with, and what one plays alone. An event happens in the next
 * tick. Time that passes while nobody runs it (a hidden tab, a debugger) does not pass in the application.
 */
export const solo = <S extends object, E extends Events, I>(
  app: App<S, E, I>,
  options: SoloOptions = {},
): Link<S, E, I> => {
  const { seed, data, clock = machineClock, twice = false } = options
  const watch = options.guard ?? guard
  const source = new SoloSource(app.fps, clock, encodePayload(data))
  const Kind = twice ? TwiceLink : SourceLink
  return new Kind(app, source, {
    ...(options.trial === false ? {} : { trial }),
    ...(seed === undefined ? {} : { seed }),
    ...(watch === false ? {} : { guard: watch }),
  })
}

class SoloSource implements Source {
  readonly fps: number
  readonly me = ME
  private readonly clock: Clock
  private readonly timeline = new Timeline()
  private origin: Micros
  private listener: SourceListener | undefined
  private emitted = 0
  private sequence = 0
  private skipped: Micros = 0

  constructor(fps: number, clock: Clock, data: Uint8Array) {
    this.fps = fps
    this.clock = clock
    this.origin = clock()
    this.put(RESERVED.join, SEQUENCER, 0, joinPayload({ member: ME, slot: 0, data }))
  }

  listen(listener: SourceListener): void {
    this.listener = listener
  }

  now(): Micros {
    return this.clock()
  }

  position(): Micros {
    const position = this.clock() - this.origin
    const behind = position - dueAt(this.timeline.local + 1, this.fps) - BEHIND_MAX
    if (behind <= 0) return position
    this.origin += behind
    this.skipped += behind
    return position - behind
  }

  dueTick(): Tick {
    return tickAt(this.position(), this.fps)
  }

  take(): Input | undefined {
    if (this.timeline.local >= this.dueTick()) return undefined
    const input = this.timeline.next()
    if (input.source === ME) this.listener?.landed(input.number, input.tick)
    return input
  }

  nextInput(): Micros {
    return this.origin + dueAt(this.timeline.local + 1, this.fps)
  }

  emit(id: number, payload: Uint8Array): number | RefusalCode {
    if (this.timeline.pending >= LIMITS.unstamped_max) return 'busy'
    this.put(id, ME, ++this.emitted, payload)
    return this.emitted
  }

  ask(what: 'pause' | 'resume' | 'end', data: Uint8Array): undefined {
    this.put(RESERVED[what], SEQUENCER, 0, askedPayload({ by: ME, data }))
    return
  }

  leave(): void {}

  finish(): void {}

  stats(): Record<string, number> {
    return { skippedMicros: this.skipped }
  }

  private put(id: number, source: InstanceId, number: number, payload: Uint8Array): void {
    this.timeline.add({ seq: this.sequence++, stamp: this.timeline.local + 1, source, number, id, payload })
  }
}
