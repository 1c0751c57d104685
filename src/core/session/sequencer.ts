import type { RefusalCode } from '../errors.ts'
import { LIMITS, type Limits } from '../limits.ts'
import type { Machine, Outgoing } from '../machine.ts'
import { RESERVED, SEQUENCER } from '../timeline/event.ts'
import {
  dueAt,
  type InstanceId,
  type LinkId,
  MILLISECOND,
  type Micros,
  NEVER,
  SECOND,
  type Tick,
} from '../timeline/tick.ts'
import { Admission } from './admission.ts'
import { Beats, READ_FIRST } from './beats.ts'
import { AT_ONCE, Desk } from './desk.ts'
import { Leases } from './leases.ts'
import { Ledger } from './ledger.ts'
import { Log } from './log.ts'
import { Member } from './member.ts'
import { askedPayload, joinPayload, leavePayload } from './membership.ts'
import { type Ack, AN_ASK, type Ask, decode, type Emit, encode, type Hello, type Pulse } from './messages.ts'
import type { SequencerHappening, SequencerOptions, SequencerStats } from './options.ts'
import { Reckoning } from './reckoning.ts'
import { NO_TICK } from './round.ts'
import { Rounds } from './rounds.ts'

export type { Discipline, SequencerHappening, SequencerOptions, SequencerStats } from './options.ts'

/** How long a start waits for the round trips to be known. */
const START_PATIENCE: Micros = SECOND
/** A wake-up that is later than this was a pause of this side. */
const OWN_PAUSE: Micros = 100 * MILLISECOND
/** The highest id that an application may give to an event: what an int32 holds. */
const ID_MAX = 0x7fff_ffff

/** The sequencer's part of a session: it admits, stamps, and promises to each instance how far it may run. */
export class Sequencer implements Machine<SequencerHappening> {
  started = false
  private readonly options: SequencerOptions
  private readonly limits: Limits
  /** What was promised to whom: to be looked at, never to be changed from outside. */
  readonly ledger = new Ledger()
  private readonly desk = new Desk(this.ledger)
  private readonly admission: Admission
  /** What rounds and leases go by: to be looked at as well. */
  readonly reckoning: Reckoning
  private readonly leases: Leases
  private readonly beats: Beats
  private readonly log: Log
  private readonly rounds: Rounds
  private readonly links = new Map<LinkId, Member>()
  private nextId: InstanceId = 1

  private eventAt: Micros = Number.NEGATIVE_INFINITY
  private startBy: Micros = NEVER
  /** The wake-up that was asked for, and the end of the last pause of this side. */
  private awaitedAt: Micros = NEVER
  /** When it acted last: what it was late by before then is no pause that has come since. */
  private actedAt: Micros = Number.NEGATIVE_INFINITY
  private resumedAt: Micros = Number.NEGATIVE_INFINITY

  constructor(options: SequencerOptions) {
    this.options = options
    this.limits = options.limits ?? LIMITS
    this.reckoning = new Reckoning(this.ledger, options, this.limits)
    this.leases = new Leases(options.discipline ?? 'auto', this.desk, this.reckoning)
    this.beats = new Beats(this.limits, this.desk, this.reckoning, this.leases)
    this.log = new Log(options.epoch, this.limits)
    this.rounds = new Rounds(options.epoch, this.limits, this.desk, this.reckoning, this.leases, this.log)
    this.admission = new Admission(this.ledger, options, this.limits)
    this.reckoning.fps = this.admission.fps
  }

  // --- looks

  get ended(): boolean {
    return this.rounds.ended
  }

  get floor(): Tick {
    return this.ledger.floor
  }

  get short(): boolean {
    return this.leases.short
  }

  get stats(): Readonly<SequencerStats> {
    return this.desk.stats
  }

  promiseOf(id: InstanceId): Tick {
    const member = this.ledger.members.get(id)
    return member === undefined ? this.ledger.floor : this.ledger.promiseOf(member)
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
    return this.reckoning.reference(now)
  }

  /** What is held, and how much may be (P8). */
  sizes(): Record<string, { size: number; limit: number }> {
    return {
      members: { size: this.ledger.members.size, limit: this.limits.members_max },
      waiting: { size: this.rounds.waiting.length, limit: this.limits.waiting_max + this.limits.members_max },
      rounds: { size: this.ledger.rounds.length, limit: this.limits.rounds_max },
      log: { size: this.log.size, limit: this.limits.log_events_max },
      logBytes: { size: this.log.payloadBytes, limit: this.limits.log_bytes_max },
    }
  }

  // --- the doors

  receive(now: Micros, from: LinkId, bytes: Uint8Array): void {
    this.notePause(now)
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
    this.notePause(now)
    const member = this.links.get(link)
    if (member !== undefined) this.depart(now, member, NEVER, 'lost')
  }

  wake(now: Micros): void {
    if (now >= this.awaitedAt) this.reckoning.wokenLate(now - this.awaitedAt)
    this.notePause(now)
    this.maybeStart(now)
    if (this.started) {
      this.reckoning.hold(now)
      this.rounds.advance(now)
      this.leases.grant(now)
    }
    for (const member of this.beats.silent(now)) this.turnAway(now, member.link, 'silent')
    if (now < this.beats.at) return
    this.rounds.release()
    this.beats.suspect(now)
    this.beats.all(now, this.started, this.eventAt)
  }

