import type { Status } from '../app/link.ts'
import type { Source, SourceListener } from '../app/source.ts'
import type { RefusalCode } from '../core/errors.ts'
import type { InstanceHappening } from '../core/session/instance.ts'
import type { Input } from '../core/timeline/event.ts'
import { dueAt, type InstanceId, type Micros, NEVER, type Tick, tickAt } from '../core/timeline/tick.ts'
import { errorOf } from '../driver/error.ts'
import type { Seat, Sitter } from './seat.ts'

/** A freeze that is over within this many ticks is not told: nobody sees it. */
const UNSEEN: Tick = 1

/** What an end that nobody here wanted means, as a sentence to be shown. */
const hintOf = ({ code, hint }: Extract<InstanceHappening, { kind: 'ended' }>): string =>
  code === 'left' || code === 'end' ? hint : errorOf(code, hint).message

/** Brings the inputs of a session to the link above it, and says how things stand. */
export class SessionSource implements Source, Sitter {
  readonly fps: number
  protected sits: Seat | undefined
  private listener: SourceListener | undefined
  protected status: Status = { phase: 'lobby', have: 0, need: 0 }
  private nextWas: Micros = 0

  constructor(fps: number) {
    this.fps = fps
  }

  /** The seat is taken: from here on this is a source. */
  sit(seat: Seat): void {
    this.sits = seat
    this.stirred()
  }

  // --- what a link needs

  get me(): InstanceId {
    return this.seat.instance.id
  }

  /** The run of the session that this is, the same number at all its instances. */
  get epoch(): number {
    return this.seat.instance.epoch
  }

  listen(listener: SourceListener): void {
    this.listener = listener
    listener.status(this.status)
  }

  now(): Micros {
    return this.seat.now()
  }

  position(): Micros {
    return this.seat.instance.position(this.seat.now())
  }

  dueTick(): Tick {
    const { instance } = this.seat
    if (instance.phase !== 'running') return instance.local
    return Math.min(instance.limit, tickAt(this.position(), this.fps))
  }

  take(): Input | undefined {
    return this.sits?.take()
  }

  nextInput(): Micros {
    return this.seat.instance.nextInput()
  }

  emit(id: number, payload: Uint8Array): number | RefusalCode {
    return this.seat.emit(id, payload)
  }

  ask(what: 'pause' | 'resume' | 'end', data: Uint8Array): RefusalCode | undefined {
    return this.seat.ask(what, data)
  }

  leave(): void {
    this.seat.leave()
  }

  /** All instances end by themselves at the same tick: nothing has to be agreed. */
  finish(): void {
    this.seat.leave()
  }

  stats(): Record<string, number> {
    const { instance } = this.seat
    const now = this.seat.now()
    return {
      ...instance.stats,
      limit: instance.limit,
      offReferenceMicros: instance.position(now) - instance.reference(now),
      errorMicros: instance.errorBound(now),
    }
  }

  // --- what a seat tells

  happened(happening: InstanceHappening): void {
    switch (happening.kind) {
      case 'landed':
        return this.listener?.landed(happening.number, happening.stamp)
      case 'denied':
        return this.listener?.denied(happening.number, happening.code)
      case 'lobby':
        return this.tell({ phase: 'lobby', have: happening.have, need: happening.need })
      case 'ended':
        return this.tell({ phase: 'ended', why: happening.code, hint: hintOf(happening) })
      default:
        return
    }
  }

  due(): void {
    this.listener?.woken()
  }

  closed(): void {}

  stirred(): void {
    if (this.sits === undefined || this.status.phase === 'ended') return
    const { instance } = this.seat
    const now = this.seat.now()
    if (instance.phase === 'running') this.tell(this.statusAt(now))
    const next = this.nextInput()
    // Also when it is later than before: whoever took that one may have found nothing to wait for since.
    if (next !== this.nextWas) this.listener?.woken()
    this.nextWas = next
  }

  /** When nothing moves any more, unless something is heard before. */
  protected standstill(): Micros {
    return this.seat.instance.nextFreeze()
  }

  /** Whether a tick may run that has not been taken: whoever is behind is not frozen. */
  protected isBehind(_now: Micros): boolean {
    const { instance } = this.seat
    return instance.local < instance.limit
  }

  private statusAt(now: Micros): Status {
    const { instance } = this.seat
    const told = this.standstill() + dueAt(UNSEEN, this.fps)
    const isBehind = told <= now && this.isBehind(now)
    // A freeze is told by the clock, since nothing else may come while it lasts. Whether who was behind has taken all
    // is looked at once a tick: nobody who takes an input waits for what a listener does.
    this.seat.lookAgain(told > now ? told : isBehind ? now + dueAt(1, this.fps) : NEVER)
    if (told <= now && !isBehind) return { phase: 'frozen', for: [] }
    return instance.catchingUp ? { phase: 'catchingUp' } : { phase: 'running' }
  }

  private tell(status: Status): void {
    if (status.phase === this.status.phase && status.phase !== 'lobby') return
    this.status = status
    this.listener?.status(status)
  }

  protected get seat(): Seat {
    if (this.sits === undefined) throw new Error('the source has no seat yet')
    return this.sits
  }
}
