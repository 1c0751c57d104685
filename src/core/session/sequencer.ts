import type { RefusalCode } from '../errors.ts'
import { LIMITS, type Limits } from '../limits.ts'
import { type Machine, Outbox, type Outgoing } from '../machine.ts'
import { RESERVED, SEQUENCER, type StampedEvent } from '../timeline/event.ts'
import {
  dueAt,
  type InstanceId,
  type LinkId,
  MILLISECOND,
  type Micros,
  NEVER,
  SECOND,
  type Tick,
  tickAt,
  tickFrom,
} from '../timeline/tick.ts'
import { Ledger } from './ledger.ts'
import { Log, syncs } from './log.ts'
import { Member } from './member.ts'
import { askedPayload, joinPayload, leavePayload } from './membership.ts'
import {
  type Ack,
  type Ask,
  decode,
  type Emit,
  encode,
  type Hello,
  NO_LEASE,
  type Pulse,
} from './messages.ts'
import { Round, type Waiting } from './round.ts'
import { patience, type Tail } from './tail.ts'

export type Discipline = 'gals' | 'horizon' | 'auto'

export interface SequencerOptions {
  readonly discipline?: Discipline
  /** Tells this run of the session from every other: the driver draws it. */
  readonly epoch: number
  /** Start when so many have come; 0, the default: with the first. Undefined: as the first one asks. */
  readonly instances?: number
  /** Undefined: as the first one says. */
  readonly fps?: number
  readonly app?: string
  /** Round trips in the reach of a deadline. The paper's is 2. */
  readonly k?: number
  /**
   * Microseconds for each instance in the reach of a deadline; the paper's is 200. Undefined, the tuned
   * default: none, and the round trip is not the mean of the slowest but as long as patience pays.
   */
  readonly margin?: Micros
  /** Whose clock is the reference: the sequencer's, or that of the instance most ahead, as in the paper. */
  readonly reference?: 'sequencer' | 'fastest'
  readonly members?: number
  readonly limits?: Limits
}

export type SequencerHappening =
  | { readonly kind: 'admitted'; readonly link: LinkId; readonly id: InstanceId }
  | { readonly kind: 'refused'; readonly link: LinkId; readonly code: RefusalCode }
  | { readonly kind: 'started' }
  /** With the highest promise and the floor at that moment. */
  | { readonly kind: 'stamped'; readonly event: StampedEvent; readonly promise: Tick; readonly floor: Tick }
  | { readonly kind: 'gone'; readonly id: InstanceId; readonly why: RefusalCode | undefined }
  | { readonly kind: 'distrusted'; readonly id: InstanceId; readonly why: 'late' | 'alone' | 'implausible' }
  /** The driver should close this connection once what was sent has left. */
  | { readonly kind: 'close'; readonly link: LinkId }

export interface SequencerStats {
  events: number
  rounds: number
  /** Rounds that stopped waiting for somebody. */
  roundsCut: number
  grants: number
  /** The largest round trip of each round (or of each beat, where there are no rounds), summed and counted. */
  tripSum: Micros
  trips: number
}

/** A long lease; four times the reach if that is more. */
const LEASE: Micros = 2 * SECOND
const BEAT_ACTIVE: Micros = 250 * MILLISECOND
const BEAT_IDLE: Micros = SECOND
/** A session is active for so long after an event; `auto` holds leases short for as long. */
const QUIET: Micros = 5 * SECOND
/** Events that come closer together than this share a round. */
const ROUND_GAP: Micros = 2 * MILLISECOND
/** How long a start waits for the round trips to be known. */
const START_PATIENCE: Micros = SECOND
/**
 * What it costs that a round stops waiting for an answer: all wait for the rest of a lease, a second and a half
 * in the mean. That is the price of a tail that is longer than the reach.
 */