  nextWake(): Micros {
    let at = Math.min(this.beats.nextWake, this.startBy)
    if (this.started) at = Math.min(at, this.rounds.nextWake(), this.leases.nextGrant())
    this.awaitedAt = at
    return at
  }

  outgoing(): readonly Outgoing[] {
    return this.desk.out.take()
  }

  happenings(): readonly SequencerHappening[] {
    return this.desk.happened.take()
  }

  /** The session is over for all, at once: each is told why. */
  close(now: Micros, code: RefusalCode = 'closing'): void {
    this.rounds.ended = true
    for (const member of [...this.ledger.members.values()]) this.turnAway(now, member.link, code)
  }

  // --- who takes part

  private admit(now: Micros, link: LinkId, hello: Hello): void {
    if (this.ended) return this.turnAway(now, link, 'session_ended')
    const refusal = this.admission.refusal(hello, this.started)
    if (refusal !== undefined) return this.turnAway(now, link, refusal.code, refusal.hint)
    if (this.started && !this.log.whole) return this.turnAway(now, link, 'timeline_too_long')
    this.admission.settle(hello)
    this.reckoning.fps = this.admission.fps

    const member = new Member(now, this.nextId++, link, this.admission.freeSlot(), hello.data.slice())
    this.links.set(link, member)
    this.ledger.members.set(member.id, member)
    this.desk.happened.push({ kind: 'admitted', link, id: member.id })
    this.desk.send(member, encode.welcome(member.id, this.options.epoch, this.reckoning.fps))
    if (this.started) this.joinRunning(now, member)
    else this.joinLobby(now, member)
    this.beats.expect(now)
  }

  private joinLobby(now: Micros, member: Member): void {
    this.startBy = this.admission.full ? now + START_PATIENCE : NEVER
    this.tellLobby()
    this.beats.one(now, this.started, member)
  }

  /** A newcomer to a running session gets all that was stamped, and runs through it. */
  private joinRunning(now: Micros, member: Member): void {
    this.reckoning.hold(now)
    for (const bytes of this.log.replay()) this.desk.send(member, bytes)
    this.desk.send(member, encode.start(now, Math.round(this.reference(now))))
    this.leases.feed()
    this.addJoin(member)
    this.rounds.advance(now)
    this.leases.grant(now)
    this.beats.one(now, this.started, member)
  }

  private tellLobby(): void {
    this.desk.sendAll(encode.lobby(this.ledger.members.size, this.admission.size))
  }

  private maybeStart(now: Micros): void {
    if (this.started || !this.admission.full) return
    if (now < this.startBy) for (const member of this.ledger.members.values()) if (!member.seasoned) return
    this.start(now)
  }

  /** All start at one moment: when the slowest will have heard of it. */
  private start(now: Micros): void {
    this.started = true
    this.startBy = NEVER
    this.reckoning.measure(now)
    this.reckoning.set(now, -this.reckoning.lead)
    // Whoever could not wait has emitted already: nobody's first event goes before its join.
    const early = this.rounds.waiting
    this.rounds.waiting = []
    for (const member of this.ledger.members.values()) this.addJoin(member)
    for (const event of early) if (this.ledger.members.has(event.source)) this.rounds.waiting.push(event)
    this.desk.happened.push({ kind: 'started' })
    this.rounds.advance(now)
    this.beats.all(now, true, this.eventAt)
    this.desk.sendAll(encode.start(now, this.reference(now)))
    this.leases.grant(now)
  }

  private addJoin(member: Member): void {
    const payload = joinPayload({ member: member.id, slot: member.slot, data: member.data })
    this.rounds.addOwn(RESERVED.join, member.id, payload)
  }

  /** Rule 6. What it may have run goes into the floor; nothing more is sent to it that would let it run on. */
  private depart(now: Micros, member: Member, ran: Tick, why: RefusalCode | undefined): void {
    this.ledger.remove(member, ran)
    this.links.delete(member.link)
    this.desk.forget(member.id)
    this.desk.happened.push({ kind: 'gone', id: member.id, why })
    this.desk.happened.push({ kind: 'close', link: member.link })
    if (!this.started) {
      if (!this.admission.full) this.startBy = NEVER
      return this.tellLobby()
    }
    if (!this.ended) this.rounds.addOwn(RESERVED.leave, member.id, leavePayload({ member: member.id, why }))
    this.rounds.advance(now)
    this.leases.left()
  }

  private turnAway(now: Micros, link: LinkId, code: RefusalCode, hint = ''): void {
    this.desk.sendTo(link, encode.refuse(code, hint))
    const member = this.links.get(link)
    if (member !== undefined) return this.depart(now, member, NEVER, code)
    this.desk.happened.push({ kind: 'refused', link, code })
    this.desk.happened.push({ kind: 'close', link })
  }

  // --- messages

