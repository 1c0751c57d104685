import type { Random } from '../core/random.ts'
import type { Micros } from '../core/timeline/tick.ts'
import type { Datagrams, Peer } from './datagrams.ts'
import { milliseconds } from './limits.ts'

/** What happens to datagrams on their way, in each direction. */
export interface DatagramWay {
  /** The least time on the way. */
  readonly base: Micros
  /** What is added to it: exponential, with this mean. Datagrams overtake each other. */
  readonly jitter: Micros
  /** The share that is lost. */
  readonly loss: number
  /** The share that arrives twice. */
  readonly duplicate: number
  /** The share that takes a detour: base and jitter a second time. */
  readonly reorder: number
}

/** A socket whose datagrams get lost, arrive twice and overtake each other, in both directions. */
class ImpairedDatagrams implements Datagrams {
  readonly at: Peer
  onDatagram: (bytes: Uint8Array, from: Peer) => void = () => {}
  onRefused: () => void = () => {}
  private readonly inner: Datagrams
  private readonly random: Random
  private readonly way: DatagramWay
  private isClosed = false
  private readonly flying = new Set<Promise<void>>()

  constructor(inner: Datagrams, random: Random, way: DatagramWay) {
    this.at = inner.at
    this.inner = inner
    this.random = random
    this.way = way
    inner.onDatagram = (bytes, from) => {
      if (!this.isClosed) this.pass(() => this.onDatagram(bytes, from))
    }
    inner.onRefused = () => this.onRefused()
  }

  send(bytes: Uint8Array, to?: Peer): void {
    if (!this.isClosed) this.pass(() => this.inner.send(bytes, to))
  }

  /** What was sent before is on its way and arrives, unless it gets lost. */
  async close(): Promise<void> {
    this.isClosed = true
    while (this.flying.size > 0) await Promise.all(this.flying)
    await this.inner.close()
  }

  private pass(arrive: () => void): void {
    const { random, way } = this
    if (random.chance(way.loss)) return
    this.fly(arrive)
    if (random.chance(way.duplicate)) this.fly(arrive)
  }

  private fly(arrive: () => void): void {
    const { random, way } = this
    const delay = this.delay() + (random.chance(way.reorder) ? this.delay() : 0)
    if (delay === 0) return arrive()
    const flight = new Promise<void>((landed) => {
      setTimeout(() => {
        this.flying.delete(flight)
        arrive()
        landed()
      }, milliseconds(delay))
    })
    this.flying.add(flight)
  }

  private delay(): Micros {
    const { base, jitter } = this.way
    return jitter > 0 ? base + this.random.exponential(jitter) : base
  }
}

/** To be put around the socket of a listener or of whoever dials, as its option `around`. */
export const impairedDatagrams =
  (random: Random, way: DatagramWay) =>
  (inner: Datagrams): Datagrams =>
    new ImpairedDatagrams(inner, random, way)
