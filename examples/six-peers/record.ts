import { digest, type Rollback } from 'sametick'
import rect, { type Point } from './rect.ts'

/** Ticks that are remembered: more than a minute. */
const KEPT = 4_096
/** Of a past that was taken back so much is remembered. */
const OLD_MAX = 600

/** A past that was taken back, and the one that took its place. */
export interface Taken {
  /** How many ticks were run again. */
  readonly ticks: number
  readonly tick: number
  /** The way before, and the way now: both begin where they part. */
  readonly old: readonly Point[]
  readonly now: readonly Point[]
}

/**
 * What one peer has done, tick by tick, as it stands now: a tick that is run again is written again. It is for
 * looking only; the application knows nothing of it.
 */
export class Record {
  /** The last tick that was run; after a rollback it is an earlier one, for a moment. */
  last = -1
  /** Where the present is: the last tick that was ever run. */
  top = -1
  private readonly x = new Float64Array(KEPT)
  private readonly y = new Float64Array(KEPT)
  private readonly digests = new Float64Array(KEPT)
  private readonly pressed = new Uint8Array(KEPT)
  private pressing = 0
  /** The ways from the tick on that is run again, until it is known how far back it went. */
  private before: { readonly from: number; readonly points: readonly Point[] } | undefined
  private back: Rollback | undefined
  private old: readonly Point[] = []

  /** The same application, watched. */
  readonly app: typeof rect = {
    ...rect,
    on: {
      ...rect.on,
      steer: (state, event, t) => {
        this.pressing = (event as { player: { id: number } }).player.id
        rect.on.steer?.(state, event, t)
      },
    },
    tick: (state, t) => {
      rect.tick?.(state, t)
      this.note(t.tick, state, digest(state))
    },
  }

  /** Forget what was tried before anything began. */
  clear(): void {
    this.last = -1
    this.top = -1
    this.before = undefined
  }

  /** What a link tells of a rollback. */
  rolledBack(rollback: Rollback): void {
    const { tick, top } = rollback
    const points = this.before?.points ?? []
    // Several in one go are shown as one.
    if (this.back === undefined) {
      const first = Math.max(tick - 1, top - OLD_MAX)
      this.old = points.slice(Math.max(0, first - (this.before?.from ?? 0)))
      this.back = rollback
    }
    this.before = undefined
  }

  /** The rollback that has ended since this was last asked. */
  takeBack(): Taken | undefined {
    const { back, old } = this
    if (back === undefined || this.last < back.top) return undefined
    this.back = undefined
    const { tick, top } = back
    const now: Point[] = []
    for (let at = Math.max(tick - 1, top - OLD_MAX); at <= this.last; at++) now.push(this.at(at))
    return { ticks: top + 1 - tick, tick, old, now }
  }

  has(tick: number): boolean {
    return tick >= 0 && tick <= this.last && tick > this.last - KEPT
  }

  at(tick: number): Point {
    const i = Math.max(0, tick) % KEPT
    return { x: this.x[i] as number, y: this.y[i] as number }
  }

  digestAt(tick: number): number {
    return this.digests[tick % KEPT] as number
  }

  /** Who has pressed a key at that tick, by id; 0 for nobody. */
  pressedAt(tick: number): number {
    return this.pressed[tick % KEPT] as number
  }

  private note(tick: number, { x, y }: Point, digest: number): void {
    if (tick <= this.top && tick <= this.last) this.keepOld(tick)
    const i = tick % KEPT
    this.x[i] = x
    this.y[i] = y
    this.digests[i] = digest
    this.pressed[i] = this.pressing
    this.pressing = 0
    this.last = tick
    if (tick > this.top) this.top = tick
  }

  private keepOld(tick: number): void {
    const from = Math.max(tick, this.top - OLD_MAX - 64, 0)
    const points: Point[] = []
    for (let at = from; at <= this.top; at++) points.push(this.at(at))
    this.before = { from, points }
  }
}
