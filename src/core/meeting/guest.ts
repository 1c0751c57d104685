import type { InstanceId, LinkId, Micros } from '../timeline/tick.ts'
import { Allowance } from './allowance.ts'
import type { Held } from './credits.ts'
import type { MeetingLimits } from './limits.ts'
import type { Enter } from './messages.ts'

/** A peer that is in a room. */
export class Guest {
  readonly link: LinkId
  readonly id: InstanceId
  readonly key: number
  heardAt: Micros
  /** The ways that lead to others from here, by whom they lead to. */
  readonly ways = new Map<InstanceId, Way>()
  /** Links that it says it has without a way here: with whom it was linked before the meeting point came back. */
  readonly claims: Set<InstanceId>
  /** Whom it is not introduced to before when. */
  readonly apart = new Map<InstanceId, Micros>()
  readonly words: Allowance
  readonly relayed: Allowance

  constructor(now: Micros, link: LinkId, { id, key, linked }: Enter, limits: MeetingLimits) {
    this.link = link
    this.id = id
    this.key = key
    this.heardAt = now
    this.claims = new Set(linked)
    this.words = new Allowance(now, limits.words_rate, limits.words_burst)
    this.relayed = new Allowance(now, limits.rate, limits.burst_bytes)
  }

  /** Whether these two are linked: what only one of them says may be over, or never have been. */
  isLinked(other: Guest): boolean {
    if (other === this) return false
    return this.ways.has(other.id) || (this.claims.has(other.id) && other.claims.has(this.id))
  }

  mayMeet(other: Guest, now: Micros): boolean {
    return (
      other !== this &&
      !this.isLinked(other) &&
      (this.apart.get(other.id) ?? now) <= now &&
      (other.apart.get(this.id) ?? now) <= now
    )
  }
}

/** What is on its way in one direction. */
interface Flow {
  /** Bytes that were passed on and of which the sender has not heard that they were taken, with what pieces cost. */
  flying: number
  /** Of these what was taken, and is not told yet. */
  held: number
  /** A credit that waits and to which more may be added. */
  open: Held | undefined
  signals: number
}

/** A way between two peers through the meeting point: a pipe, which understands nothing of what it carries. */
export class Way {
  readonly number: number
  readonly ends: readonly [Guest, Guest]
  private readonly flows: readonly [Flow, Flow] = [
    { flying: 0, held: 0, open: undefined, signals: 0 },
    { flying: 0, held: 0, open: undefined, signals: 0 },
  ]

  constructor(number: number, ends: readonly [Guest, Guest]) {
    this.number = number
    this.ends = ends
  }

  has(guest: Guest): boolean {
    return this.ends.includes(guest)
  }

  other(guest: Guest): Guest {
    return this.ends[guest === this.ends[0] ? 1 : 0]
  }

  /** What flows from this one. */
  from(guest: Guest): Flow {
    return this.flows[guest === this.ends[0] ? 0 : 1]
  }
}
