import type { RefusalCode } from '../errors.ts'
import type { Machine, Outgoing } from '../machine.ts'
import { askedPayload, leavePayload } from '../session/membership.ts'
import { type Input, RESERVED } from '../timeline/event.ts'
import {
  dueAt,
  type InstanceId,
  type LinkId,
  type Micros,
  NEVER,
  type Tick,
  tickAt,
} from '../timeline/tick.ts'
import { EMPTY } from '../wire/bytes.ts'
import { Desk } from './desk.ts'
import { Flood } from './flood.ts'
import { PEER_LIMITS } from './limits.ts'
import { type Refusal, whyNot } from './meeting.ts'
import { Member } from './member.ts'
import { decode, encode, type Meet, type Message, type PeerEvent } from './messages.ts'
import type { Neighbour } from './neighbour.ts'
import type { DelayRule, PeerHappening, PeerOptions, PeerStats } from './options.ts'
import { Reading } from './reading.ts'
import { ADAPTIVE, Times } from './times.ts'

export type { DelayRule, PeerHappening, PeerOptions, PeerStats } from './options.ts'

/** What is heard of one that has not said who it is: where messages overtake each other, some come before it. */
const BEFORE_MET: ReadonlySet<Message['kind']> = new Set(['meet', 'have', 'sync', 'part'])

/**
 * One of many that agree without a server: it floods events to its neighbours, keeps the same time as they, and
 * holds the full set. What comes late changes the past; whoever drives it asks `takeChange` and rolls back.
 */
export class Peer implements Machine<PeerHappening> {
  readonly id: InstanceId
  phase: 'open' | 'ended' = 'open'
  readonly stats: PeerStats = { inTime: 0, late: 0 }

  private readonly fps: number
  private readonly options: PeerOptions
  private readonly desk: Desk
  private readonly times: Times
  private readonly flood: Flood
  private readonly reading: Reading
  private readonly member: Member

  constructor(now: Micros, options: PeerOptions) {
    const { fps, id, delay = ADAPTIVE, alone = false } = options
    this.id = id
    this.fps = fps
    this.options = options
    this.desk = new Desk(now, id, options.limits ?? PEER_LIMITS)
    this.times = new Times(this.desk, fps, delay)
    this.flood = new Flood(
      this.desk,
      (event, isFlooded) => this.heard(event, isFlooded),
      (from) => this.times.farthest(from, fps),
    )
    this.reading = new Reading(this.flood)
    this.member = new Member(this.desk, this.times, this.flood, this.reading, options)
    if (alone) this.member.join()
  }

  // --- what an application does

  /** Nobody is there to be met: take part at once. */
  begin(now: Micros): void {
    this.desk.now = now
    this.member.join()
  }

  /** Emit an event: its number among one's own, or why it cannot be emitted. */
  emit(now: Micros, id: number, payload: Uint8Array = EMPTY): number | RefusalCode {
    if (!Number.isInteger(id) || id <= 0 || id > 0x7fff_ffff) return 'bad_request'
    if (payload.length > this.desk.limits.payload_bytes_max) return 'payload_too_large'
    return this.put(now, id, payload)
  }

  /** Put a `pause`, a `resume` or the `end` into the timeline. */
  ask(now: Micros, what: 'pause' | 'resume' | 'end', data: Uint8Array = EMPTY): RefusalCode | undefined {
    if (data.length > this.desk.limits.member_bytes_max) return 'payload_too_large'
    return refusalIn(this.put(now, RESERVED[what], askedPayload({ by: this.id, data })))
  }

  /** Claim that a member is gone. Its seat is held; it says itself that it is back. */
  drop(now: Micros, member: InstanceId): RefusalCode | undefined {
    return refusalIn(this.put(now, RESERVED.drop, leavePayload({ member, why: 'silent' })))
  }

  /** Leave: that is one's last event, and with it all links end. */
  leave(now: Micros): void {
    if (this.phase === 'ended') return
    this.desk.now = now
    this.member.leave()
    for (const neighbour of [...this.desk.links.values()]) this.desk.close(neighbour)
    this.finish('left')
  }

  /**
   * The earliest tick already run of which the inputs have changed since this was last asked; NEVER if none. Who
   * is told must roll back to before it.
   */
  takeChange(): Tick {
    return this.reading.takeChange()
  }

