import { InvariantBroken, type RefusalCode } from '../errors.ts'
import { LIMITS, type Limits } from '../limits.ts'
import { type Machine, Outbox, type Outgoing } from '../machine.ts'
import { type Input, RESERVED, type StampedEvent } from '../timeline/event.ts'
import { Pacer } from '../timeline/pacer.ts'
import {
  BEFORE_FIRST,
  dueAt,
  type InstanceId,
  type LinkId,
  MILLISECOND,
  type Micros,
  NEVER,
  SECOND,
  type Tick,
  tickFrom,
} from '../timeline/tick.ts'
import { Timeline } from '../timeline/timeline.ts'
import { EMPTY } from '../wire/bytes.ts'
import { ClockEstimate } from './clock.ts'
import { type Beat, decode, encode, type Grant, NO_LEASE, type Propose, type Sync } from './messages.ts'
import { Tail } from './tail.ts'

export interface InstanceOptions {
  readonly fps: number
  /** Name and version of the application: all instances of a session run the same. */
  readonly app: string
  /** The connection to the sequencer, by the driver's number for it. */
  readonly link: LinkId
  readonly session?: string
  /** For how many the session waits before it starts, 0 for none: an open session. */
  readonly instances?: number
  /** What the others should know of this member; it travels in `join`. */
  readonly data?: Uint8Array
  readonly limits?: Limits
}

export type Phase = 'connecting' | 'lobby' | 'running' | 'ended'

export type InstanceHappening =
  | { readonly kind: 'admitted'; readonly id: InstanceId }
  | { readonly kind: 'lobby'; readonly have: number; readonly need: number }
  | { readonly kind: 'started' }
  /** An own event has its place. */
  | { readonly kind: 'landed'; readonly number: number; readonly stamp: Tick }
  /** An own event is not taken. */
  | { readonly kind: 'denied'; readonly number: number; readonly code: RefusalCode }
  /** Nothing comes any more: of its own will, at the session's end, or for a reason. */
  | { readonly kind: 'ended'; readonly code: RefusalCode | 'left' | 'end'; readonly hint: string }

export interface InstanceStats {
  /** Ticks that were begun in a freeze. */
  frozenTicks: number
  frozenMicros: Micros
  /** Time by which the pace was corrected, either way. */
  correctedMicros: Micros
  /** Time that was run through at once, far behind the others. */
  leaptMicros: Micros
}

/** Further behind a granted timeline than this, an instance runs unthrottled. */
const CATCH_UP: Micros = 250 * MILLISECOND
/** Distances below this are left alone: nobody sees them, and each correction is felt. */
const CLOSE_ENOUGH: Micros = 1 * MILLISECOND
/** A distance is made good over this time, unless the greatest rates take longer. */
const GENTLY: Micros = 400 * MILLISECOND
/** How many samples of the way down count. */
const DOWN_MEMORY = 64

/** One instance's part of a session: it holds the timeline, runs along it, and freezes where it must. */
export class Instance implements Machine<InstanceHappening> {
  id: InstanceId = 0
  phase: Phase = 'connecting'
  /** The highest tick that may run without hearing anything further: the lease, less what is armed. */
  limit: Tick = BEFORE_FIRST
  readonly stats: InstanceStats = { frozenTicks: 0, frozenMicros: 0, correctedMicros: 0, leaptMicros: 0 }

  private readonly out = new Outbox<Outgoing>()
  private readonly happened = new Outbox<InstanceHappening>()
  private readonly timeline = new Timeline()
  private readonly pacer = new Pacer()
  private readonly clock = new ClockEstimate()
  private readonly down = new Tail(DOWN_MEMORY)
  private readonly fps: number
  private readonly link: LinkId
  private readonly limits: Limits
  private readonly options: InstanceOptions

  private epoch = 0
  private grant: Tick = BEFORE_FIRST
  /** Rounds that were answered and are not over, with the deadline given. */
  private readonly armed = new Map<number, Tick>()
  /** The tick at which the session ends, once that is known. */
  private last: Tick = NEVER
  /** The position at which it freezes: where the first tick beyond the limit is due. */
  private cap: Micros = 0
  private frozenSince: Micros = NEVER
  private leaping = false

  private emitted = 0
  private unstamped = 0

