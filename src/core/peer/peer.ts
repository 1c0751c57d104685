import { must, type RefusalCode } from '../errors.ts'
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
import { Folding } from './folding.ts'
import { PEER_LIMITS } from './limits.ts'
import { Links } from './links.ts'
import { Member } from './member.ts'
import type { PeerEvent } from './messages.ts'
import type { DelayRule, PeerHappening, PeerOptions, PeerStats } from './options.ts'
import { Reading } from './reading.ts'
import type { Seen } from './seen.ts'
import { Settling } from './settling.ts'
import { ADAPTIVE, Times } from './times.ts'

export type { DelayRule, PeerHappening, PeerOptions, PeerStats } from './options.ts'

/**
 * One of many that agree without a server: it floods events to its neighbours, keeps the same time as they, and
 * holds the full set. What comes late changes the past; whoever drives it asks `takeChange` and rolls back.
 */
export class Peer implements Machine<PeerHappening> {
  readonly id: InstanceId
  phase: 'open' | 'ended' = 'open'
  readonly stats: PeerStats = { inTime: 0, late: 0 }

  private readonly fps: number
  private readonly desk: Desk
  private readonly times: Times
  private readonly flood: Flood
  private readonly reading: Reading
  private readonly member: Member
  private readonly settling: Settling
  private readonly folding: Folding
  private readonly links: Links

  constructor(now: Micros, options: PeerOptions) {
    const { fps, id, delay = ADAPTIVE, alone = false } = options
    this.id = id
    this.fps = fps
    this.desk = new Desk(now, id, options.limits ?? PEER_LIMITS)
    this.times = new Times(this.desk, fps, delay)
    this.flood = new Flood(this.desk, (event, isFlooded) => this.heard(event, isFlooded), {
      settled: (from) => this.settling.settledFor(from),
      introduce: (to) => this.settling.introduce(to),
      farthest: (from) => this.times.farthest(from, fps),
      learn: (event) => this.settling.learn(event),
    })
    this.reading = new Reading(this.flood)
    this.member = new Member(this.desk, this.times, this.flood, this.reading, options)
    const { desk, flood, reading, times, member } = this
    const shared = { desk, flood, reading, times, member, fps }
    this.settling = new Settling(shared, options.fold)
    this.folding = new Folding(shared, this.settling, {
      yields: (hint) => this.yield(hint),
      end: (link, code) => this.links.end(link, code),
    })
    this.links = new Links(shared, this.settling, this.folding, options)
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
    this.links.closeAll()
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

  // --- what is folded

  /** The last tick that may be folded: nothing up to there changes any more, for anybody. */
  get foldable(): Tick {
    return this.folding.foldable
  }

  /** The events up to this tick are needed no more: a state holds them that can be had back. */
  fold(tick: Tick): void {
    must(tick <= this.foldable, 'Q6', () => `folded up to ${tick}, agreed is ${this.foldable}`)
    this.flood.fold(tick)
  }

  /** The tick up to which the past is folded. */
  get foldedTo(): Tick {
    return this.flood.foldedTo
  }

  /** Which events are in the state there. */
  get folded(): Seen {
    return this.flood.folded
  }

  /** A snapshot at that tick, for a neighbour that wanted one. */
  give(now: Micros, link: LinkId, snapshot: Uint8Array): void {
    this.desk.now = now
    const neighbour = this.desk.links.get(link)
    const refusal = neighbour && this.folding.give(neighbour, snapshot)
    if (refusal !== undefined) this.links.refuse(link, refusal)
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

  /** How long the way to a neighbour takes, in the mean; undefined while it is not known. */
  get way(): Micros | undefined {
    return this.times.way
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
    return this.desk.near
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
      // Whoever was heard of, and those whose events are here.
      members: { size: this.settling.roster.all.size, limit: 2 * desk.limits.sources_max },
      ...this.times.sizes(),
    }
  }

  // --- the doors

  /** A connection is there, whoever has opened it. */
  linked(now: Micros, link: LinkId): void {
    this.desk.now = now
    this.links.open(link, this.phase === 'ended' ? 'session_ended' : undefined)
  }

  /** End a link. */
  unlink(now: Micros, link: LinkId): void {
    this.desk.now = now
    this.links.close(link)
  }

  receive(now: Micros, from: LinkId, bytes: Uint8Array): void {
    this.desk.now = now
    const refusal = this.links.receive(from, bytes)
    if (refusal === 'overflow' && this.flood.isFull) this.overflow()
    else if (refusal !== undefined) this.links.refuse(from, refusal)
  }

  closed(now: Micros, link: LinkId): void {
    this.desk.now = now
    this.links.lost(link)
  }

  wake(now: Micros): void {
    this.desk.now = now
    if (this.phase === 'ended') return
    this.links.endSilent()
    this.times.wake()
    this.settling.wake()
  }

  nextWake(): Micros {
    if (this.phase === 'ended') return NEVER
    if (this.desk.links.size === 0) return this.settling.isPressed ? this.settling.nextWake() : NEVER
    let at = Math.min(this.times.nextWake(), this.settling.nextWake())
    for (const neighbour of this.desk.links.values())
      at = Math.min(at, neighbour.patience(this.desk.limits.silence_max) + 1)
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

  /** The past of others counts and this one's does not: nothing that it did without them is in it. */
  private yield(hint: string): void {
    this.links.endAll('forgotten', hint)
    this.finish('forgotten', hint)
  }

  /** It holds all that it may. Its neighbours do without it. */
  private overflow(): void {
    this.links.endAll('overflow', '')
    this.finish('overflow')
  }

  private finish(code: RefusalCode | 'left', hint = ''): void {
    this.phase = 'ended'
    this.desk.links.clear()
    this.desk.happened.push({ kind: 'ended', code, hint })
  }
}

const refusalIn = (put: number | RefusalCode): RefusalCode | undefined =>
  typeof put === 'string' ? put : undefined
