import { InvariantBroken, type RefusalCode } from '../errors.ts'
import { LIMITS, type Limits } from '../limits.ts'
import { type Machine, Outbox, type Outgoing } from '../machine.ts'
import { type Input, RESERVED, type StampedEvent } from '../timeline/event.ts'
import {
  BEFORE_FIRST,
  dueAt,
  type InstanceId,
  type LinkId,
  MILLISECOND,
  type Micros,
  NEVER,
  type Tick,
  tickFrom,
} from '../timeline/tick.ts'
import { Timeline } from '../timeline/timeline.ts'
import { EMPTY } from '../wire/bytes.ts'
import { ClockEstimate } from './clock.ts'
import type { InstanceHappening, InstanceOptions, Phase } from './instance-options.ts'
import { askerOf } from './membership.ts'
import {
  AN_ASK,
  type Beat,
  decode,
  encodeUp as encode,
  type Grant,
  NO_LEASE,
  type Propose,
  type Sync,
} from './messages.ts'
import { type InstanceStats, Stance } from './stance.ts'
import { Tail } from './tail.ts'

export type { InstanceHappening, InstanceOptions, InstanceStats, Phase }

/** How many samples of the way down count. */
const DOWN_MEMORY = 64
/** One instance's part of a session: it holds the timeline, runs along it, and freezes where it must. */
export class Instance implements Machine<InstanceHappening> {
  id: InstanceId = 0
  phase: Phase = 'connecting'
  /** The highest tick that may run without hearing anything further: the lease, less what is armed. */
  limit: Tick = BEFORE_FIRST
  /** The lease alone: to be looked at, never to be changed from outside. */
  grant: Tick = BEFORE_FIRST
  /** Tells this run of the session from every other, the same at all its instances; known on admission. */
  epoch = 0

  private readonly out = new Outbox<Outgoing>()
  private readonly happened = new Outbox<InstanceHappening>()
  private readonly timeline = new Timeline()
  protected readonly clock = new ClockEstimate()
  private readonly stance: Stance
  private readonly down = new Tail(DOWN_MEMORY)
  protected readonly fps: number
  private readonly link: LinkId
  protected readonly limits: Limits
  private readonly options: InstanceOptions
  /** Rounds that were answered and are not over, with the deadline given. */
  private readonly armed = new Map<number, Tick>()
  /** The tick at which the session ends, once that is known. */
  private last: Tick = NEVER

  private emitted = 0
  private unstamped = 0

  private interval: Micros = NEVER
  private nextPulse: Micros = NEVER
  private heardAt: Micros = NEVER
  private beatClock: Micros = 0
  private beatAt: Micros = NEVER
  private late = 0
  private downAt: Micros = NEVER

  constructor(options: InstanceOptions) {
    this.options = options
    this.fps = options.fps
    this.stance = new Stance(options.fps, this.clock)
    this.link = options.link
    this.limits = options.limits ?? LIMITS
  }

  // --- what an application does

  /** Ask for admission. */
  open(now: Micros): void {
    const { app, session = '', instances = 0, data = EMPTY } = this.options
    this.heardAt = now
    this.send(encode.hello(this.fps, app, session, instances, data))
  }

  /** Emit an event: its number among one's own, or why it cannot be emitted. */
  emit(now: Micros, id: number, payload: Uint8Array = EMPTY): number | RefusalCode {
    if (this.phase === 'ended') return 'session_ended'
    if (this.phase === 'connecting') return 'not_admitted'
    if (!Number.isInteger(id) || id <= 0 || id > 0x7fff_ffff) return 'bad_request'
    if (payload.length > this.limits.payload_bytes_max) return 'payload_too_large'
    if (this.unstamped >= this.limits.unstamped_max) return 'busy'
    this.stance.settle(now)
    this.unstamped++
    const want = Math.max(0, this.position(now))
    this.send(encode.emit(++this.emitted, want, this.tickFor(now), id, payload))
    return this.emitted
  }

  /** The tick that its next event is to have, -1 for none: who predicts names one. */
  protected tickFor(_now: Micros): Tick {
    return -1
  }