  /** Whether `takeChange` would name a tick. */
  get hasChanged(): boolean {
    return this.reading.hasChanged
  }

  /** A snapshot was restored: this is the last tick that is run. */
  rewind(tick: Tick): void {
    this.reading.rewind(tick)
  }

  /** The next input after `local`: the events of the tick, then the tick. Its object is used again. */
  next(): Input {
    return this.reading.next()
  }

  // --- looks

  /** The last tick that was run. */
  get local(): Tick {
    return this.reading.local
  }

  /** The last tick that is due. */
  dueTick(now: Micros): Tick {
    return this.phase === 'ended' ? this.local : tickAt(this.times.pace.position(now), this.fps)
  }

  /** When the next tick is due, on the own clock. */
  nextInput(): Micros {
    return this.phase === 'ended' ? NEVER : this.times.pace.clockAt(dueAt(this.reading.top + 1, this.fps))
  }

  position(now: Micros): Micros {
    return this.times.pace.position(now)
  }

  reference(now: Micros): Micros {
    return this.times.pace.reference(now)
  }

  /** Whose time it is. */
  get root(): InstanceId {
    return this.times.pace.root
  }

  catchingUp(now: Micros): boolean {
    return this.times.pace.catchingUp(now)
  }

  /** Stamp events by this rule from now on. */
  follow(rule: DelayRule): void {
    this.times.follow(rule)
  }

  /** How far ahead events are stamped at present. */
  get delay(): Micros {
    return this.times.delay
  }

  /** Where the last own event stands. */
  get lastStamp(): Tick {
    return this.member.lastStamp
  }

  get joined(): boolean {
    return this.member.joined
  }

  /** The neighbours that have said who they are. */
  get neighbours(): readonly InstanceId[] {
    return [...this.desk.links.values()].filter(({ met }) => met).map(({ id }) => id)
  }

  get events(): readonly PeerEvent[] {
    return this.flood.events.all
  }

  hasSeen(source: InstanceId, number: number): boolean {
    return this.flood.seen.has(source, number)
  }

  /** What is held, and how much may be. */
  sizes(): Record<string, { size: number; limit: number }> {
    const { desk, flood } = this
    return {
      links: { size: desk.links.size, limit: desk.limits.links_max },
      events: { size: flood.events.size, limit: desk.limits.held_events_max },
      sources: { size: flood.seen.size, limit: desk.limits.sources_max },
      ...this.times.sizes(),
    }
  }

  // --- the doors

  /** A connection is there, whoever has opened it. */
  linked(now: Micros, link: LinkId): void {
    this.desk.now = now
    const neighbour = this.desk.open(link, this.phase === 'ended' ? 'session_ended' : undefined)
    if (neighbour === undefined) return
    // All at once, so that the answer to it is all that is waited for.
    this.desk.send(neighbour, encode.meet(this.fps, this.options.app, this.id))
    this.times.sync(neighbour)
    this.flood.greet(neighbour)
  }

  /** End a link. */
  unlink(now: Micros, link: LinkId): void {
    this.desk.now = now
    const neighbour = this.desk.links.get(link)
    if (neighbour === undefined) return
    this.desk.close(neighbour)
    this.times.pace.unlinked(link)
  }

  receive(now: Micros, from: LinkId, bytes: Uint8Array): void {
    this.desk.now = now
    const neighbour = this.desk.links.get(from)
    if (neighbour === undefined) return
    const refusal = this.hear(neighbour, bytes)
    if (refusal === undefined) return
    if (refusal === 'overflow' && this.flood.isFull) this.finish('overflow')
    else if (typeof refusal === 'string') this.end(neighbour, refusal)
    else this.end(neighbour, refusal.code, refusal.hint)
  }

  closed(now: Micros, link: LinkId): void {
    this.desk.now = now
    const neighbour = this.desk.links.get(link)
    if (neighbour !== undefined) this.forget(neighbour, 'lost')
  }

  wake(now: Micros): void {
    this.desk.now = now
    if (this.phase === 'ended') return
    for (const neighbour of [...this.desk.links.values()])
      if (now - neighbour.heardAt > this.desk.limits.silence_max) this.end(neighbour, 'silent')
    this.times.wake()
  }