const PRICE_OF_A_CUT: Micros = 1.5 * SECOND
/** What it costs that every instance freezes for one tick, in ticks of latency of one event. */
const PRICE_OF_A_FREEZE = 500
/** The wake-up of a timer is late by about this much. */
const WAKE_JITTER: Micros = 300

/** The sequencer's part of a session: it admits, stamps, and promises to each instance how far it may run. */
export class Sequencer implements Machine<SequencerHappening> {
  started = false
  ended = false
  readonly ledger = new Ledger()
  readonly stats: SequencerStats = { events: 0, rounds: 0, roundsCut: 0, grants: 0, tripSum: 0, trips: 0 }

  private readonly out = new Outbox<Outgoing>()
  private readonly happened = new Outbox<SequencerHappening>()
  private readonly options: SequencerOptions
  private readonly limits: Limits
  private readonly discipline: Discipline
  private readonly links = new Map<LinkId, Member>()
  private readonly log: Log
  private nextId: InstanceId = 1

  private fps = 0
  private app: string | undefined
  private need = 0

  /** Events without a stamp and without a round. */
  private waiting: Waiting[] = []
  private roundNumber = 0
  private roundAt: Micros = -ROUND_GAP
  private eventAt: Micros = Number.NEGATIVE_INFINITY

  /** The reference: at this moment of the own clock it is here, and goes on with the clock. */
  private markClock: Micros = 0
  private mark: Micros = 0

  /** How long before a tick is due its grant leaves in horizon. */
  private lead: Micros = 0
  /** How far beyond its position an instance puts its deadline. */
  private reach: Micros = 0
  /** The highest tick granted just in time, and when. */
  private granted: Tick = -1
  private grantedAt: Micros = Number.NEGATIVE_INFINITY
  /** Whether leases are held short: all live on grants just in time. */
  private short: boolean
  /** Whether anybody does. */
  private justInTime = false
  private nextBeat: Micros = NEVER
  private interval: Micros = BEAT_ACTIVE
  private startBy: Micros = NEVER
  private tripMax: Micros = 0

  constructor(options: SequencerOptions) {
    this.options = options
    this.limits = options.limits ?? LIMITS
    this.discipline = options.discipline ?? 'auto'
    this.short = this.discipline === 'horizon'
    this.fps = options.fps ?? 0
    this.app = options.app
    this.need = options.instances ?? -1
    this.log = new Log(this.limits)
  }

  // --- looks

  get floor(): Tick {
    return this.ledger.floor
  }

  promiseOf(id: InstanceId): Tick {
    const member = this.ledger.members.get(id)
    return member === undefined ? this.ledger.floor : this.ledger.promiseOf(member)
  }

  lastStampOf(id: InstanceId): Tick {
    return this.ledger.lastStampOf(id)
  }

  memberIds(): readonly InstanceId[] {
    return [...this.ledger.members.keys()]
  }

  linkOf(id: InstanceId): LinkId | undefined {
    return this.ledger.members.get(id)?.link
  }

  trusts(now: Micros, id: InstanceId): boolean {
    return this.ledger.members.get(id)?.trusted(now) ?? false
  }

  /** Where the reference is at a moment of the own clock. */
  reference(now: Micros): Micros {
    return this.mark + (now - this.markClock)
  }

  sizes(): Record<string, { size: number; limit: number }> {
    return {
      members: { size: this.ledger.members.size, limit: this.limits.members_max },
      waiting: { size: this.waiting.length, limit: this.limits.waiting_max },
      rounds: { size: this.ledger.rounds.length, limit: this.limits.rounds_max },
      log: { size: this.log.size, limit: this.limits.log_events_max },
    }
  }

  // --- the doors

