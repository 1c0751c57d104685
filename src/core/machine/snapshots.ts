import type { Tick } from '../timeline/tick.ts'

interface Kept<S> {
  readonly tick: Tick
  readonly snapshot: S
}

/** Between two snapshots of the last ticks: every second tick is kept, so that a rollback of one costs two. */
const CLOSEST = 2

/** How far apart snapshots of such an age are: the largest power of two that is at most half of it. */
const spacing = (age: Tick): Tick => {
  let apart = CLOSEST
  while (2 * apart <= age / 2) apart *= 2
  return apart
}

/**
 * Whether a snapshot of a tick is kept at such an age. Ages double and so does the distance between what is
 * kept: two snapshots for each doubling, and among the ages n to 2n always one. What is dropped is never wanted
 * again, since a wider spacing is a multiple of a narrower one. The tick before the first fits all of them.
 */
export const isKept = (tick: Tick, age: Tick): boolean => (tick + 1) % spacing(age) === 0

/**
 * Snapshots of a past, the older the further apart: their number grows with the logarithm of the past. The
 * first is the base, before which nothing can be had back. What is dropped is written over by the next.
 */
export class Snapshots<S> {
  private readonly kept: Kept<S>[] = []
  private readonly spare: S[] = []

  get size(): number {
    return this.kept.length
  }

  /** The first of them. */
  get base(): Kept<S> {
    return this.kept[0] as Kept<S>
  }

  /** The tick of the first. */
  get from(): Tick {
    return this.base.tick
  }

  /** The ticks of all of them, in order. */
  get ticks(): readonly Tick[] {
    return this.kept.map(({ tick }) => tick)
  }

  /** Memory that is no longer needed, for whoever saves next. */
  takeSpare(): S | undefined {
    return this.spare.pop()
  }

  /** A snapshot of the newest tick; `top`: up to where time goes on, by which ages are reckoned. */
  add(tick: Tick, snapshot: S, top: Tick): void {
    this.kept.push({ tick, snapshot })
    this.thin(top)
  }

  private thin(top: Tick): void {
    const { kept } = this
    let to = 1
    for (let i = 1; i < kept.length; i++) {
      const one = kept[i] as Kept<S>
      if (isKept(one.tick, top - one.tick)) kept[to++] = one
      else this.spare.push(one.snapshot)
    }
    kept.length = to
  }

  /** None of them counts any more. */
  clear(): void {
    for (const { snapshot } of this.kept.splice(0)) this.spare.push(snapshot)
  }

  /** Whatever was saved at this tick or after it is void: what led to it has changed. */
  voidFrom(tick: Tick): void {
    const { kept } = this
    while (kept.length > 1 && (kept[kept.length - 1] as Kept<S>).tick >= tick) this.drop()
  }

  /** The last one. */
  get last(): Kept<S> {
    return this.kept[this.kept.length - 1] as Kept<S>
  }

  /** The last one that was saved at this tick or before it; the base if there is none. */
  at(tick: Tick): Kept<S> {
    let i = this.kept.length - 1
    while (i > 0 && (this.kept[i] as Kept<S>).tick > tick) i--
    return this.kept[i] as Kept<S>
  }

  /** The past up to the last snapshot at this tick or before it is settled: that one becomes the base. */
  fold(tick: Tick): void {
    const base = this.kept.indexOf(this.at(tick))
    for (const { snapshot } of this.kept.splice(0, base)) this.spare.push(snapshot)
  }

  private drop(): void {
    const dropped = this.kept.pop()
    if (dropped !== undefined) this.spare.push(dropped.snapshot)
  }
}
