import { MILLISECOND, type Tick } from '../core/timeline/tick.ts'
import type { Player } from './app.ts'
import { SametickError } from './errors.ts'
import type { Events } from './event.ts'
import type { Link } from './link.ts'
import type { Loop, LoopOptions } from './loop.ts'
import { Looking } from './past-loop.ts'

export interface PastOptions {
  /** How many minutes can be had back, at least: 5. Up to half as much again is kept. */
  readonly minutes?: number
  /**
   * When something comes late and rolls the present back, draw the way from there instead of a jump: for at most so
   * many milliseconds, up to 1000, which is what `true` stands for.
   */
  readonly way?: boolean | number
  /** While one looks back, give `effects` what is heard there and not what is heard now. */
  readonly effects?: boolean
}

/** Where to go: a tick, or so far back from what is shown. */
export type RewindTo = Tick | { readonly ticks: number } | { readonly seconds: number }

/** A loop whose past can be looked at. What it does, it does to the picture: the timeline goes on underneath. */
export interface PastLoop<S> extends Loop {
  /** The state after a tick, as a copy of one's own. Throws `not_kept` outside of `range`. */
  at(tick: Tick): S
  /** Show the past and stand still there. Before what is kept it is the first tick, and after it the last. */
  rewind(to: RewindTo): void
  /** Let it go on from what is shown: at full speed, slower, faster, or backwards below 0; the present ends it. */
  play(options?: { readonly speed?: number }): void
  /** Back to the present. */
  live(): void
  /** The first and the last tick that can be had. */
  readonly range: { readonly from: Tick; readonly to: Tick }
  /** The tick that is shown. */
  readonly showing: Tick
  /** Whether that is the present. */
  readonly isLive: boolean
  /** Who took part in what is shown. */
  readonly players: readonly Player[]
  /** 1 in the present, 0 where it stands still. */
  readonly speed: number
  /** What is kept. */
  readonly kept: { readonly snapshots: number; readonly events: number; readonly eventBytes: number }
}

/** What `past()` gives: how a loop is run whose past is kept. */
export interface Past {
  readonly loop: <S extends object, E extends Events, I>(
    link: Link<S, E, I>,
    options: LoopOptions<S, I, Past | undefined>,
  ) => PastLoop<S>
}

const MINUTES = 5
/** The longest way that is shown, in milliseconds: whoever plays looks at the present again by then. */
const WAY_MAX = 1_000

/**
 * Keeps the past of a loop, so that it can be looked at.
 *
 * ```ts
 * const l = loop(link, { past: past(), render })
 * l.rewind({ seconds: 5 })
 * l.play({ speed: 0.25 })
 * ```
 *
 * It costs a copy of the state at every second tick, memory for some thirty of them, and the events.
 */
export const past = (options: PastOptions = {}): Past => {
  const { minutes = MINUTES, way = false, effects = false } = options
  if (!(minutes > 0)) throw new SametickError('bad_request', `A past of ${minutes} minutes: it is above 0.`)
  const wayMax = typeof way === 'boolean' ? Number(way) * WAY_MAX : way
  if (!(wayMax >= 0 && wayMax <= WAY_MAX))
    throw new SametickError('bad_request', `A way of ${wayMax} ms: it lies between 0 and ${WAY_MAX}.`)
  const kept = { minutes, wayMax: wayMax * MILLISECOND, effects }
  return { loop: (link, options) => new Looking(link, kept, options).loop() }
}
