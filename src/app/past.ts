import { MILLISECOND, type Micros, SECOND, type Tick } from '../core/timeline/tick.ts'
import { SametickError } from './errors.ts'
import type { Driven } from './link.ts'
import type { Loop, View } from './loop.ts'
import { PastRecord } from './past-record.ts'
import { PastViewer } from './past-viewer.ts'
import type { Effect } from './step.ts'

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
  /** Show the past and stand still there; what lies before `range` is its beginning. */
  rewind(to: RewindTo): void
  /** Let it go on from what is shown: at full speed, slower, faster, or backwards below 0; the present ends it. */
  play(options?: { readonly speed?: number }): void
  /** Back to the present. */
  live(): void
  /** The first and the last tick that can be had. */
  readonly range: { readonly from: Tick; readonly to: Tick }
  /** The tick that is shown. */
  readonly showing: Tick
  readonly isLive: boolean
  /** 1 in the present, 0 where it stands still. */
  readonly speed: number
  /** What is kept. */
  readonly kept: { readonly snapshots: number; readonly events: number; readonly eventBytes: number }
}

/** What `past()` gives to a loop. */
export interface Past {
  /** For loops: keep the past of what is driven from now on. `look`: something else is to be shown. */
  readonly keep: <S extends object, I>(driven: Driven<S, I>, look: () => void) => Looks<S, I>
}

/** What a loop asks of one who keeps its past. */
export interface Looks<S, I> {
  /** Whether the past is shown because somebody wants to see it. */
  readonly isAway: boolean
  /** What the own player holds: nothing while it looks away. */
  hand(input: () => I): I
  /** The effects that are to be told now, of these of the present and those of the past. */
  heard(effects: readonly Effect[]): readonly Effect[]
  /** Draw the past, if that is what is shown; false if it is the present. */
  draw(render: (state: S, view: View<S>) => void, present: View<S>): boolean
  /** In milliseconds: when the next frame is due, at the latest. */
  wait(most: number): number
  /** Nothing is shown any more. */
  close(): void
  loop(base: Loop): PastLoop<S>
}

const MINUTES = 5
/** The longest way that is shown, in milliseconds: whoever plays looks at the present again by then. */
const WAY_MAX = 1_000
/** A frame runs the past for at most so long. */
const FRAME_MAX: Micros = 10 * MILLISECOND
/** What nobody sees for longer than this does not pass in the past that is shown. */
const GAP_MAX: Micros = 250 * MILLISECOND

/**
 * Keeps the past of a loop, so that it can be looked at: `loop(link, { past: past(), render })`.
 *
 * It costs a snapshot every second tick and memory for some thirty of them, whatever the length of the past, and
 * the events. See docs/timemachine.md for figures.
 */
export const past = (options: PastOptions = {}): Past => {
  const { minutes = MINUTES, way = 0, effects = false } = options
  if (!(minutes > 0)) throw new SametickError('bad_request', `A past of ${minutes} minutes: it is above 0.`)
  const wayMax = typeof way === 'boolean' ? (way ? WAY_MAX : 0) : way
  if (!(wayMax >= 0 && wayMax <= WAY_MAX))
    throw new SametickError('bad_request', `A way of ${wayMax} ms: it lies between 0 and ${WAY_MAX}.`)
  return {
    keep: (driven, look) => new Looking(driven, { minutes, way: wayMax * MILLISECOND, effects }, look),
  }
}

interface Kept {
  readonly minutes: number
  readonly way: Micros
  readonly effects: boolean
}

/** A rollback that is shown: from where; since when and until when, once it was drawn first. */
interface Way {
  from: number
  began: Micros
  until: Micros
}

/**
 * Where one looks. Positions are what is drawn, in ticks: at 7 the state after tick 7, at 6.5 the middle between
 * 6 and 7. So in the present it lies a tick behind how far time has gone.
 */
class Looking<S extends object, I> implements Looks<S, I> {
  isAway = false
  private readonly driven: Driven<S, I>
  private readonly options: Kept
  private readonly look: () => void
  private readonly record: PastRecord
  private shown: PastViewer<S> | undefined
  /** For `at`, which does not move what is shown. */
  private asked: PastViewer<S> | undefined
  private position = 0
  private speed = 0
  /** When the position was looked at last. */
  private moved: Micros = 0
  /** Whether what is at the position was reached: until then nothing is drawn, and it does not move. */
  private isThere = false
  private way: Way | undefined
  private isClosed = false

  constructor(driven: Driven<S, I>, options: Kept, look: () => void) {
    this.driven = driven
    this.options = options
    this.look = look
    const ticks = Math.ceil(options.minutes * 60 * driven.fps)
    this.record = new PastRecord(driven.runner, ticks, (tick, changed) => this.wentBack(tick, changed))
    driven.recorder = this.record
  }

  // --- what a loop asks

  hand(input: () => I): I {
    return this.isAway ? (this.driven.runner.app.input?.neutral as I) : input()
  }

  heard(effects: readonly Effect[]): readonly Effect[] {
    const past = this.shown?.takeEffects() ?? []
    if (this.isAway && this.options.effects) return past
    return past.length > 0 ? [...past, ...effects] : effects
  }

  wait(most: number): number {
    return this.isAway || this.way ? SECOND / MILLISECOND / this.driven.fps : most
  }