  receive(now: Micros, from: LinkId, bytes: Uint8Array): void {
    const message = decode(bytes)
    const member = this.links.get(from)
    if (typeof message === 'string') return this.turnAway(now, from, message)
    if (member === undefined) {
      if (message.kind !== 'hello') return this.turnAway(now, from, 'malformed')
      return this.admit(now, from, message)
    }
    member.heardAt = now
    switch (message.kind) {
      case 'pulse':
        return this.onPulse(now, member, message)
      case 'emit':
        return this.onEmit(now, member, message)
      case 'ack':
        return this.onAck(now, member, message)
      case 'ask':
        return this.onAsk(now, member, message)
      case 'bye':
        return this.depart(now, member, message.tick, undefined)
      default:
        return this.turnAway(now, from, 'malformed')
    }
  }

  closed(now: Micros, link: LinkId): void {
    const member = this.links.get(link)
    if (member !== undefined) this.depart(now, member, NEVER, 'lost')
  }

  wake(now: Micros): void {
    if (!this.started) {
      this.maybeStart(now)
      if (!this.started) {
        if (now >= this.nextBeat) this.beatAll(now)
        return
      }
    }
    this.holdReference(now)
    this.settleRounds(now)
    this.place(now)
    this.grantDue(now)
    if (now >= this.nextBeat) this.beatAll(now)
  }

  nextWake(): Micros {
    let at = Math.min(this.nextBeat, this.startBy)
    if (!this.started) return at
    const oldest = this.ledger.rounds[0]
    if (oldest !== undefined && oldest.stopAt < at) at = oldest.stopAt
    const mayOpen = this.waiting.length > 0 && this.ledger.rounds.length < this.limits.rounds_max
    if (mayOpen) at = Math.min(at, this.roundAt + ROUND_GAP)
    if (this.justInTime) at = Math.min(at, this.nextGrant())
    return at
  }

  outgoing(): readonly Outgoing[] {
    return this.out.take()
  }

  happenings(): readonly SequencerHappening[] {
    return this.happened.take()
  }

  /** The session ends for all: nobody is kept, and each is told why. */
  close(now: Micros, code: RefusalCode = 'closing'): void {
    for (const member of [...this.ledger.members.values()]) this.turnAway(now, member.link, code)
    this.ended = true
  }

  // --- who takes part

  private admit(now: Micros, link: LinkId, hello: Hello): void {
    const refusal = this.refusalOf(hello)
    if (refusal !== undefined) return this.turnAway(now, link, refusal.code, refusal.hint)
    if (this.fps === 0) this.fps = hello.fps
    this.app ??= hello.app
    if (this.need < 0) this.need = hello.instances

    const member = new Member(now, this.nextId++, link, this.freeSlot(), hello.data)
    this.links.set(link, member)
    this.ledger.members.set(member.id, member)
    this.happened.push({ kind: 'admitted', link, id: member.id })
    this.send(member, encode.welcome(member.id, this.options.epoch, this.fps))
    if (this.started) {
      this.holdReference(now)
      for (const bytes of this.log.replay(this.options.epoch)) this.send(member, bytes)
      this.send(member, encode.start(now, Math.round(this.reference(now))))
      this.justInTime = true
      this.waitForJoin(member)
      this.place(now)
      this.grantDue(now)
    } else {
      this.startBy = this.full() ? now + START_PATIENCE : NEVER
      this.tellLobby()
    }
    this.beat(now, member)
    if (this.nextBeat === NEVER) this.nextBeat = now + this.interval
  }

  private refusalOf(hello: Hello): { code: RefusalCode; hint: string } | undefined {
    const { fps, app } = this
    if (this.ended) return { code: 'session_ended', hint: '' }
    if (hello.fps < 1 || hello.fps > this.limits.fps_max)
      return { code: 'bad_request', hint: `FPS from 1 to ${this.limits.fps_max}` }
    if (fps !== 0 && hello.fps !== fps) return { code: 'fps_differs', hint: `${fps}` }
    if (app !== undefined && hello.app !== app) return { code: 'app_differs', hint: app }
    const most = Math.min(this.options.members ?? this.limits.members_max, this.limits.members_max)
    const room = this.need > 0 && !this.started ? Math.min(most, this.need) : most
    if (this.ledger.members.size >= room) return { code: 'session_full', hint: `${room}` }
    if (this.started && !this.log.whole) return { code: 'timeline_too_long', hint: '' }
    return undefined
  }

