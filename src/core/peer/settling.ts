import {
  BEFORE_FIRST,
  type InstanceId,
  type Micros,
  NEVER,
  type Tick,
  tickAt,
  tickFrom,
} from '../timeline/tick.ts'
import type { Desk } from './desk.ts'
import type { Flood } from './flood.ts'
import type { Member } from './member.ts'
import { encode, type PeerEvent, type Stand } from './messages.ts'
import type { Neighbour } from './neighbour.ts'
import type { FoldRule } from './options.ts'
import type { Reading } from './reading.ts'
import { Roster } from './roster.ts'
import type { Times } from './times.ts'

/** With more peers than this each says less often where it stands. */
const OFTEN_MAX = 10
/** Who was not heard for so many stands is away, whatever the rule says. */
const STANDS_MISSED = 3
/** Of several that notice, one after the other claims that somebody is gone, so long apart: the first is enough. */
const TURN_OF_STAND = 1 / 5

/** What all parts of a peer share that settle its past. */
export interface Shared {
  readonly desk: Desk
  readonly flood: Flood
  readonly reading: Reading
  readonly times: Times
  readonly member: Member
  readonly fps: number
}

/**
 * Finds the tick up to which nothing changes any more, with all that take part. Each says in its stands up to where
 * it emits nothing more. Who has that from all of them, and all that they have emitted up to there, has settled its
 * past: that is said in the stands as well. What all have settled may be folded (Q6). All of them must have the same
 * view of who is there and of what was seen of everybody else, or nothing goes on.
 */
export class Settling {
  readonly roster: Roster
  /** All up to this tick is here; nobody else brings anything for it. */
  settled: Tick = BEFORE_FIRST
  /** All that take part have settled that: what has not come by then comes to nobody. */
  agreed: Tick = BEFORE_FIRST
  private readonly rule: FoldRule | undefined
  private readonly shared: Shared
  /** Nothing of one's own has a stamp at this tick or before it, but for what was emitted by then. */
  private promised: Tick = BEFORE_FIRST
  /** The highest promise of others that was heard. */
  private heard: Tick = BEFORE_FIRST
  private number = 0
  private nextStand: Micros
  private claimAt: Micros = NEVER
  /** Since when there are neighbours: before that it was this one that was away. */
  private backAt: Micros

  constructor(shared: Shared, rule: FoldRule | undefined) {
    this.shared = shared
    this.rule = rule
    this.roster = new Roster(shared.desk.id, shared.flood)
    this.nextStand = shared.desk.now
    this.backAt = shared.desk.now
  }

  get folds(): boolean {
    return this.rule !== undefined
  }

  // --- what is told to whom

  /** What has not been seen of events up to this tick may be too late. */
  get firm(): Tick {
    if (this.isAlone) return this.settled
    return Math.max(this.promised, this.settled, this.heard)
  }

  /** Whether there is room for it among those who are known. */
  takes(id: InstanceId): boolean {
    return !this.rule || this.roster.hasRoomFor(id, this.shared.desk.limits.sources_max)
  }

  /** A neighbour has said who it is: from when on what it brings is taken. */
  meet(neighbour: Neighbour): void {
    if (!this.rule) return
    const { desk } = this.shared
    if (desk.near.length === 1) this.backAt = desk.now
    const known = this.roster.all.get(neighbour.id)
    const presence = known?.isKnown ? this.roster.presence(neighbour.id, known, this.since) : 'gone'
    if (known?.isKnown && presence === 'gone') neighbour.signBefore = known.sign
    // Who is waited for has nothing that others do without; who is not may bring what is younger than any promise.
    neighbour.ownBound = presence === 'gone' || presence === 'left' ? this.firm : this.agreed
    desk.send(neighbour, encode.bound(neighbour.ownBound))
    this.roster.heard(neighbour.id, this.tick, desk.now)
    this.nextStand = Math.min(this.nextStand, desk.now + this.interval / OFTEN_MAX)
  }

  /** A neighbour whose past fits is told who else takes part. */
  introduce(to: Neighbour): void {
    const { desk } = this.shared
    if (this.number > 0) desk.send(to, encode.stand(this.stand()))
    for (const [id, { stand }, presence] of this.roster.others(this.since))
      if (stand && (presence === 'here' || presence === 'dropped') && id !== to.id)
        desk.send(to, encode.stand(stand))
  }

  /** The last tick for which nothing is taken from a neighbour that was not seen yet. */
  settledFor({ merged, ownBound }: Neighbour): Tick {
    return merged ? this.agreed : Math.max(this.agreed, ownBound)
  }

  // --- what is heard

  learn(event: PeerEvent): void {
    if (this.rule) this.roster.learn(event, this.shared.desk.now)
  }

  /** False if that cannot be. */
  onStand(from: Neighbour, stand: Stand): boolean {
    if (!this.rule) return true
    const { desk, times, fps, member, flood } = this.shared
    const { source, number, tick, promise } = stand
    if (tick > times.farthest(from, fps)) return false
    if (!this.takes(source)) return true
    const known = this.roster.of(source, desk.now)
    if (source === desk.id || number <= (known.stand?.number ?? 0)) return true
    this.roster.heard(source, tick, desk.now)
    // It has brought nothing, and may never have what is here: nobody else has to know of it before.
    if (from.isBeingFed && source === from.id && !known.stand && !flood.seen.knows(source)) return true
    known.stand = { ...stand }
    if (promise > this.heard) this.heard = promise
    member.stampAfter(this.heard)
    desk.spread(encode.stand(stand), from)
    this.settle()
    return true
  }

