import type { MeetingLimits } from '../../../src/core/meeting/limits.ts'
import type { Shut } from '../../../src/core/meeting/messages.ts'
import type { InstanceId, LinkId, Micros } from '../../../src/core/timeline/tick.ts'
import { NEVER, SECOND } from '../../../src/core/timeline/tick.ts'

/** What a room should know, kept by other means: who is there, what leads where, and what is on its way. */

export interface WayModel {
  readonly number: number
  readonly ends: readonly [GuestModel, GuestModel]
  /** By who sends: what was relayed, taken and told to be taken, and descriptions. */
  readonly flows: Map<GuestModel, { relayed: number; taken: number; told: number; signals: number }>
}

export interface Came {
  readonly id: InstanceId
  readonly key: number
  readonly linked: readonly InstanceId[]
}

export class GuestModel {
  readonly link: LinkId
  readonly id: InstanceId
  readonly key: number
  readonly cameAt: Micros
  heardAt: Micros
  isMute = false
  readonly claims: Set<InstanceId>
  readonly ways = new Map<InstanceId, WayModel>()
  /** Whom it may not meet before when. */
  readonly apart = new Map<InstanceId, Micros>()
  /** Bytes of which it was told that they were taken. */
  told = 0
  private words: number
  private wordsAt: Micros
  private readonly limits: MeetingLimits

  constructor(now: Micros, link: LinkId, { id, key, linked }: Came, limits: MeetingLimits) {
    this.link = link
    this.id = id
    this.key = key
    this.cameAt = now
    this.heardAt = now
    this.wordsAt = now
    this.claims = new Set(linked)
    this.words = limits.words_burst
    this.limits = limits
  }

  /** Whether it may say one more word; if so it has. */
  says(now: Micros): boolean {
    const { words_rate, words_burst } = this.limits
    this.words = Math.min(words_burst, this.words + ((now - this.wordsAt) / SECOND) * words_rate)
    this.wordsAt = now
    if (this.words < 1) return false
    this.words--
    return true
  }
}

export class RoomModel {
  readonly limits: MeetingLimits
  readonly guests = new Map<LinkId, GuestModel>()
  readonly ways = new Map<number, WayModel>()
  fps: number | undefined
  app: string | undefined
  lastWay = 0

  constructor(limits: MeetingLimits) {
    this.limits = limits
  }

  byId(id: InstanceId): GuestModel | undefined {
    return [...this.guests.values()].find((guest) => guest.id === id)
  }

  isLinked(a: GuestModel, b: GuestModel): boolean {
    return a.ways.has(b.id) || (a.claims.has(b.id) && b.claims.has(a.id))
  }

  mayMeet(now: Micros, a: GuestModel, b: GuestModel): boolean {
    const isApart = Math.max(a.apart.get(b.id) ?? 0, b.apart.get(a.id) ?? 0) > now
    return a !== b && !this.isLinked(a, b) && !isApart
  }

  near(guest: GuestModel): GuestModel[] {
    return [...this.guests.values()].filter((other) => other !== guest && this.isLinked(guest, other))
  }

  /** All that one reaches, itself included. */
  reach(from: GuestModel): Set<GuestModel> {
    const reached = new Set([from])
    for (const each of reached) for (const next of this.near(each)) reached.add(next)
    return reached
  }

  open(number: number, a: GuestModel, b: GuestModel): void {
    const flow = () => ({ relayed: 0, taken: 0, told: 0, signals: 0 })
    const flows = new Map([a, b].map((guest) => [guest, flow()]))
    const way: WayModel = { number, ends: [a, b], flows }
    this.ways.set(number, way)
    a.ways.set(b.id, way)
    b.ways.set(a.id, way)
  }

  end({ number, ends: [a, b] }: WayModel): void {
    this.ways.delete(number)
    a.ways.delete(b.id)
    b.ways.delete(a.id)
  }

  /** The way of that number, if this one has a hand in it. */
  wayOf(guest: GuestModel, number: number): WayModel | undefined {
    const way = this.ways.get(number)
    return way?.ends.includes(guest) ? way : undefined
  }

  partedBy(guest: GuestModel, other: GuestModel, how: Shut, now: Micros): void {
    guest.apart.set(other.id, how === 'apart' ? NEVER : now + this.limits.apart_min)
  }

  /** It goes: whom a way of it led to, and by which way. */
  remove(guest: GuestModel): [GuestModel, WayModel][] {
    const ended = [...guest.ways.values()].map((way): [GuestModel, WayModel] => [otherEnd(way, guest), way])
    for (const [, way] of ended) this.end(way)
    this.guests.delete(guest.link)
    for (const { apart } of this.guests.values()) apart.delete(guest.id)
    return ended
  }
}

export const otherEnd = ({ ends: [a, b] }: WayModel, guest: GuestModel): GuestModel => (guest === a ? b : a)
