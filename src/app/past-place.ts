import { MILLISECOND, type Micros, SECOND, type Tick } from '../core/timeline/tick.ts'

/** What nobody sees for longer than this does not pass in the past that is shown. */
const GAP_MAX: Micros = 250 * MILLISECOND

/** A rollback that is shown: from where; since when and until when, once it was drawn first. */
interface Way {
  readonly from: number
  began: Micros | undefined
  until: Micros | undefined
}

/**
 * Where one looks, and how that moves. Positions are what is drawn, in ticks: at 7 the state after tick 7, at 6.5
 * the middle between 6 and 7. So in the present it lies a tick behind how far time has gone.
 */
export class Place {
  position = 0
  /** In ticks of the past for a tick of time. */
  speed = 0
  /** Whether somebody looks back. */
  isAway = false
  /**
   * Whether what is at the position was reached. Until then nothing is drawn and it does not move: who goes back ten
   * minutes sees no way there, and whoever plays from there misses nothing.
   */
  isThere = false
  private way: Way | undefined
  private moved: Micros = 0
  private readonly fps: number
  private readonly wayMax: Micros

  /** `wayMax`: for how long at most the way of a rollback is shown; 0 for none. */
  constructor(fps: number, wayMax: Micros) {
    this.fps = fps
    this.wayMax = wayMax
  }

  /** Whether what is drawn is the present. */
  get isLive(): boolean {
    return !this.isAway && this.way === undefined
  }

  /** The tick whose state is drawn, and how far it has come there from the one before. */
  get tick(): Tick {
    return Math.ceil(this.position)
  }

  get alpha(): number {
    return this.position - this.tick + 1
  }

  /** Whether it goes on to later ticks, so that what is not reached in time is shown later. */
  get goesOn(): boolean {
    return this.isThere && (!this.isAway || this.speed > 0)
  }

  leave(position: number, speed: number, now: Micros): void {
    if (position !== this.position || this.isLive) this.isThere = false
    this.isAway = true
    this.way = undefined
    this.position = position
    this.speed = speed
    this.moved = now
  }

  comeBack(): void {
    this.isAway = false
    this.way = undefined
  }

  /**
   * Move on to now, within what there is: both may have moved themselves, since what is old is folded and what was
   * guessed may never have happened. Comes back if the present is reached.
   */
  move(now: Micros, { from, to }: { readonly from: Tick; readonly to: Tick }, present: number): void {
    const passed = Math.min(GAP_MAX, now - this.moved)
    this.moved = now
    if (this.way) this.moveOn(this.way, now, present)
    else if (this.isThere) this.position += (this.speed * passed * this.fps) / SECOND
    this.position = Math.min(to, Math.max(from, this.position))
    if (this.isAway && this.speed > 0 && this.position >= present) this.comeBack()
  }

  private moveOn(way: Way, now: Micros, present: number): void {
    way.began ??= now
    way.until ??= now + Math.min(this.wayMax, ((present - way.from) * SECOND) / this.fps)
    if (now >= way.until) return this.comeBack()
    // Evenly to where the present will be by then.
    const goal = present + ((way.until - now) * this.fps) / SECOND
    const share = (now - way.began) / (way.until - way.began)
    this.position = Math.min(present, way.from + (goal - way.from) * share)
  }

  /**
   * The present was rolled back to before this tick: if that is to be shown, it is from now on. What comes late on
   * such a way makes it no longer than it was.
   */
  wentBack(changed: Tick): void {
    const { way } = this
    if (this.wayMax === 0 || this.isAway) return
    const from = changed - 1
    // The way has not come so far yet.
    if (way && this.position <= from) return
    this.isThere = false
    this.way = { from, began: undefined, until: way?.until }
    this.position = from
  }
}