  nextWake(): Micros {
    if (this.phase === 'ended' || this.desk.links.size === 0) return NEVER
    let at = this.times.nextWake()
    for (const { heardAt } of this.desk.links.values())
      at = Math.min(at, heardAt + this.desk.limits.silence_max + 1)
    return at
  }

  outgoing(): readonly Outgoing[] {
    return this.desk.out.take()
  }

  happenings(): readonly PeerHappening[] {
    return this.desk.happened.take()
  }

  // --- events

  private put(now: Micros, id: number, payload: Uint8Array): number | RefusalCode {
    this.desk.now = now
    if (this.phase === 'ended') return 'session_ended'
    return this.member.put(id, payload)
  }

  /** An event of another's that is new here. */
  private heard(event: PeerEvent, isFlooded: boolean): void {
    const { stamp } = event
    if (stamp <= this.reading.top) this.stats.late++
    else this.stats.inTime++
    this.reading.change(stamp)
    if (isFlooded) this.times.took(event, this.fps)
    this.member.answer(event)
  }

  // --- links

  /** Why the link is to be ended, if it is. */
  private hear(neighbour: Neighbour, bytes: Uint8Array): RefusalCode | Refusal | undefined {
    const message = decode(bytes)
    if (typeof message === 'string') return message
    neighbour.heardAt = this.desk.now
    if (!neighbour.met && !BEFORE_MET.has(message.kind)) return 'malformed'
    switch (message.kind) {
      case 'sync':
        if (!this.times.onSync(neighbour, message)) return 'bad_request'
        if (message.echo > 0) neighbour.doubtful = false
        this.feed(neighbour)
        return this.joinIfPlaced(neighbour)
      case 'flood':
        return this.flood.receive(neighbour, message.events, true)
      case 'missed': {
        const { done, events } = message
        const refusal = this.flood.receive(neighbour, events, false)
        if (refusal === undefined && done) this.onMerged(neighbour)
        return refusal
      }
      case 'pulse':
        this.times.onPulse(neighbour, message)
        return
      case 'have':
        return this.flood.onHave(neighbour, message) ?? this.feed(neighbour)
      case 'meet':
        return this.onMeet(neighbour, message)
      case 'part':
        return this.forget(neighbour, message.code, message.hint)
    }
  }

  private onMeet(neighbour: Neighbour, meet: Meet): RefusalCode | Refusal | undefined {
    const near = this.neighbours
    const refusal = neighbour.met ? 'malformed' : whyNot(meet, { ...this.options, near })
    if (refusal !== undefined) return refusal
    const { id } = meet
    neighbour.id = id
    neighbour.doubtful = near.includes(id)
    this.desk.happened.push({ kind: 'linked', link: neighbour.link, id })
    return this.feed(neighbour)
  }

  private feed(neighbour: Neighbour): undefined {
    if (!neighbour.waitsForFood) return
    this.member.withdrawIfLate(neighbour)
    this.flood.feed(neighbour)
  }

  /** All that a neighbour had is here: now its time counts. */
  private onMerged(neighbour: Neighbour): void {
    if (neighbour.merged) return
    neighbour.merged = true
    this.desk.happened.push({ kind: 'merged', link: neighbour.link })
    this.times.onMerged(neighbour)
    this.joinIfPlaced(neighbour)
  }

  /** Nobody joins before it knows where the others are. */
  private joinIfPlaced({ merged, clock }: Neighbour): undefined {
    if (merged && clock.count > 0) this.member.join()
  }

  private end(neighbour: Neighbour, code: RefusalCode, hint = ''): void {
    this.desk.end(neighbour, code, hint)
    this.times.pace.unlinked(neighbour.link)
  }

  private forget(neighbour: Neighbour, code: RefusalCode, hint = ''): undefined {
    this.desk.forget(neighbour, code, hint)
    this.times.pace.unlinked(neighbour.link)
  }

  private finish(code: RefusalCode | 'left', hint = ''): void {
    this.phase = 'ended'
    this.desk.links.clear()
    this.desk.happened.push({ kind: 'ended', code, hint })
  }
}

const refusalIn = (put: number | RefusalCode): RefusalCode | undefined =>
  typeof put === 'string' ? put : undefined