  private freeSlot(): number {
    const taken = new Set<number>()
    for (const member of this.ledger.members.values()) taken.add(member.slot)
    let slot = 0
    while (taken.has(slot)) slot++
    return slot
  }

  private full(): boolean {
    return this.ledger.members.size >= Math.max(1, this.need)
  }

  private tellLobby(): void {
    const bytes = encode.lobby(this.ledger.members.size, Math.max(1, this.need))
    for (const member of this.ledger.members.values()) this.send(member, bytes)
  }

  private maybeStart(now: Micros): void {
    if (this.started || !this.full()) return
    if (now < this.startBy) for (const member of this.ledger.members.values()) if (!member.seasoned) return
    this.start(now)
  }

  /** All start at one moment: when the slowest will have heard of it. */
  private start(now: Micros): void {
    this.started = true
    this.startBy = NEVER
    this.reckon(now)
    this.markClock = now
    this.mark = -this.lead
    // Whoever could not wait has emitted already: nobody's first event goes before its join.
    const early = this.waiting
    this.waiting = []
    for (const member of this.ledger.members.values()) this.waitForJoin(member)
    for (const event of early) if (this.ledger.members.has(event.source)) this.waiting.push(event)
    this.happened.push({ kind: 'started' })
    this.place(now)
    this.beatAll(now)
    const bytes = encode.start(now, this.mark)
    for (const member of this.ledger.members.values()) this.send(member, bytes)
    this.grantDue(now)
  }

  private waitForJoin(member: Member): void {
    const payload = joinPayload({ member: member.id, slot: member.slot, data: member.data })
    this.waitForOwn(RESERVED.join, member.id, payload)
  }

  private waitForOwn(id: number, member: InstanceId, payload: Uint8Array): void {
    const number = this.ledger.nextOwnNumber()
    this.waiting.push({ source: SEQUENCER, number, id, payload, member, want: 0 })
  }

  /** Rule 6. What it may have run goes into the floor; nothing more is sent to it that would let it run on. */
  private depart(now: Micros, member: Member, ran: Tick, why: RefusalCode | undefined): void {
    this.ledger.remove(member, ran)
    this.links.delete(member.link)
    for (const round of this.ledger.rounds) round.awaited.delete(member.id)
    this.happened.push({ kind: 'gone', id: member.id, why })
    this.happened.push({ kind: 'close', link: member.link })
    if (!this.started) return this.tellLobby()
    if (!this.ended) this.waitForOwn(RESERVED.leave, member.id, leavePayload({ member: member.id, why }))
    this.settleRounds(now)
    this.place(now)
  }

  private turnAway(now: Micros, link: LinkId, code: RefusalCode, hint = ''): void {
    this.out.push({ to: link, bytes: encode.refuse(code, hint) })
    const member = this.links.get(link)
    if (member !== undefined) return this.depart(now, member, NEVER, code)
    this.happened.push({ kind: 'refused', link, code })
    this.happened.push({ kind: 'close', link })
  }

  // --- messages

  private onPulse(now: Micros, member: Member, pulse: Pulse): void {
    member.pulseClock = pulse.clock
    member.pulseAt = now
    if (pulse.echo > 0) {
      const trip = now - pulse.echo - pulse.held
      if (trip >= 0 && trip <= this.limits.rtt_max) this.sampleTrip(member, trip)
      else member.strike(now)
    }
    if (!this.started) return this.maybeStart(now)
    // A way down is no longer than the round trip: more than that is not believed.
    const most = member.trip.mean + 4 * member.trip.spread
    if (pulse.down > 0) member.down.set(Math.min(pulse.down, most), Math.min(pulse.spread, most))
    this.noteLocal(now, member, pulse.local)
    if (this.options.reference === 'fastest' && member.trusted(now))
      this.follow(now, pulse.position + member.trip.mean / 2)
  }