  private interval: Micros = NEVER
  private nextPulse: Micros = NEVER
  private heardAt: Micros = 0
  private beatClock: Micros = 0
  private beatAt: Micros = 0
  private late = 0

  constructor(options: InstanceOptions) {
    this.options = options
    this.fps = options.fps
    this.link = options.link
    this.limits = options.limits ?? LIMITS
  }

  // --- what an application does

  /** Ask for admission. */
  open(now: Micros): void {
    const { fps, app, session = '', instances = 0, data = EMPTY } = this.options
    this.heardAt = now
    this.send(encode.hello(fps, app, session, instances, data))
  }

  /** Emit an event: its number among one's own, or why it cannot be emitted. */
  emit(now: Micros, id: number, payload: Uint8Array = EMPTY): number | RefusalCode {
    if (this.phase === 'ended') return 'session_ended'
    if (this.phase === 'connecting') return 'not_admitted'
    if (!Number.isInteger(id) || id <= 0 || id > 0x7fff_ffff) return 'bad_request'
    if (payload.length > this.limits.payload_bytes_max) return 'payload_too_large'
    if (this.unstamped >= this.limits.unstamped_max) return 'busy'
    this.settle(now)
    this.unstamped++
    this.send(encode.emit(++this.emitted, Math.max(0, this.position(now)), -1, id, payload))
    return this.emitted
  }

  /** Ask for a `pause`, a `resume` or the `end` of the session, which then happens everywhere at one tick. */
  ask(what: 'pause' | 'resume' | 'end', data: Uint8Array = EMPTY): RefusalCode | undefined {
    if (this.phase === 'ended') return 'session_ended'
    if (this.phase === 'connecting') return 'not_admitted'
    if (data.length > this.limits.member_bytes_max) return 'payload_too_large'
    this.send(encode.ask(RESERVED[what], data))
    return undefined
  }

  /**
   * The next input that is due: the events of a tick, then the tick, which closes it. The tick's object is
   * used again at the next call. Who takes late is simply late; who has not taken a tick has not run it.
   */
  take(now: Micros): Input | undefined {
    if (this.phase !== 'running') return undefined
    const next = this.timeline.local + 1
    // P3: nothing is run above the promise.
    if (next > this.limit) return undefined
    if (this.position(now) < dueAt(next, this.fps)) return undefined
    const input = this.timeline.next()
    if (input.id === 0 && input.tick >= this.last) this.finish('end')
    return input
  }

  /** Leave: the last tick run is told, and none is run after it. */
  leave(_now: Micros): void {
    if (this.phase === 'ended') return
    if (this.phase !== 'connecting') this.send(encode.bye(this.timeline.local))
    this.finish('left')
  }

  // --- looks

  /** The last tick closed. */
  get local(): Tick {
    return this.timeline.local
  }

  /** Where it stands on the timeline: the ticks up to here are due, as far as they may run. */
  position(now: Micros): Micros {
    return Math.min(this.pacer.position(now), this.cap)
  }

  /** Where it believes the reference to be. */
  reference(now: Micros): Micros {
    return this.clock.reference(now)
  }

  /** By how much that belief can be wrong. */
  errorBound(now: Micros): Micros {
    return this.clock.error(now)
  }

  /** Whether the next tick is due and may not run. */
  frozen(now: Micros): boolean {
    return this.phase === 'running' && this.pacer.position(now) >= this.cap
  }

  /** Whether the pace is being corrected. */
  correcting(now: Micros): boolean {
    return this.pacer.correctingAt(now) || this.leaping
  }

  /** Whether it runs unthrottled because it is far behind a timeline that it has been granted. */
  get catchingUp(): boolean {
    return this.leaping
  }

  /** When `take` may have something, on the own clock. */
  nextInput(): Micros {
    const next = this.timeline.local + 1
    if (this.phase !== 'running' || next > this.limit || this.pacer.stopped) return NEVER
    return this.pacer.clockAt(dueAt(next, this.fps))
  }

  /** When it will freeze, or froze, unless it hears something before; NEVER while it does not run. */
  nextFreeze(): Micros {
    if (this.phase !== 'running') return NEVER
    return this.frozenSince !== NEVER ? this.frozenSince : this.pacer.clockAt(this.cap)
  }

