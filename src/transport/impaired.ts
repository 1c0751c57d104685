import type { Random } from '../core/random.ts'
import type { Micros } from '../core/timeline/tick.ts'
import { now } from './clock.ts'
import { milliseconds, TRANSPORT_LIMITS, type TransportLimits } from './limits.ts'
import { type Carrier, Link } from './link.ts'
import type { Connection, EndingCode, TransportKind } from './transport.ts'

/** What happens to messages on their way, in each direction. */
export interface Way {
  /** The least time on the way. */
  readonly base: Micros
  /** What is added to it: exponential, with this mean. */
  readonly jitter: Micros
  /** The share that is lost, from 0 to below 1. */
  readonly loss: number
  /** How long after a loss it is sent again. By default twice the base and four times the jitter. */
  readonly resend?: Micros
}

const CLEAR: Way = { base: 0, jitter: 0, loss: 0 }

/**
 * Worsens connections while they run. Each stays a connection: nothing is missing and nothing is overtaken, since
 * a message that is lost holds up those behind it until it has been sent again.
 */
export class Impairment {
  private readonly random: Random
  private readonly ends = new Set<ImpairedEnd>()
  private current: Way = CLEAR
  private isHeld = false

  constructor(random: Random, way: Partial<Way> = {}) {
    this.random = random
    this.change(way)
  }

  get way(): Way {
    return this.current
  }

  get isPaused(): boolean {
    return this.isHeld
  }

  /** Applies to whatever is sent from now on. */
  change(way: Partial<Way>): void {
    const changed = { ...this.current, ...way }
    if (!(changed.loss >= 0 && changed.loss < 1)) throw new RangeError('a loss is a share from 0 to below 1')
    this.current = changed
  }

  /** Nothing comes through until `resume`; then all of it does. */
  pause(): void {
    this.isHeld = true
  }

  resume(): void {
    this.isHeld = false
    for (const end of this.ends) end.resume()
  }

  /** Breaks the connections that there are. */
  cut(): void {
    for (const end of this.ends) end.link.stop('lost')
  }

  /** A connection with the same other end, over this way. The one that is given may not have an owner. */
  around(inner: Connection, limits: TransportLimits = TRANSPORT_LIMITS): Connection {
    const end = new ImpairedEnd(inner, this, limits)
    this.ends.add(end)
    void end.link.whenEnded().then(() => this.ends.delete(end))
    return end.link
  }

  /** A source of chance for one direction of one connection. */
  fork(): Random {
    return this.random.fork(0)
  }
}

/** A message, or what is done once all that was sent before it has come through. */
type Parcel = Uint8Array | (() => void)

/** One direction of a connection. */
class Pipe {
  /** Bytes that are on their way. */
  bytes = 0
  private readonly impairment: Impairment
  private readonly random: Random
  private readonly deliver: (message: Uint8Array) => void
  /** Nothing overtakes: only the first is looked at. */
  private readonly queue: { readonly at: Micros; readonly parcel: Parcel }[] = []
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(impairment: Impairment, deliver: (message: Uint8Array) => void) {
    this.impairment = impairment
    this.random = impairment.fork()
    this.deliver = deliver
  }

  put(parcel: Parcel): void {
    const sentAt = now()
    const at = sentAt + this.delay()
    if (typeof parcel !== 'function') this.bytes += parcel.length
    if (this.queue.length === 0 && at <= sentAt && !this.impairment.isPaused) return this.hand(parcel)
    this.queue.push({ at, parcel })
    if (this.queue.length === 1) this.flushAt(at)
  }

  flush(): void {
    clearTimeout(this.timer)
    const { queue } = this
    for (;;) {
      const next = queue[0]
      if (next === undefined || this.impairment.isPaused) return
      if (next.at > now()) return this.flushAt(next.at)
      queue.shift()
      this.hand(next.parcel)
    }
  }

  clear(): void {
    clearTimeout(this.timer)
    this.queue.length = 0
    this.bytes = 0
  }

  private hand(parcel: Parcel): void {
    if (typeof parcel === 'function') return parcel()
    this.bytes -= parcel.length
    this.deliver(parcel)
  }

  private flushAt(at: Micros): void {
    this.timer = setTimeout(() => this.flush(), Math.max(milliseconds(at - now()), 0))
  }

  private delay(): Micros {
    const { base, jitter, loss, resend = 2 * base + 4 * jitter } = this.impairment.way
    let delay = jitter > 0 ? base + this.random.exponential(jitter) : base
    while (this.random.chance(loss)) delay += resend
    return Math.round(delay)
  }
}

class ImpairedEnd implements Carrier {
  readonly kind: TransportKind
  readonly remote: string
  readonly link: Link
  private readonly inner: Connection
  private readonly limits: TransportLimits
  private readonly out: Pipe
  private readonly in: Pipe

  constructor(inner: Connection, impairment: Impairment, limits: TransportLimits) {
    this.kind = inner.kind
    this.remote = inner.remote
    this.inner = inner
    this.limits = limits
    this.link = new Link(this, limits)
    this.out = new Pipe(impairment, (message) => inner.send(message))
    this.in = new Pipe(impairment, (message) => this.link.arrived(message))
    inner.attach({
      message: (bytes) => this.take(bytes),
      closed: (why) => this.in.put(() => this.end(why)),
    })
  }

  get protocol(): string | undefined {
    return this.inner.protocol
  }

  get buffered(): number {
    return this.out.bytes + this.inner.buffered
  }

  carry(message: Uint8Array): void {
    this.out.put(message)
  }

  finish(): void {
    this.out.put(() => this.inner.close())
  }

  cut(): void {
    this.out.clear()
    this.in.clear()
    this.inner.destroy()
  }

  resume(): void {
    this.out.flush()
    this.in.flush()
  }

  private take(bytes: Uint8Array): void {
    this.in.put(bytes)
    if (this.in.bytes > this.limits.buffered_bytes_max) this.link.stop('overflow')
  }

  private end(why: EndingCode): void {
    this.out.clear()
    this.link.ended(why)
  }
}