  private sampleTrip(member: Member, trip: Micros): void {
    member.trip.add(trip)
    if (trip > this.tripMax) this.tripMax = trip
  }

  private onEmit(now: Micros, member: Member, emit: Emit): void {
    // Exactly once: a number that was taken is not taken again.
    if (emit.number <= member.emitted) return
    if (emit.number !== member.emitted + 1 || emit.id < 1 || emit.id > 0x7fff_ffff)
      return this.turnAway(now, member.link, 'malformed')
    member.emitted = emit.number
    const refusal = this.denialOf(member)
    if (refusal !== undefined) return this.send(member, encode.denied(emit.number, refusal))
    member.unstamped++
    this.eventAt = now
    if (this.discipline === 'auto') this.short = true
    this.waiting.push({
      source: member.id,
      number: emit.number,
      id: emit.id,
      payload: emit.payload,
      member: member.id,
      want: this.cut(now, member, emit.want),
    })
    if (this.started) this.place(now)
  }

  private denialOf(member: Member): RefusalCode | undefined {
    if (this.ended) return 'session_ended'
    if (member.unstamped >= this.limits.unstamped_max) return 'busy'
    if (this.waiting.length >= this.limits.waiting_max) return 'busy'
    return undefined
  }

  /** A source cannot stand beyond its promise, nor far ahead of the reference, whatever it says. */
  private cut(now: Micros, member: Member, want: Micros): Micros {
    if (!this.started) return 0
    const ahead = this.reference(now) + dueAt(1, this.fps)
    const farthest = Math.min(dueAt(this.ledger.promiseOf(member) + 1, this.fps), ahead)
    return Math.max(0, Math.floor(Math.min(want, farthest)))
  }

  private onAsk(now: Micros, member: Member, { id, data }: Ask): void {
    if (id !== RESERVED.pause && id !== RESERVED.resume && id !== RESERVED.end)
      return this.turnAway(now, member.link, 'malformed')
    if (this.ended || this.waiting.length >= this.limits.waiting_max) return
    this.waitForOwn(id, SEQUENCER, askedPayload({ by: member.id, data: data.slice() }))
    if (this.started) this.place(now)
  }

  private onAck(now: Micros, member: Member, ack: Ack): void {
    if (ack.epoch !== this.options.epoch) return
    const round = this.ledger.rounds.find((each) => each.number === ack.round)
    if (member.owes === ack.round) member.owes = 0
    this.noteLocal(now, member, ack.local)
    if (round === undefined || !round.answer(member.id, ack.deadline)) return
    this.sampleTrip(member, now - round.proposedAt)
    // Rule 3: one way down before this deadline, waiting would begin to freeze it.
    const freezes = this.markClock + (dueAt(ack.deadline, this.fps) - this.mark)
    round.stopAt = Math.min(round.stopAt, Math.ceil(freezes - this.downOf(member)))
    this.settleRounds(now)
    this.place(now)
  }

  private downOf(member: Member): Micros {
    return member.down.count > 0 ? member.down.mean : member.trip.mean / 2
  }

  /** Rule 7: one that has run what it may not, or faster than can be, is not believed. */
  private noteLocal(now: Micros, member: Member, local: Tick): void {
    const ran = dueAt(local - member.local, this.fps)
    const could =
      1.25 * (now - member.localAt) + dueAt(1, this.fps) + member.trip.mean + 4 * member.trip.spread
    const ahead = dueAt(local, this.fps) > this.reference(now) + dueAt(2, this.fps)
    const known = member.localAt > 0
    member.local = local
    member.localAt = now
    if (local > member.grant || (known && ahead && ran > could)) this.distrust(now, member, 'implausible', 3)
  }

  private distrust(now: Micros, member: Member, why: 'late' | 'alone' | 'implausible', weight = 1): void {
    if (!member.strike(now, weight)) return
    for (const round of this.ledger.rounds) round.awaited.delete(member.id)
    this.justInTime = true
    this.happened.push({ kind: 'distrusted', id: member.id, why })
  }