  draw(render: (state: S, view: View<S>) => void, present: View<S>): boolean {
    if (!this.isAway && !this.way) return false
    const now = this.driven.now()
    if (!this.move(now)) return false
    const tick = Math.ceil(this.position)
    // What is there is being run again just now.
    if (tick > this.record.local) return true
    const { viewer } = this
    viewer.hears = this.options.effects && this.isAway && this.isThere && this.speed > 0
    if (viewer.show(tick, () => this.driven.now() < now + FRAME_MAX)) this.isThere = true
    else if (!this.isThere || (!this.way && this.speed <= 0)) {
      this.isThere = false
      return true
    } else this.position = viewer.tick
    render(viewer.state, this.viewOf(viewer, present))
    return true
  }

  close(): void {
    this.isClosed = true
    this.live()
  }

  loop(base: Loop): PastLoop<S> {
    const looking = this
    return {
      ...base,
      at: (tick) => this.at(tick),
      rewind: (to) => this.rewind(to),
      play: ({ speed = 1 } = {}) => this.play(speed),
      live: () => this.live(),
      get range() {
        return { from: looking.record.from, to: looking.record.local }
      },
      get showing() {
        return looking.isLive ? looking.record.local : Math.ceil(looking.position)
      },
      get isLive() {
        return looking.isLive
      },
      get speed() {
        return looking.isAway ? looking.speed : 1
      },
      get kept() {
        return looking.record.size
      },
    }
  }

  // --- what one who looks does

  private at(tick: Tick): S {
    const { from, local } = this.record
    if (!Number.isSafeInteger(tick) || tick < from || tick > local)
      throw new SametickError(
        'not_kept',
        `There are ticks ${from} to ${local}; past({ minutes }) keeps more.`,
        {
          sentence: `Tick ${tick} cannot be had.`,
        },
      )
    this.asked ??= this.newViewer()
    this.asked.seek(tick)
    return this.asked.copyOfState()
  }

  private rewind(to: RewindTo): void {
    const { from, local } = this.record
    const { fps } = this.driven
    const at = this.isLive ? this.present : this.position
    const tick = typeof to === 'number' ? to : Math.round(at - ('ticks' in to ? to.ticks : to.seconds * fps))
    if (!Number.isFinite(tick))
      throw new SametickError(
        'bad_request',
        `rewind(${JSON.stringify(to)}): a tick, { ticks } or { seconds }.`,
      )
    this.leavePresent(Math.min(local, Math.max(from, tick)), 0)
  }

  private play(speed: number): void {
    if (!Number.isFinite(speed))
      throw new SametickError('bad_request', `A speed of ${speed}: it is a number.`)
    // In the present nothing lies ahead.
    if (this.isLive && speed >= 1) return
    this.leavePresent(this.isLive ? this.present : this.position, speed)
  }

  private live(): void {
    this.isAway = false
    this.way = undefined
    this.look()
  }

  private get isLive(): boolean {
    return !this.isAway && !this.way
  }

  /** What is drawn of the present. */
  private get present(): number {
    return this.record.local - 1 + this.driven.alpha()
  }

  private leavePresent(position: number, speed: number): void {
    if (this.isClosed) return
    if (position !== this.position) this.isThere = false
    this.isAway = true
    this.way = undefined
    this.position = position
    this.speed = speed
    this.moved = this.driven.now()
    this.look()
  }

  // --- what moves

  /** Move on to now; false if the present is reached. */
  private move(now: Micros): boolean {
    const passed = Math.min(GAP_MAX, now - this.moved)
    this.moved = now
    if (this.way) return this.moveOnWay(this.way, now)
    if (this.isThere) this.position += (this.speed * passed * this.driven.fps) / SECOND
    if (this.position < this.record.from) this.position = this.record.from
    if (this.speed <= 0 || this.driven.travels() || this.position < this.present) return true
    this.isAway = false
    return false
  }

  private moveOnWay(way: Way, now: Micros): boolean {
    if (this.driven.travels()) return true
    const { present } = this
    if (way.began < 0) {
      way.began = now
      if (way.until < 0) {
        const length = ((present - way.from) * SECOND) / this.driven.fps
        way.until = now + Math.min(length, this.options.way)
      }
    }
    if (now < way.until) {
      const share = (now - way.began) / (way.until - way.began)
      this.position = Math.max(this.record.from, way.from + (present - way.from) * share)
      return true
    }
    this.way = undefined
    return false
  }

  /** The past has changed from a tick on, and is run again from the one after `tick`. */
  private wentBack(tick: Tick, changed: Tick): void {
    this.shown?.voidFrom(tick + 1)
    this.asked?.voidFrom(tick + 1)
    if (this.options.way === 0 || this.isAway || this.isClosed) return
    const { way } = this
    const from = changed - 1
    if (!way) this.isThere = false
    // The way that is shown has not come so far yet.
    if (way && way.began >= 0 && this.position <= from) return
    // Another one on the way: back to it, and yet no longer than was left.
    this.way = { from: way ? Math.min(way.from, from) : from, began: -1, until: way ? way.until : -1 }
    this.position = this.way.from
    this.look()
  }

  // --- who shows

  private get viewer(): PastViewer<S> {
    this.shown ??= this.newViewer()
    return this.shown
  }

  private newViewer(): PastViewer<S> {
    return new PastViewer<S>(this.record, this.driven.runner)
  }

  private viewOf(viewer: PastViewer<S>, present: View<S>): View<S> {
    return {
      alpha: this.position - Math.ceil(this.position) + 1,
      get before() {
        return viewer.before
      },
      me: present.me,
      status: present.status,
    }
  }
}