  /** Ask for a `pause`, a `resume` or the `end` of the session, which then happens everywhere at one tick. */
  ask(what: 'pause' | 'resume' | 'end', data: Uint8Array = EMPTY): RefusalCode | undefined {
    if (this.phase === 'ended') return 'session_ended'
    if (this.phase === 'connecting') return 'not_admitted'
    if (data.length > this.limits.member_bytes_max) return 'payload_too_large'
    // It counts like an event until it has come.
    if (this.unstamped + 1 > this.limits.unstamped_max) return 'busy'
    this.unstamped++
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

  get stats(): Readonly<InstanceStats> {
    return this.stance.stats
  }

  /** Where it stands on the timeline: the ticks up to here are due, as far as they may run. */
  position(now: Micros): Micros {
    return this.stance.position(now)
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
    return this.phase === 'running' && this.stance.frozen(now)
  }

  /** Whether the pace is being corrected. */
  correcting(now: Micros): boolean {
    return this.stance.correcting(now)
  }

  /** Whether it runs unthrottled because it is far behind a timeline that it has been granted. */
  get catchingUp(): boolean {
    return this.stance.catchingUp
  }

  /** When `take` may have something, on the own clock. */
  nextInput(): Micros {
    const next = this.timeline.local + 1
    if (this.phase !== 'running' || next > this.limit) return NEVER
    return this.stance.clockAt(dueAt(next, this.fps))
  }

  /** When it will freeze, or froze, unless it hears something before; NEVER while it does not run. */
  nextFreeze(): Micros {
    return this.phase === 'running' ? this.stance.nextFreeze() : NEVER
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
    this.stance.settle(now)
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
        if (message.number === AN_ASK) return
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
    this.stance.settle(now)
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
    this.happened.push({ kind: 'started' })
    this.stance.start(now)
  }

  protected onGrant(now: Micros, { tick, lead }: Grant): void {
    if (this.phase !== 'running') return
    this.sampleDown(now, dueAt(tick, this.fps) - lead)
    if (tick <= this.grant) return
    if (this.stance.isFrozen()) this.late++
    this.grant = tick
    this.relimit(now)
  }

  private onPropose(now: Micros, { epoch, round, want, reach }: Propose): void {
    // Rule 2: what belongs to another epoch changes nothing.
    if (this.phase !== 'running' || epoch !== this.epoch) return
    let deadline = this.armed.get(round)
    if (deadline === undefined) {
      if (this.armed.size >= this.limits.rounds_max) return this.finish('overflow')
      const from = Math.max(this.stance.headedFor(now), want)
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

  protected place(event: StampedEvent): boolean {
    if (event.source === this.id) {
      this.unstamped--
      this.happened.push({ kind: 'landed', number: event.number, stamp: event.stamp })
    }
    if (askerOf(event) === this.id) this.unstamped--
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

  protected onBeat(now: Micros, { clock, echo, held, reference, interval, lease }: Beat): void {
    const first = this.interval === NEVER
    const heard = this.beatAt
    this.beatClock = clock
    this.beatAt = now
    this.interval = Math.max(MILLISECOND, interval)
    this.nextPulse = first ? now : Math.min(this.nextPulse, now + this.interval)
    // However long it took: a poor sample counts for little, and for more than one from before a clock was put
    // elsewhere. Of a bundle that comes at one moment only the first: the others would push the good ones out.
    if (echo > 0 && now !== heard) this.clock.sample(now, clock, now - echo - held, held)
    this.clock.place(clock, reference)
    if (lease > this.grant) {
      this.grant = lease
      this.relimit(now)
    }
    if (this.phase === 'running') {
      this.sampleDown(now, reference)
      this.stance.approach(now)
    }
    if (first) this.pulse(now)
  }

  /** Something left when the reference was there. Of a bundle that comes at one moment only the first tells. */
  private sampleDown(now: Micros, reference: Micros): void {
    if (now === this.downAt) return
    this.downAt = now
    this.down.add(Math.max(0, this.clock.reference(now) - reference))
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

  /** The lease or what is armed has changed: the highest tick that may run follows. */
  private relimit(now: Micros): void {
    let limit = this.grant
    for (const deadline of this.armed.values()) if (deadline - 1 < limit) limit = deadline - 1
    if (this.last < limit) limit = this.last
    if (limit === this.limit) return
    if (limit < this.local) throw new InvariantBroken('P3', `a limit of ${limit} after tick ${this.local}`)
    this.limit = limit
    this.stance.limit(now, limit)
  }

  protected finish(code: RefusalCode | 'left' | 'end', hint = ''): void {
    this.phase = 'ended'
    this.happened.push({ kind: 'ended', code, hint })
  }

  private send(bytes: Uint8Array): void {
    this.out.push({ to: this.link, bytes })
  }
}