  /** What is held, and how much may be (P8). */
  sizes(): Record<string, { size: number; limit: number }> {
    return {
      armed: { size: this.armed.size, limit: this.limits.rounds_max },
      pending: { size: this.timeline.pending, limit: this.limits.pending_max },
      unstamped: { size: this.unstamped, limit: this.limits.unstamped_max },
    }
  }

  // --- the doors

  receive(now: Micros, _from: LinkId, bytes: Uint8Array): void {
    if (this.phase === 'ended') return
    const message = decode(bytes)
    if (typeof message === 'string') return this.finish(message)
    this.heardAt = now
    this.settle(now)
    switch (message.kind) {
      case 'grant':
        return this.onGrant(now, message)
      case 'propose':
        return this.onPropose(now, message)
      case 'sync':
        return this.onSync(now, message)
      case 'beat':
        return this.onBeat(now, message)
      case 'welcome':
        this.id = message.id
        this.epoch = message.epoch
        this.phase = 'lobby'
        this.happened.push({ kind: 'admitted', id: message.id })
        return
      case 'lobby':
        this.happened.push({ kind: 'lobby', have: message.have, need: message.need })
        return
      case 'start':
        this.clock.place(message.clock, message.reference)
        this.clock.guess(now, message.clock)
        return this.start(now)
      case 'denied':
        this.unstamped--
        this.happened.push({ kind: 'denied', number: message.number, code: message.code })
        return
      case 'refuse':
        return this.finish(message.code, message.hint)
      default:
        return this.finish('malformed')
    }
  }

  closed(_now: Micros, _link: LinkId): void {
    if (this.phase !== 'ended') this.finish('lost')
  }

  wake(now: Micros): void {
    if (this.phase === 'ended') return
    this.settle(now)
    if (now - this.heardAt > this.limits.silence_max) return this.finish('silent')
    if (now >= this.nextPulse) this.pulse(now)
  }

  nextWake(): Micros {
    if (this.phase === 'ended') return NEVER
    return Math.min(this.nextPulse, this.heardAt + this.limits.silence_max + 1)
  }

  outgoing(): readonly Outgoing[] {
    return this.out.take()
  }

  happenings(): readonly InstanceHappening[] {
    return this.happened.take()
  }

  // --- messages

  private start(now: Micros): void {
    if (this.phase !== 'lobby') return this.finish('malformed')
    this.phase = 'running'
    // Before tick 0 there is a little time, so that all start at one moment.
    this.pacer.stop(now, Math.min(0, this.clock.reference(now)))
    this.pacer.go(now)
    this.happened.push({ kind: 'started' })
    this.settle(now)
    this.approach(now)
  }

  private onGrant(now: Micros, { tick, lead }: Grant): void {
    if (this.phase !== 'running') return
    this.down.add(Math.max(0, this.clock.reference(now) - (dueAt(tick, this.fps) - lead)))
    if (tick <= this.grant) return
    if (this.frozenSince !== NEVER) this.late++
    this.grant = tick
    this.relimit(now)
  }

  private onPropose(now: Micros, { epoch, round, want, reach }: Propose): void {
    // Rule 2: what belongs to another epoch changes nothing.
    if (this.phase !== 'running' || epoch !== this.epoch) return
    let deadline = this.armed.get(round)
    if (deadline === undefined) {
      if (this.armed.size >= this.limits.rounds_max) return this.finish('overflow')
      const from = Math.max(this.position(now), want)
      deadline = Math.max(this.local + 1, tickFrom(from + reach, this.fps))
      this.armed.set(round, deadline)
      this.relimit(now)
    }
    this.send(encode.ack(this.epoch, round, deadline, this.local))
  }

  private onSync(now: Micros, { epoch, round, lease, events }: Sync): void {
    if (epoch !== this.epoch) return
    for (const event of events) if (!this.place(event)) return
    if (round > 0) this.armed.delete(round)
    if (lease !== NO_LEASE) {
      if (lease < this.local) return this.finish('rewritten', `a lease of ${lease} after tick ${this.local}`)
      this.grant = lease
    }
    this.relimit(now)
  }