  private onPulse(now: Micros, member: Member, pulse: Pulse): void {
    member.pulseClock = pulse.clock
    member.pulseAt = now
    if (pulse.echo > 0) this.sampleTrip(now, member, pulse.echo, now - pulse.echo - pulse.held)
    if (!this.started) return this.maybeStart(now)
    // A way down is no longer than the round trip: more than that is not believed.
    const most = member.trip.mean + 4 * member.trip.spread
    if (pulse.down > 0) member.down.set(Math.min(pulse.down, most), Math.min(pulse.spread, most))
    this.noteLocal(now, member, pulse.local)
    this.reckoning.heard(now, pulse.position)
    if (this.options.reference === 'fastest' && member.trusted(now))
      this.reckoning.followFastest(now, member, pulse.position)
  }

  private sampleTrip(now: Micros, member: Member, from: Micros, trip: Micros): void {
    // Rule 8: what waited here while this side stood still says nothing of the way; nor does the rest of a
    // bundle that came at one moment, and if its first word is too old to count, none does.
    if (from <= this.resumedAt) return
    const together = now === member.sampledAt
    member.sampledAt = now
    if (trip < 0 || trip > this.limits.rtt_max) return
    // Where nothing else is known, the word of a bundle that has waited least tells the most.
    if (together) return member.trip.count === 1 ? member.trip.lower(trip) : undefined
    member.trip.add(trip)
    this.desk.trip(trip)
  }

  private onEmit(now: Micros, member: Member, emit: Emit): void {
    // Exactly once: a number that was taken is not taken again.
    if (emit.number <= member.emitted) return
    if (emit.number !== member.emitted + 1 || emit.id < 1 || emit.id > ID_MAX)
      return this.turnAway(now, member.link, 'malformed')
    member.emitted = emit.number
    const denial = this.denialOf(member)
    if (denial !== undefined) return this.desk.send(member, encode.denied(emit.number, denial))
    member.unstamped++
    this.eventAt = now
    this.leases.eventCame()
    if (emit.at !== NO_TICK) member.predicts = true
    const want = this.started ? this.reckoning.wanted(now, emit.want, this.ledger.promiseOf(member)) : 0
    this.rounds.add(member.id, emit, want, this.started ? this.reckoning.asked(now, emit.at) : NO_TICK)
    if (this.started) this.rounds.advance(now)
  }

  private denialOf(member: Member): RefusalCode | undefined {
    if (this.ended) return 'session_ended'
    if (member.unstamped >= this.limits.unstamped_max) return 'busy'
    if (this.rounds.waiting.length >= this.limits.waiting_max) return 'busy'
    return undefined
  }

  private onAsk(now: Micros, member: Member, { id, data }: Ask): void {
    if (id !== RESERVED.pause && id !== RESERVED.resume && id !== RESERVED.end)
      return this.turnAway(now, member.link, 'malformed')
    const denial = this.started ? this.denialOf(member) : 'not_admitted'
    if (denial !== undefined) return this.desk.send(member, encode.denied(AN_ASK, denial))
    member.unstamped++
    this.rounds.addOwn(id, SEQUENCER, askedPayload({ by: member.id, data }), member.id)
    this.rounds.advance(now)
  }

  private onAck(now: Micros, member: Member, ack: Ack): void {
    // Rule 2: an answer names its round and the epoch.
    if (ack.epoch !== this.options.epoch) return
    if (member.owes === ack.round) member.owes = 0
    this.noteLocal(now, member, ack.local)
    const round = this.ledger.rounds.find((each) => each.number === ack.round)
    if (round === undefined || !round.answer(member.id, ack.deadline)) return
    this.sampleTrip(now, member, round.proposedAt, now - round.proposedAt)
    if (ack.deadline <= ack.local) this.offend(now, member)
    this.rounds.advance(now)
  }

  /** Rule 7: one that has run what it may not, or faster than can be, is not believed. */
  private noteLocal(now: Micros, member: Member, local: Tick): void {
    const { fps } = this.reckoning
    const ran = dueAt(local - member.local, fps)
    const could = 1.25 * (now - member.localAt) + dueAt(1, fps) + member.trip.mean + 4 * member.trip.spread
    const ahead = dueAt(local, fps) > this.reference(now) + dueAt(2, fps)
    const known = member.localAt > 0
    member.local = local
    member.localAt = now
    if (local > member.grant || (known && ahead && ran > could)) this.offend(now, member)
  }

  private offend(now: Micros, member: Member): void {
    this.desk.strike(now, member, 'implausible', AT_ONCE)
    this.leases.feed()
  }

  /** Rule 8: nobody is judged by what could not be read in a pause of its own, which counts for nobody as silence. */
  private notePause(now: Micros): void {
    const late = now - Math.max(this.awaitedAt, this.actedAt)
    this.awaitedAt = NEVER
    this.actedAt = now
    this.reckoning.awake(now, late >= OWN_PAUSE)
    if (late < OWN_PAUSE) return
    this.resumedAt = now
    for (const member of this.ledger.members.values()) member.heardAt += late - OWN_PAUSE
    this.rounds.holdOn(now + READ_FIRST)
  }
}