  // --- stamps

  /** Give what waits its stamp at once where that costs nothing, else start a round for it. */
  private place(now: Micros): void {
    while (this.waiting.length > 0 && this.started) {
      if (this.ended) return this.drop()
      // Rule 1: nothing is stamped without a round while one is open.
      if (this.ledger.rounds.length === 0 && this.directIsBest(now)) {
        this.stampDirect(now)
        continue
      }
      if (this.ledger.rounds.length >= this.limits.rounds_max || now < this.roundAt + ROUND_GAP) return
      this.openRound(now)
    }
  }

  /** No lease is longer than just in time, or not longer than what a round would come to. */
  private directIsBest(now: Micros): boolean {
    if (this.ledger.members.size === 0) return true
    const top = this.ledger.top()
    if (this.short && top <= this.granted) return true
    return top < tickFrom(this.reference(now) + this.lead + this.reach, this.fps)
  }

  private stampDirect(now: Micros): void {
    const events = this.waiting.splice(0, this.limits.sync_events_max)
    const stamped = this.stampAll(now, events)
    for (const bytes of syncs(this.options.epoch, 0, NO_LEASE, stamped, this.limits))
      for (const member of this.ledger.members.values()) this.send(member, bytes)
  }

  private stampAll(_now: Micros, events: readonly Waiting[]): StampedEvent[] {
    const promise = this.ledger.top()
    const floor = this.ledger.floor
    const stamped: StampedEvent[] = []
    for (const waiting of events) {
      if (this.ended) {
        this.deny(waiting, 'session_ended')
        continue
      }
      const event = this.ledger.stamp(promise + 1, waiting)
      stamped.push(event)
      this.stats.events++
      const source = this.ledger.members.get(waiting.source)
      if (source !== undefined) source.unstamped--
      this.log.add(event)
      if (event.id === RESERVED.end) this.ended = true
      this.happened.push({ kind: 'stamped', event, promise, floor })
    }
    return stamped
  }

  private deny(waiting: Waiting, code: RefusalCode): void {
    const source = this.ledger.members.get(waiting.source)
    if (source === undefined) return
    source.unstamped--
    this.send(source, encode.denied(waiting.number, code))
  }

  private drop(): void {
    for (const waiting of this.waiting.splice(0)) this.deny(waiting, 'session_ended')
  }

  private openRound(now: Micros): void {
    const events = this.waiting.splice(0, this.limits.sync_events_max)
    let want: Micros = 0
    for (const event of events) want = Math.max(want, event.want)
    const awaited = new Set<InstanceId>()
    for (const member of this.ledger.members.values()) if (member.trusted(now)) awaited.add(member.id)
    const asked = new Set(this.ledger.members.keys())
    const round = new Round(++this.roundNumber, events, asked, awaited, now, now + this.reach)
    this.ledger.rounds.push(round)
    this.roundAt = now
    this.stats.rounds++
    const bytes = encode.propose(this.options.epoch, round.number, want, this.reach)
    for (const member of this.ledger.members.values()) this.send(member, bytes)
    this.settleRounds(now)
  }

  /** Stamp the oldest rounds that need wait no more, in their order. */
  private settleRounds(now: Micros): void {
    for (;;) {
      const round = this.ledger.rounds[0]
      if (round === undefined || !this.isOver(now, round)) return
      this.stampRound(now, round)
    }
  }

  private isOver(now: Micros, round: Round): boolean {
    if (round.awaited.size === 0 || now >= round.stopAt) return true
    // Rule 3: the missing answers could no longer lower the stamp. Looked at when few are missing.
    if (round.awaited.size > 3) return false
    let missing = -1
    let others = this.ledger.floor
    for (const member of this.ledger.members.values()) {
      const promise = this.ledger.promiseOf(member)
      if (round.awaited.has(member.id)) missing = Math.max(missing, promise)
      else others = Math.max(others, promise)
    }
    return missing <= others
  }

