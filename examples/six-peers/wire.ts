import type { Random } from 'sametick/deterministic'
import { type Connection, Impairment, type Owner, type TransportKind } from 'sametick/transport'
import { type Letter, read } from './letters.ts'

/** A message on its way, as it was really sent. */
export interface Flight extends Letter {
  readonly from: number
  readonly to: number
  /** When it left, in milliseconds. */
  readonly left: number
  /** How long it takes as a rule. */
  readonly usual: number
  /** When its connection broke under it. */
  lostAt: number | undefined
}

/** What the sliders set for all links: each link has its own share of it. */
export interface Weather {
  readonly delay: number
  readonly jitter: number
}

/** What is lost fades for so long. */
const FADING = 500
/** More than this flies unseen. */
const FLIGHTS_MAX = 400

/** The network between two peers: as long and as bad as it likes, and it can be cut. */
export class Wire {
  readonly a: number
  readonly b: number
  /** In milliseconds, one way. */
  delay = 0
  flights: Flight[] = []
  private readonly share: number
  private readonly network: Impairment
  private jitter = 0

  constructor(a: number, b: number, random: Random) {
    this.a = a
    this.b = b
    this.share = 0.6 + 0.8 * random.unit()
    this.network = new Impairment(random)
  }

  change({ delay, jitter }: Weather): void {
    this.delay = Math.round(delay * this.share)
    this.jitter = Math.round(jitter * this.share)
    this.network.change({ base: 1_000 * this.delay, jitter: 1_000 * this.jitter })
  }

  /** Breaks what connections there are, for both ends and for all that is on its way. */
  cut(): void {
    this.network.cut()
  }

  /** A connection that one of the two has opened, over this wire. */
  around(opened: Connection, by: number): Connection {
    const other = by === this.a ? this.b : this.a
    const there: Flight[] = []
    const back: Flight[] = []
    // Nothing overtakes: what comes out is what went in first.
    const far = new Window(opened, {
      sent: () => this.land(there),
      arrived: (bytes) => this.take(back, bytes, other, by),
    })
    return new Window(this.network.around(far), {
      sent: (bytes) => this.take(there, bytes, by, other),
      arrived: () => this.land(back),
      closed: () => lose([...there, ...back]),
    })
  }

  /** Forgets what has faded. */
  sweep(now: number): void {
    if (this.flights.some(({ lostAt }) => lostAt !== undefined))
      this.flights = this.flights.filter(({ lostAt = now }) => now - lostAt < FADING)
  }

  private take(line: Flight[], bytes: Uint8Array, from: number, to: number): void {
    const usual = this.delay + this.jitter
    const flight = { ...read(bytes), from, to, left: performance.now(), usual, lostAt: undefined }
    line.push(flight)
    if (this.flights.length < FLIGHTS_MAX) this.flights.push(flight)
  }

  private land(line: Flight[]): void {
    const landed = line.shift()
    const at = landed === undefined ? -1 : this.flights.indexOf(landed)
    if (at >= 0) this.flights.splice(at, 1)
  }
}

/** What is on its way when a connection ends does not arrive. */
const lose = (flights: readonly Flight[]): void => {
  const now = performance.now()
  for (const flight of flights) flight.lostAt ??= now
}

interface Watcher {
  sent(bytes: Uint8Array): void
  arrived(bytes: Uint8Array): void
  closed?(): void
}

/** A connection that one can look into. */
class Window implements Connection {
  private readonly inner: Connection
  private readonly watcher: Watcher

  constructor(inner: Connection, watcher: Watcher) {
    this.inner = inner
    this.watcher = watcher
  }

  get kind(): TransportKind {
    return this.inner.kind
  }

  get remote(): string {
    return this.inner.remote
  }

  get buffered(): number {
    return this.inner.buffered
  }

  attach(owner: Owner): void {
    this.inner.attach({
      message: (bytes) => {
        this.watcher.arrived(bytes)
        owner.message(bytes)
      },
      closed: (why) => {
        this.watcher.closed?.()
        owner.closed(why)
      },
    })
  }

  send(message: Uint8Array): boolean {
    this.watcher.sent(message)
    return this.inner.send(message)
  }

  close(): void {
    this.inner.close()
  }

  destroy(): void {
    this.inner.destroy()
  }
}
