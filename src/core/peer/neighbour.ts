import type { InstanceId, LinkId, Micros } from '../timeline/tick.ts'
import { LinkClock } from './linkclock.ts'
import type { Claim } from './pace.ts'
import { Seen } from './seen.ts'

/** Of a new link the clock is learned at once: so many syncs are answered without delay, and so many come sooner. */
const ANSWERED_AT_ONCE = 3
const SOONER = 8

/** One link, as a peer knows it. */
export class Neighbour {
  readonly link: LinkId
  /** 0 until it has said who it is. */
  id: InstanceId = 0
  readonly clock = new LinkClock()
  heardAt: Micros
  /** Its clock in the last sync, and when that came. */
  syncClock: Micros = 0
  syncAt: Micros = 0
  toAnswer = ANSWERED_AT_ONCE
  sooner = SOONER
  nextSync: Micros
  /** When the last one went there. */
  syncedAt: Micros = 0
  /** Where it last said that the reference is. */
  claim: Claim | undefined
  /** How far ahead it has to stamp to be in time everywhere. */
  reach: Micros = 0
  /** All that it had when the link came up is here: its time may be run after. */
  merged = false
  /** It has said all that it has. */
  told = false
  /** There is an older link to the same peer, and that one may end this one: it has not answered here yet. */
  doubtful = false
  /** It has been sent all that it lacks: from here on events are flooded to it. */
  fed = false
  /** What is known to be there: what it has said that it has, and what has come from there before it was fed. */
  readonly theirs = new Seen()

  constructor(link: LinkId, now: Micros) {
    this.link = link
    this.heardAt = now
    this.nextSync = now
  }

  get met(): boolean {
    return this.id !== 0
  }

  /** Whether it is known who is there, what it has, and that the link will stay. */
  get waitsForFood(): boolean {
    return this.met && this.told && !this.doubtful && !this.fed
  }
}