  /** A state at this tick was taken over from somebody who had settled that. */
  takeOver(tick: Tick): void {
    this.settled = Math.max(this.settled, tick)
    this.agreed = Math.max(this.agreed, tick)
    this.heard = Math.max(this.heard, tick)
  }

  /**
   * One whose past does not fit has gone before anything was taken from it: it is where it was before. So is one that
   * has brought nothing, and has gone before it had all that is here.
   */
  dismiss({ id, merged, fed, signBefore }: Neighbour): void {
    const { desk, flood } = this.shared
    const known = this.roster.all.get(id)
    if (known === undefined || (merged && fed)) return
    if (!merged && signBefore !== undefined) known.sign = signBefore
    else if (!known.stand && !flood.seen.knows(id) && !desk.near.includes(id)) this.roster.all.delete(id)
  }

  // --- what is due

  wake(): void {
    const { rule } = this
    const { desk } = this.shared
    if (!rule) return
    if (desk.now >= this.claimAt) this.claimAt = this.claim(rule)
    if (desk.now < this.nextStand) return
    this.nextStand = desk.now + this.interval
    this.settle()
    this.claimAt = this.claim(rule)
    if (desk.links.size === 0) return
    this.number++
    desk.spread(encode.stand(this.stand()))
  }

  nextWake(): Micros {
    return this.rule ? Math.min(this.nextStand, this.claimAt) : NEVER
  }

  // --- how it is found

  private settle(): void {
    const { roster, since, isPressed } = this
    const { flood } = this.shared
    const here = roster.here(since)
    // Who knows nobody does not know either who may come, and with what.
    if (here.length === 1 && this.isAlone && !isPressed) return
    const view = roster.view(here)
    let settled = this.promise()
    let agreed: Tick = NEVER
    for (const [id, known, presence] of roster.others(since)) {
      const { stand } = known
      if (presence === 'gone' || presence === 'left') continue
      const isCovered = stand !== undefined && flood.seen.upTo(id) >= stand.upTo
      if (isCovered && stand.promise > known.covered) known.covered = stand.promise
      if (presence === 'here' && (!isCovered || stand.view !== view)) return
      settled = Math.min(settled, known.covered)
      agreed = Math.min(agreed, stand?.settled ?? BEFORE_FIRST)
    }
    this.settled = Math.max(this.settled, settled)
    this.agreed = Math.max(this.agreed, Math.min(this.settled, agreed))
  }

  /** Claims that those are gone who are not heard any more: when the next may be. Who has no link is gone itself. */
  private claim({ away, every }: FoldRule): Micros {
    const { desk, member } = this.shared
    let next = NEVER
    if (!this.isPressed && !this.hasNeighbours) return next
    const turn = every * TURN_OF_STAND * this.roster.here(this.since).indexOf(desk.id)
    const silent = Math.max(away, STANDS_MISSED * this.interval) + turn
    for (const [id, { heardAt }, presence] of [...this.roster.others(this.since)]) {
      if (presence !== 'here') continue
      const goneAt = Math.max(heardAt, this.backAt) + silent
      if (desk.now < goneAt) next = Math.min(next, goneAt)
      else member.drop(id)
    }
    return next
  }

  private stand(): Omit<Stand, 'kind'> {
    const { desk, reading, flood } = this.shared
    const promise = this.promise()
    return {
      source: desk.id,
      number: this.number,
      tick: reading.top,
      promise,
      upTo: flood.seen.upTo(desk.id),
      settled: this.settled,
      view: this.roster.view(this.roster.here(this.since)),
    }
  }

  /** Events of one's own come after what was run, and nobody has to know that at once. */
  private promise(): Tick {
    const { reading } = this.shared
    const promise = Math.min(
      reading.top,
      this.isPressed ? reading.top : this.tick - this.ticks(this.rule?.keep ?? 0),
    )
    if (promise > this.promised) this.promised = promise
    return this.promised
  }

  /** More is held than should be: nobody is waited for, and nothing is kept. */
  get isPressed(): boolean {
    const { flood, desk } = this.shared
    return flood.events.size > desk.limits.held_events_max / 2
  }

  /** Who was dropped by then is waited for no more. */
  private get since(): Tick {
    return this.tick - (this.isPressed ? 0 : this.ticks(this.rule?.forget ?? NEVER))
  }

  private get isAlone(): boolean {
    for (const [, , presence] of this.roster.others(this.since))
      if (presence === 'here' || presence === 'dropped') return false
    return true
  }

  private get hasNeighbours(): boolean {
    for (const { met } of this.shared.desk.links.values()) if (met) return true
    return false
  }

  private get interval(): Micros {
    const every = this.rule?.every ?? NEVER
    return every * Math.max(1, this.roster.all.size / OFTEN_MAX)
  }

  /** Where the time is. */
  private get tick(): Tick {
    const { times, desk, fps } = this.shared
    return tickAt(times.pace.reference(desk.now), fps)
  }

  private ticks(length: Micros): Tick {
    return length === NEVER ? NEVER : tickFrom(length, this.shared.fps)
  }

  /** How many take part beside one who is just met, and the least of their ids. */
  sideWithout(other: InstanceId): { readonly members: number; readonly least: InstanceId } {
    const here = this.roster.here(this.since).filter((id) => id !== other)
    return { members: here.length, least: here[0] ?? 0 }
  }
}
