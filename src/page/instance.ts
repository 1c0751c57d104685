import { Seat, type Sitter } from '../client/seat.ts'
import type { InstanceHappening } from '../core/session/instance.ts'
import { readJoin } from '../core/session/membership.ts'
import { type Input, RESERVED } from '../core/timeline/event.ts'
import { dueAt, MILLISECOND, type Micros, SECOND, type Tick, tickAt } from '../core/timeline/tick.ts'
import { Alarms } from '../driver/alarms.ts'
import type { Connection, EndingCode } from '../transport/transport.ts'
import type { Place } from './place.ts'
import { Recent } from './recent.ts'
import { APP, between, FPS, KEYS, type Key, type Rect, react, start } from './rect.ts'

/** What an instance of the page tells whoever shows it. */
export interface Listener {
  /** An input was taken, and the rectangle has done what it says. */
  took(input: Input): void
  /** It has come to its end: why, and what to do about it. */
  ended(code: string, hint: string): void
}

export interface Identity {
  readonly session: string
  /** What it is called, on screen and in the timeline. */
  readonly letter: string
}

/** Some nine times as fast as they come, at 60 frames a second. */
const TICKS_AT_ONCE = 6

interface Latency {
  readonly ticks: number
  readonly ms: number
}

/** How many of one's own events the median latency is of. */
const LATENCIES = 12

/** A seat in a process that may be stopped: nobody wakes it then. */
class StoppableSeat extends Seat {
  private readonly place: Place

  constructor(place: Place, ...rest: ConstructorParameters<typeof Seat>) {
    super(...rest)
    this.place = place
  }

  override wake(moment: Micros): void {
    if (!this.place.isStopped) super.wake(moment)
  }
}

/** The rectangle, run along the timeline of a session by an instance of its own. */
export class RectInstance implements Sitter {
  readonly place: Place
  readonly seat: Seat
  /** After the last tick, and after the one before it. */
  readonly rect: Rect = start()
  readonly before: Rect = start()
  readonly recent = new Recent()
  /** How many take part. */
  members = 0
  private readonly letters = new Map<number, string>()
  private readonly listener: Listener
  private readonly emitted = new Map<number, { readonly tick: Tick; readonly at: number }>()
  private readonly latencies: Latency[] = []
  /** The number of the last own event. */
  lastNumber = 0
  private frozenBefore: Micros = 0
  private hasEnded = false

  constructor(connection: Connection, place: Place, identity: Identity, listener: Listener) {
    this.place = place
    this.listener = listener
    const { session, letter } = identity
    const data = new TextEncoder().encode(letter)
    // A session that waited for the two of the page would begin with one of them and one of another window, if that
    // came between, and have no room for the other: nobody waits, whoever comes later is sent what there was.
    const options = { fps: FPS, app: APP, session, instances: 0, data }
    this.seat = new StoppableSeat(place, connection, options, new Alarms(place.clock.now), this)
    this.seat.awaitInput()
  }

  get id(): number {
    return this.seat.instance.id
  }

  get isRunning(): boolean {
    return this.seat.instance.phase === 'running'
  }

  /** The letter of whoever emitted an event. */
  letterOf(source: number): string {
    return this.letters.get(source) ?? ''
  }

  /** Emits an event; false if it cannot just now. */
  emit(id: number, payload?: Uint8Array): boolean {
    if (this.place.isStopped) return false
    const number = this.seat.emit(id, payload)
    if (typeof number === 'string') return false
    this.lastNumber = number
    this.emitted.set(number, { tick: tickAt(this.position, FPS), at: performance.now() })
    return true
  }

  press(key: Key): boolean {
    return this.emit(KEYS[key])
  }

  leave(): void {
    this.hasEnded = true
    this.seat.leave()
  }

  /**
   * Takes what is due, at most so many ticks: who is far behind is seen to run. To be called with each frame; in
   * between, and while nobody sees the page, the seat says when.
   */
  pump(most = TICKS_AT_ONCE): void {
    if (this.place.isStopped) return
    const last = this.recent.last + most
    while (this.recent.last < last) {
      const input = this.seat.take()
      if (input === undefined) break
      this.take(input)
    }
    this.seat.awaitInput()
  }

  get position(): Micros {
    return this.seat.instance.position(this.place.clock.now())
  }

  /** How far it is ahead of where it believes the reference to be. */
  get drift_ms(): number {
    const { instance } = this.seat
    return (this.position - instance.reference(this.place.clock.now())) / MILLISECOND
  }

  get isFrozen(): boolean {
    return this.seat.instance.frozen(this.place.clock.now())
  }

  /** Median latency of the last own events, in ticks and in real time. */
  get latency(): Latency | undefined {
    const sorted = [...this.latencies].sort((a, b) => a.ms - b.ms)
    return sorted[sorted.length >> 1]
  }

  /** Where the rectangle is to be drawn now: between its last two places. */
  get seen(): { x: number; y: number } {
    const { local } = this.seat.instance
    const passed = this.place.isStopped ? SECOND / FPS : this.position - dueAt(local, FPS)
    return between(this.before, this.rect, Math.min(1, Math.max(0, (passed * FPS) / SECOND)))
  }

  // --- what the seat says

  happened(happening: InstanceHappening): void {
    if (happening.kind === 'denied') this.emitted.delete(happening.number)
    if (happening.kind === 'ended') this.end(happening.code, happening.hint)
  }

  due(): void {
    if (document.hidden) this.pump(Number.POSITIVE_INFINITY)
  }

  closed(why: EndingCode): void {
    this.end(why, '')
  }

  private end(code: string, hint: string): void {
    if (this.hasEnded) return
    this.hasEnded = true
    this.listener.ended(code, hint)
  }

  private take(input: Input): void {
    if (input.id === 0) {
      Object.assign(this.before, this.rect)
      const { frozenMicros } = this.seat.instance.stats
      this.recent.close(input.tick, (frozenMicros - this.frozenBefore) / MILLISECOND)
      this.frozenBefore = frozenMicros
    } else {
      this.recent.event(input)
      if (input.source === this.id) this.measure(input)
      if (input.id < 0) this.greet(input)
    }
    react(this.rect, input)
    this.listener.took(input)
  }

  private greet({ id, payload }: Input): void {
    if (id === RESERVED.leave) this.members--
    const joined = id === RESERVED.join ? readJoin(payload) : undefined
    if (joined === undefined) return
    this.members++
    this.letters.set(joined.member, new TextDecoder().decode(joined.data))
  }

  private measure({ number, tick }: Input): void {
    const emitted = this.emitted.get(number)
    if (emitted === undefined) return
    this.emitted.delete(number)
    this.latencies.push({ ticks: tick - emitted.tick, ms: performance.now() - emitted.at })
    if (this.latencies.length > LATENCIES) this.latencies.shift()
  }
}
