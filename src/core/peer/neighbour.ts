import {
  BEFORE_FIRST,
  type InstanceId,
  type LinkId,
  type Micros,
  NEVER,
  type Tick,
} from '../timeline/tick.ts'
import type { Coming } from './coming.ts'
import { LinkClock } from './linkclock.ts'
import type { Claim } from './messages.ts'
import type { Claim as TimeClaim } from './pace.ts'
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
  claim: TimeClaim | undefined
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
  /** When it was sent a part of that, if there is more: it gets the next when it answers what came after this one. */
  partAt: Micros | undefined
  /** By when it has to have taken what it is given at present: as long as that it holds folding back. */
  fedBy: Micros = NEVER
  /** What is known to be there: what it has said that it has, and what has come from there before it was fed. */
  readonly theirs = new Seen()
  /** What it took no more from anybody it does not know, when the link came up; from this peer, once it is known. */
  firm: Tick = BEFORE_FIRST
  bound: Tick | undefined
  /** What this peer does not take from it, until all that it had is here. */
  ownBound: Tick = BEFORE_FIRST
  /** It was forgotten, and until all that it had is here it is again if it goes: where its last sign was. */
  signBefore: Tick | undefined
  /** What does not fit, as it was said to the neighbour, and as the neighbour has said it. */
  ourClaim: Claim | undefined
  theirClaim: Claim | undefined
  /** It has begun to send what this peer lacked: nothing of its own does not fit. */
  fits = false
  /** The snapshot that it is given, and the one that comes from it. */
  giving: Uint8Array | undefined
  coming: Coming | undefined
  /** By when that has to be here: others wait behind it. */
  comesBy: Micros = NEVER

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
    const isBegun = this.fed || this.isBeingFed
    return this.met && this.told && !this.doubtful && !isBegun
  }

  /** It lacks more than it could be sent at once. What is held here must not be folded meanwhile. */
  get isBeingFed(): boolean {
    return !this.fed && (this.ourClaim !== undefined || this.partAt !== undefined)
  }

  /** It has answered a sync: whether that came after the last part of what it lacks, and there is more. */
  hasRead(echo: Micros): boolean {
    return !this.fed && this.partAt !== undefined && echo > this.partAt
  }

  /** Until when it may go on as it is. */
  patience(silence: Micros): Micros {
    return Math.min(this.heardAt + silence, this.isBeingFed ? this.fedBy : NEVER, this.comesBy)
  }
}
