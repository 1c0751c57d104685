import { Pacer } from '../timeline/pacer.ts'
import { dueAt, type InstanceId, type LinkId, MILLISECOND, type Micros, SECOND } from '../timeline/tick.ts'
import type { LinkClock } from './linkclock.ts'

/** Where the reference is, as a neighbour says it. */
export interface Claim {
  readonly clock: Micros
  readonly reference: Micros
  readonly root: InstanceId
  readonly beat: number
  readonly error: Micros
}

/** Distances below this are left alone: nobody sees them, and each correction is felt. */
const CLOSE_ENOUGH: Micros = 1 * MILLISECOND
/** A distance is made good over this time, at the rates at which nobody sees it. */
const GENTLY: Micros = 400 * MILLISECOND
/** Further behind than this, a peer runs as fast as it takes to be there within a quarter of a second. */
const FAR_BEHIND: Micros = 100 * MILLISECOND
const CATCH_UP: Micros = 250 * MILLISECOND
const CATCH_UP_MIN: Micros = 20 * MILLISECOND
/** Whose beat has not come on for so long is gone: four syncs in a row. */
const ROOT_SILENT: Micros = 4 * SECOND
/** Another way to the same time must be better by this before it is taken: else it would change all the time. */
const BETTER = 0.7
const STALE_BEATS = 2
/** Two times are two if they are further apart than so many errors, and half a tick. */
const SURELY = 3
/** Roots that went silent are remembered, so that their last words, still on their way, bring nobody back. */
const REMEMBERED_MAX = 64

/**
 * Where the time of all peers is. It is the time of the peer furthest ahead, the root: each takes it from the
 * neighbour whose account of it is best, and passes it on. So there are no circles in which an error could
 * feed itself, and over many hops errors add like chance, not like a sum. When the root falls silent its time
 * goes on, and whoever of those that notice has the least id is the root.
 */
export class Pace {
  root: InstanceId
  beat = 0
  error: Micros = 0
  /** The link over which the reference is heard; undefined at the root. */
  parent: LinkId | undefined
  private readonly id: InstanceId
  private readonly tick: Micros
  private readonly pacer = new Pacer()
  private readonly silenced = new Map<InstanceId, number>()
  private beatAt: Micros
  /** When one that is far behind is to be there. */
  private thereAt: Micros = 0
  /** The link to the parent is gone: whoever hears the same root will do. */
  private orphaned = false
  /** At this moment of the own clock the reference was here. */
  private markClock: Micros
  private mark: Micros = 0

  constructor(id: InstanceId, fps: number, now: Micros) {
    this.id = id
    this.root = id
    this.tick = dueAt(1, fps)
    this.beatAt = now
    this.markClock = now
    this.pacer.stop(now, 0)
    this.pacer.go(now)
  }

  /** Where the time is, as far as is known here. */
  reference(now: Micros): Micros {
    return this.mark + now - this.markClock
  }

  /** Where this peer stands: the ticks up to here are due. */
  position(now: Micros): Micros {
    return this.pacer.position(now)
  }

  clockAt(position: Micros): Micros {
    return this.pacer.clockAt(position)
  }

  /** Whether it is so far behind that it runs faster than anybody would want to watch. */
  catchingUp(now: Micros): boolean {
    return this.reference(now) - this.position(now) > FAR_BEHIND
  }

  /** A beat of one's own, if one is the root. */
  count(now: Micros): void {
    if (this.root !== this.id) return
    this.beat++
    this.beatAt = now
  }

  /** A neighbour says where the reference is. True if that is so far ahead that the time has jumped. */
  heard(now: Micros, link: LinkId, clock: LinkClock, claim: Claim): boolean {
    if (claim.root === this.id || claim.beat <= (this.silenced.get(claim.root) ?? -1)) return false
    const there = claim.reference + now + clock.offset - claim.clock
    // Errors of several hops add up like chance.
    const error = Math.ceil(Math.sqrt(claim.error * claim.error + clock.error * clock.error))
    const isSame = claim.root === this.root
    // Without a sample of the way it is only known that it is at least there: enough to run after, no more.
    const isGuess = clock.count === 0
    const takes = isSame
      ? !isGuess && this.isBetter(link, claim.beat, error)
      : this.isOther(now, there, error, claim.root, isGuess)
    if (!takes) return false
    const hasJumped = !isSame && there - this.reference(now) > FAR_BEHIND
    if (!isSame || claim.beat > this.beat) this.beatAt = now
    this.beat = isSame ? Math.max(this.beat, claim.beat) : claim.beat
    this.root = claim.root
    this.parent = link
    this.orphaned = false
    this.error = error
    this.markClock = now
    this.mark = Math.max(0, there)
    this.approach(now)
    return hasJumped
  }

  private isBetter(link: LinkId, beat: number, error: Micros): boolean {
    if (link === this.parent) return beat >= this.beat
    return beat + STALE_BEATS >= this.beat && (this.orphaned || error < BETTER * this.error)
  }

  /** Of two times the one ahead counts; of two that cannot be told apart that of the lesser id. */
  private isOther(now: Micros, there: Micros, error: Micros, root: InstanceId, isGuess: boolean): boolean {
    const distance = there - this.reference(now)
    const apart = SURELY * Math.sqrt(error * error + this.error * this.error) + this.tick / 2
    if (distance > apart) return true
    return !isGuess && distance >= -apart && root < this.root
  }

  /** A link is gone: its account of the time is as well, but not the time. */
  unlinked(link: LinkId): void {
    if (this.parent !== link) return
    this.parent = undefined
    this.orphaned = true
  }

  /** Look whether the root is still heard, and close in on the reference. */
  look(now: Micros): void {
    if (this.root !== this.id && now - this.beatAt > ROOT_SILENT) this.takeOver(now)
    this.approach(now)
  }

  private takeOver(now: Micros): void {
    this.silenced.set(this.root, this.beat)
    if (this.silenced.size > REMEMBERED_MAX)
      for (const [first] of this.silenced) {
        this.silenced.delete(first)
        break
      }
    this.root = this.id
    this.parent = undefined
    this.orphaned = false
    this.error = 0
    this.count(now)
  }

  private approach(now: Micros): void {
    const distance = this.reference(now) - this.pacer.position(now)
    if (distance > FAR_BEHIND) {
      // What is learned on the way does not put off the moment of arrival.
      if (now >= this.thereAt) this.thereAt = now + CATCH_UP
      const over = Math.max(CATCH_UP_MIN, this.thereAt - now)
      this.pacer.correct(now, distance, over, 1 + distance / over)
    } else {
      const close = Math.abs(distance) <= CLOSE_ENOUGH
      if (!close || this.pacer.correctingAt(now)) this.pacer.correct(now, close ? 0 : distance, GENTLY)
    }
  }
}
