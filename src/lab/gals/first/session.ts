import { Random } from '../../../core/random.ts'
import type { Micros } from '../../../core/timeline/tick.ts'
import { Path, type Way } from '../../path.ts'
import { Schedule } from '../../schedule.ts'
import { type ClientEars, FirstClient } from './client.ts'
import { type FirstEvent, HEARTBEAT, HEARTBEAT_ID, HELD_BACK, HELD_BACK_EVERY, type Sync } from './rules.ts'
import { FirstServer } from './server.ts'

/** Whoever listens to a session. */
export interface FirstEars extends ClientEars {
  emitted?(at: Micros, event: FirstEvent): void
  /** It has reached the server, behind so many others. */
  queued?(at: Micros, event: FirstEvent, waiting: number): void
  /** Its round begins, and so many are left behind. */
  proposed?(at: Micros, waiting: number): void
  answered?(at: Micros, client: FirstClient, position: Micros): void
  /** The round of an event is over, and took the slowest this long. */
  stamped?(at: Micros, event: FirstEvent, rtt: Micros): void
  synced?(at: Micros, client: FirstClient, sync: Sync): void
}

export interface FirstOptions {
  readonly fps: number
  /** Of each instance, both directions. */
  readonly ways: readonly Way[]
  readonly seed: number
  readonly ears?: FirstEars
}

/** What is to happen at an instance or, `ASYNC` and `ACK`, because of it at the server. */
const EMIT = 0
const HEART = 1
const ASYNC = 2
const PROPOSE = 3
const ACK = 4
const SYNC = 5
const KINDS = 6

/** A session of the first implementation in virtual time: a server, its clients and the ways between them. */
export class FirstSession {
  /** When the server has heard that all have started. */
  readonly started: Micros
  readonly clients: readonly FirstClient[]
  /** In the order of their rounds. */
  readonly stamped: FirstEvent[] = []
  messages = 0
  readonly fps: number
  private readonly ears: FirstEars
  private readonly server: FirstServer
  private readonly downs: readonly Path[]
  /** Two connections upward: one for events, one for answers. */
  private readonly ups: readonly Path[]
  private readonly answerUps: readonly Path[]
  private readonly schedule = new Schedule()
  private proposal = { want: 0, rtt: 0 }
  /** On the way: events and answers to the server, syncs to the clients. */
  private readonly asyncs: readonly FirstEvent[][]
  private readonly answers: Float64Array
  private readonly syncs: readonly Sync[][]

  constructor({ fps, ways, seed, ears = {} }: FirstOptions) {
    if (1000 % fps !== 0) throw new RangeError('the first implementation knows ticks of whole milliseconds')
    const size = ways.length
    const random = new Random(seed, PATHS)
    const paths = (stream: number) => ways.map((way) => new Path(way, random.fork(stream)))
    this.downs = paths(0)
    this.ups = paths(1)
    this.answerUps = paths(2)
    this.ears = ears
    this.fps = fps
    // Everybody starts when the server says so, and tells it; that gives the first round trip.
    this.clients = this.downs.map((down, i) => new FirstClient(i + 1, size, fps, down.arrival(0), ears))
    this.started = Math.max(...this.clients.map(({ turnAt }, i) => (this.ups[i] as Path).arrival(turnAt)))
    this.messages = 2 * size
    this.server = new FirstServer(size, this.started)
    this.asyncs = ways.map(() => [])
    this.answers = new Float64Array(size)
    this.syncs = ways.map(() => [])
    this.push((this.clients[0] as FirstClient).turnAt + HEARTBEAT, HEART, 0)
  }

  /** Instance `i`, the first being 0, will emit at this moment. */
  emitAt(at: Micros, i: number): void {
    this.push(at, EMIT, i)
  }

  /** When an event that reaches the server now could be known to all, by chance from elsewhere. */
  everywhereAt(now: Micros, random: Random): Micros {
    return this.downs.reduce((latest, down) => Math.max(latest, down.hypothetical(now, random)), now)
  }

  run(until: Micros): void {
    while (this.schedule.nextAt() <= until) {
      const now = this.schedule.nextAt()
      const what = this.schedule.pop()
      this.step(now, what % KINDS, Math.floor(what / KINDS))
    }
    for (const client of this.clients) client.advance(until)
  }

  private push(at: Micros, kind: number, i: number): void {
    this.schedule.push(at, i * KINDS + kind)
  }

  private step(now: Micros, kind: number, i: number): void {
    const client = this.clients[i] as FirstClient
    switch (kind) {
      case EMIT:
        return this.emit(now, client, client.id)
      case HEART:
        this.push(now + HEARTBEAT, HEART, i)
        return this.emit(now, client, HEARTBEAT_ID)
      case ASYNC: {
        const event = (this.asyncs[i] as FirstEvent[]).shift() as FirstEvent
        this.server.enqueue(event)
        this.ears.queued?.(now, event, this.server.waiting)
        return this.begin(now)
      }
      case PROPOSE:
        this.answers[i] = client.propose(now, this.proposal)
        this.ears.answered?.(now, client, this.answers[i] as Micros)
        this.messages++
        return this.push((this.answerUps[i] as Path).arrival(now), ACK, i)
      case ACK: {
        const event = this.server.answer(now, i, this.answers[i] as Micros)
        return event === undefined ? undefined : this.end(now, event)
      }
      default: {
        const sync = (this.syncs[i] as Sync[]).shift() as Sync
        client.sync(now, sync)
        this.ears.synced?.(now, client, sync)
      }
    }
  }

  private emit(now: Micros, client: FirstClient, id: number): void {
    client.advance(now)
    const { next, turnAt: nextAt, position: want } = client
    const event: FirstEvent = { id, source: client.id, at: now, next, nextAt, want, stamp: 0 }
    const i = client.id - 1
    this.asyncs[i]?.push(event)
    this.messages++
    this.push((this.ups[i] as Path).arrival(now), ASYNC, i)
    this.ears.emitted?.(now, event)
  }

  private begin(now: Micros): void {
    const proposal = this.server.begin(now)
    if (proposal === undefined) return
    this.proposal = proposal
    this.ears.proposed?.(now, this.server.waiting)
    for (let i = 0; i < this.downs.length; i++) this.push((this.downs[i] as Path).arrival(now), PROPOSE, i)
    this.messages += this.downs.length
  }

  private end(now: Micros, event: FirstEvent): void {
    this.stamped.push(event)
    this.ears.stamped?.(now, event, this.server.rtt)
    const held = this.stamped.length % HELD_BACK_EVERY === 0
    for (let i = 0; i < this.downs.length; i++) {
      const down = this.downs[i] as Path
      this.syncs[i]?.push({ event, behind: this.server.behind(i) })
      const first = down.arrival(now)
      const acknowledged = held ? (this.answerUps[i] as Path).arrival(first + HELD_BACK) : first
      this.push(held ? down.arrival(acknowledged) : first, SYNC, i)
    }
    this.messages += this.downs.length
    this.begin(now)
  }
}

/** The stream of chance for what happens on the ways. */
const PATHS = 2
