import {
  BEFORE_FIRST,
  type InstanceId,
  type LinkId,
  type Micros,
  NEVER,
  type Tick,
} from '../timeline/tick.ts'
import { Tail } from './tail.ts'

/** How many samples of a round trip count. */
const TRIP_MEMORY = 16
/** Strikes against a member that make it distrusted; one is forgiven with every so many rounds. */
const STRIKES_MAX = 3
const FORGIVEN_A_ROUND = 1 / 64
/** How long it is distrusted, the first time; twice as long each time after. */
const DISTRUST: Micros = 10_000_000
const DISTRUST_MAX: Micros = 600_000_000

/** What the sequencer knows of one instance. */
export class Member {
  readonly id: InstanceId
  readonly link: LinkId
  readonly slot: number
  readonly data: Uint8Array
  /** The highest tick granted, received or not (the lease). */
  grant: Tick = BEFORE_FIRST
  /** The number of its last event. */
  emitted = 0
  /** Its events, and what it asked for, that wait for a stamp. */
  unstamped = 0

  /** When anything of it came last. */
  heardAt: Micros
  /** Its clock in its last pulse, and when that came: the beats echo it. */
  pulseClock: Micros = 0
  pulseAt: Micros = 0
  local: Tick = BEFORE_FIRST
  localAt: Micros = 0

  sampledAt: Micros = Number.NEGATIVE_INFINITY
  readonly trip = new Tail(TRIP_MEMORY)
  /** The way down as the member measures it. */
  readonly down = new Tail(1)

  /** A round that stopped waiting for this member, which has not answered it since; 0 for none. */
  owes = 0
  /** How long a lease it may get; shorter while it is distrusted and for a while after. */
  lease: Micros = NEVER
  /** It runs ahead of what it was granted, and asks for the ticks that it has guessed. */
  predicts = false
  /** It gets no long lease, and lives on grants just in time. */
  fed = false
  private strikes = 0
  private distrustedUntil: Micros = -1
  private distrust = DISTRUST

  constructor(now: Micros, id: InstanceId, link: LinkId, slot: number, data: Uint8Array) {
    this.id = id
    this.link = link
    this.slot = slot
    this.data = data
    this.heardAt = now
  }

  /** It has answered once, so that its round trip is known. */
  get seasoned(): boolean {
    return this.trip.count > 0
  }

  /** Rule 7: whether it is waited for, and counts for the session's round trip. */
  trusted(now: Micros): boolean {
    return this.seasoned && now >= this.distrustedUntil
  }

  /** It was late, or far off the others. True if that makes it distrusted. */
  strike(now: Micros, weight = 1): boolean {
    this.strikes += weight
    if (this.strikes < STRIKES_MAX || now < this.distrustedUntil) return false
    this.strikes = 0
    this.distrustedUntil = now + this.distrust
    this.distrust = Math.min(DISTRUST_MAX, this.distrust * 2)
    this.lease = 0
    return true
  }

  forgive(): void {
    this.strikes = Math.max(0, this.strikes - FORGIVEN_A_ROUND)
  }

  /** A longer lease each time, up to the full one. */
  regrow(full: Micros): void {
    this.lease = this.lease >= full ? NEVER : Math.max(full / 16, this.lease * 2)
  }
}