  private place(event: StampedEvent): boolean {
    if (event.source === this.id) {
      this.unstamped--
      this.happened.push({ kind: 'landed', number: event.number, stamp: event.stamp })
    }
    // P5: nothing goes before what was delivered.
    if (!this.timeline.add(event)) {
      this.finish('rewritten', `event ${event.seq} at tick ${event.stamp}, after tick ${this.local}`)
      return false
    }
    if (this.timeline.pending > this.limits.pending_max) {
      this.finish('overflow')
      return false
    }
    if (event.id === RESERVED.end) this.last = event.stamp
    return true
  }

  private onBeat(now: Micros, { clock, echo, held, reference, interval, lease }: Beat): void {
    const first = this.interval === NEVER
    this.beatClock = clock
    this.beatAt = now
    this.interval = Math.max(MILLISECOND, interval)
    this.nextPulse = first ? now : Math.min(this.nextPulse, now + this.interval)
    if (echo > 0) {
      const trip = now - echo - held
      if (trip >= 0 && trip <= this.limits.rtt_max) this.clock.sample(now, clock, trip)
    }
    this.clock.place(clock, reference)
    if (lease > this.grant) {
      this.grant = lease
      this.relimit(now)
    }
    if (this.phase === 'running') {
      this.down.add(Math.max(0, this.clock.reference(now) - reference))
      this.approach(now)
    }
    if (first) this.pulse(now)
  }

  private pulse(now: Micros): void {
    this.nextPulse = now + this.interval
    this.send(
      encode.pulse(
        now,
        this.beatClock,
        Math.max(0, now - this.beatAt),
        this.local,
        Math.round(this.position(now)),
        Math.round(this.down.mean),
        Math.round(this.down.spread),
        this.late,
      ),
    )
    this.late = 0
  }

  // --- time

  /** Bring the state up to a moment: past the limit, it has stood still since. */
  private settle(now: Micros): void {
    if (this.phase !== 'running') return
    if (this.leaping) this.leap(now)
    if (this.frozenSince !== NEVER || this.pacer.position(now) < this.cap) return
    this.frozenSince = Math.min(now, this.pacer.clockAt(this.cap))
    this.pacer.stop(this.frozenSince, this.cap)
  }

  /** The lease or what is armed has changed: freeze where that now says, or go on. */
  private relimit(now: Micros): void {
    let limit = this.grant
    for (const deadline of this.armed.values()) if (deadline - 1 < limit) limit = deadline - 1
    if (this.last < limit) limit = this.last
    if (limit === this.limit) return
    if (limit < this.local) throw new InvariantBroken('P3', `a limit of ${limit} after tick ${this.local}`)
    this.limit = limit
    this.cap = dueAt(limit + 1, this.fps)
    if (this.frozenSince === NEVER) return this.settle(now)
    if (this.pacer.position(now) >= this.cap) return
    this.thaw(now)
  }

  private thaw(now: Micros): void {
    const frozen = now - this.frozenSince
    this.frozenSince = NEVER
    this.stats.frozenMicros += frozen
    this.stats.frozenTicks += Math.ceil((frozen * this.fps) / SECOND)
    this.pacer.go(now)
    this.approach(now)
  }

  /** Close in on the reference: smoothly, or at once when far behind what all others have run. */
  private approach(now: Micros): void {
    if (this.frozenSince !== NEVER || this.phase !== 'running') return
    const distance = this.clock.reference(now) - this.pacer.position(now)
    if (distance > CATCH_UP) {
      this.leaping = true
      return this.settle(now)
    }
    if (Math.abs(distance) > CLOSE_ENOUGH) this.pacer.correct(now, distance, GENTLY)
    this.stats.correctedMicros = this.pacer.corrected
    this.settle(now)
  }

  private leap(now: Micros): void {
    const here = this.pacer.position(now)
    const reference = this.clock.reference(now)
    const there = Math.min(reference, this.cap)
    if (there > here) {
      this.stats.leaptMicros += there - here
      this.pacer.leap(now, there)
    }
    if (reference <= this.cap) this.leaping = false
  }

  private finish(code: RefusalCode | 'left' | 'end', hint = ''): void {
    this.phase = 'ended'
    this.happened.push({ kind: 'ended', code, hint })
  }

  private send(bytes: Uint8Array): void {
    this.out.push({ to: this.link, bytes })
  }
}