  private stampRound(now: Micros, round: Round): void {
    this.judge(now, round)
    const stamped = this.stampAll(now, round.events)
    const short = this.short
    const least = tickAt(this.reference(now) + this.lead, this.fps)
    const promises = new Map<InstanceId, Tick>()
    if (short)
      for (const member of this.ledger.members.values())
        promises.set(member.id, this.ledger.promiseOf(member))
    this.ledger.rounds.shift()
    const encoded = new Map<Tick, Uint8Array[]>()
    for (const member of this.ledger.members.values()) {
      let lease = NO_LEASE
      // Rule 4: only one whose answer was counted can have its lease replaced.
      if (short && round.deadlines.has(member.id)) {
        const replaced = Math.max(least, promises.get(member.id) as Tick)
        if (replaced < member.grant) {
          member.grant = replaced
          lease = replaced
        }
      }
      let bytes = encoded.get(lease)
      if (bytes === undefined) {
        bytes = syncs(this.options.epoch, round.number, lease, stamped, this.limits)
        encoded.set(lease, bytes)
      }
      for (const each of bytes) this.send(member, each)
    }
    if (short) this.justInTime = true
    this.stats.tripSum += this.tripMax
    this.stats.trips++
    this.tripMax = 0
  }

  /** Rule 7: who has not answered is late, and who raises the stamp alone is looked at. */
  private judge(now: Micros, round: Round): void {
    let top = this.ledger.floor
    let second = this.ledger.floor
    let alone: Member | undefined
    let cut = false
    for (const member of this.ledger.members.values()) {
      const promise = this.ledger.promiseOf(member)
      if (promise > top) {
        second = top
        top = promise
        alone = member
      } else if (promise > second) second = promise
      if (!round.asked.has(member.id)) continue
      if (round.deadlines.has(member.id)) member.forgive()
      else {
        member.owes = round.number
        if (round.awaited.has(member.id)) {
          cut = true
          this.distrust(now, member, 'late')
        }
      }
    }
    if (cut) this.stats.roundsCut++
    const stated = tickFrom(this.reach, this.fps) + 2
    if (
      alone !== undefined &&
      round.deadlines.has(alone.id) &&
      top - second > stated &&
      this.ledger.members.size > 1
    )
      this.distrust(now, alone, 'alone')
  }

  // --- leases

  /** Whether this member lives on grants just in time: they go to everybody, and delay nobody. */
  private isFed(now: Micros, member: Member): boolean {
    return this.short || member.fed || !member.trusted(now)
  }

  /** What is granted just in time covers this much more than the lead, where ticks are faster than grants. */
  private ahead(): Micros {
    const tick = dueAt(1, this.fps)
    return this.lead + (tick < this.limits.grant_gap_min ? this.limits.grant_gap_min : 0)
  }

  private nextGrant(): Micros {
    const due = this.markClock + (dueAt(this.granted + 1, this.fps) - this.ahead() - this.mark)
    return Math.ceil(Math.max(due, this.grantedAt + this.limits.grant_gap_min))
  }

  /** Grant the ticks whose moment has come. Grants follow the sequencer's clock, nobody's progress. */
  private grantDue(now: Micros): void {
    if (!this.justInTime || now < this.grantedAt + this.limits.grant_gap_min) return
    const reference = this.reference(now)
    const tick = tickAt(reference + this.ahead(), this.fps)
    if (tick > this.granted) {
      this.granted = tick
      this.grantedAt = now
    }
    let bytes: Uint8Array | undefined
    for (const member of this.ledger.members.values()) {
      if (member.grant >= this.granted || !this.isFed(now, member)) continue
      member.grant = this.granted
      bytes ??= encode.grant(this.granted, Math.round(dueAt(this.granted, this.fps) - reference))
      this.send(member, bytes)
      this.stats.grants++
    }
  }

  private beatAll(now: Micros): void {
    this.interval = !this.started || now - this.eventAt < QUIET ? BEAT_ACTIVE : BEAT_IDLE
    this.nextBeat = this.ledger.members.size > 0 ? now + this.interval : NEVER
    for (const member of [...this.ledger.members.values()])
      if (now - member.heardAt > this.limits.silence_max) this.turnAway(now, member.link, 'silent')
    if (this.started) {
      this.reckon(now)
      if (this.discipline === 'auto') this.short = now - this.eventAt < QUIET
      if (this.stats.rounds === 0 || this.short) {
        this.stats.tripSum += this.tripMax
        this.stats.trips += this.tripMax > 0 ? 1 : 0
        this.tripMax = 0
      }
    }
    this.justInTime = false
    for (const member of this.ledger.members.values()) {
      this.beat(now, member)
      this.justInTime ||= this.started && this.isFed(now, member)
    }
  }

  private beat(now: Micros, member: Member): void {
    const lease = this.started ? this.renew(now, member) : NO_LEASE
    const held = member.pulseClock > 0 ? now - member.pulseAt : 0
    const reference = this.started ? Math.round(this.reference(now)) : 0
    this.send(member, encode.beat(now, member.pulseClock, held, reference, this.interval, lease))
  }

  /** Rule 5: a long lease only for one that is heard and owes no answer. */
  private renew(now: Micros, member: Member): Tick {
    if (this.short) return NO_LEASE
    const full = Math.max(LEASE, 4 * this.reach)
    const patient = 2 * BEAT_ACTIVE + this.interval + member.trip.mean + 4 * member.trip.spread
    const heard = member.owes === 0 && now - member.heardAt <= patient
    if (heard && member.trusted(now)) member.regrow(full)
    member.fed = !heard || !member.trusted(now) || member.lease < 2 * this.interval
    if (member.fed) return NO_LEASE
    const tick = tickAt(this.reference(now) + Math.min(full, member.lease), this.fps)
    if (tick <= member.grant) return NO_LEASE
    member.grant = tick
    return tick
  }

  // --- time

  /** How far ahead grants leave and deadlines lie, from what was measured. */
  private reckon(now: Micros): void {
    const trips: Tail[] = []
    const downs: Tail[] = []
    let slowest: Micros = 0
    for (const member of this.ledger.members.values()) {
      if (!member.trusted(now)) continue
      trips.push(member.trip)
      slowest = Math.max(slowest, member.trip.mean)
      if (member.down.count === 0) member.down.set(member.trip.mean / 2, member.trip.spread)
      if (now - member.heardAt < 4 * this.interval) downs.push(member.down)
    }
    const { k = 1, margin } = this.options
    const trip = margin === undefined ? patience(trips, PRICE_OF_A_CUT, this.limits.rtt_max) : slowest
    this.reach = Math.ceil(k * Math.min(trip, this.limits.rtt_max) + (margin ?? 0) * this.ledger.members.size)
    const price = (PRICE_OF_A_FREEZE * dueAt(1, this.fps)) / Math.max(1, downs.length)
    this.lead = patience(downs, price, this.limits.lead_max) + WAKE_JITTER
  }

  /** After a pause of its own, or of everybody, the reference is where the first of them can be. */
  private holdReference(now: Micros): void {
    const farthest = dueAt(this.ledger.top() + 1, this.fps)
    if (this.reference(now) > farthest) this.setReference(now, farthest)
  }

  /** `fastest`: the instance most ahead is the reference. */
  private follow(now: Micros, position: Micros): void {
    if (position > this.reference(now)) this.setReference(now, Math.floor(position))
  }

  private setReference(now: Micros, position: Micros): void {
    this.markClock = now
    this.mark = position
  }

  private send(member: Member, bytes: Uint8Array): void {
    this.out.push({ to: member.link, bytes })
  }
}
