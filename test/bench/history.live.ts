import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { DRIVEN } from '../../src/app/link.ts'
import { RewindingLink } from '../../src/app/rewinding-link.ts'
import { encode } from '../../src/core/peer/messages.ts'
import { NEVER, SECOND } from '../../src/core/timeline/tick.ts'
import { Alarms } from '../../src/driver/alarms.ts'
import { PeerHost } from '../../src/peer/host.ts'
import { PeerSource } from '../../src/peer/source.ts'
import type { Owner } from '../../src/transport/transport.ts'
import { BODIES_BYTES, KICK, kickedBodiesApp } from './bodies.ts'
import type { Figure, Live } from './live/figure.ts'
import { quantile } from './measure.ts'

/**
 * An hour at a peer, at 50 FPS and with five events a second from others: what the link that an application has
 * holds of it, and what it takes to go back ten seconds out of it. The link, the peer below it and its neighbour's
 * messages are the real ones; only the clock is not, so that an hour takes a moment.
 */
const FPS = 50
const HOUR_S = 3_600
const EVENTS_PER_S = 5
const BACK_S = 10
const BYTES_MAX = 150
const SNAPSHOTS_MAX = 64
const BACK_MS_MAX = 1_000
/** Ids are drawn from so many. */
const IDS = 2 ** 48
const SOURCES = 20

class Hour {
  readonly link
  private readonly app = kickedBodiesApp()
  private readonly host: PeerHost
  private micros = SECOND
  private owner: Owner | undefined
  private emitted = 0

  constructor() {
    // What would be slept through counts: this clock goes as it is told.
    const alarms = new Alarms(() => this.micros, NEVER)
    const options = { fps: FPS, app: this.app.id, id: IDS - 1, alone: true }
    this.host = new PeerHost(options, { happened: () => {}, stirred: () => {} }, alarms)
    this.link = new RewindingLink(
      this.app,
      new PeerSource(FPS, this.host, { left: () => {}, relayed: () => 0 }),
    )
    this.host.take(
      {
        kind: 'memory',
        remote: 'by hand',
        buffered: 0,
        attach: (owner) => {
          this.owner = owner
        },
        send: () => true,
        close: () => {},
        destroy: () => {},
      },
      this.host.nextLink(),
    )
    this.hear(encode.meet(FPS, this.app.id, IDS - 2))
    this.hear(encode.have(true, -1, []))
  }

  pass(seconds: number, eventsPerSecond: number): void {
    for (let tick = 0; tick < seconds * FPS; tick++) {
      this.micros += SECOND / FPS
      if (tick % (FPS / Math.max(1, eventsPerSecond)) === 0)
        if (eventsPerSecond > 0) this.kick(this.tick + FPS)
        else if (tick % FPS === 0) this.hear(encode.pulse(IDS - 2, tick + 1, 0, 0))
      this.run()
    }
  }

  /** Processor time in ms until what came late is in the state. */
  goBack(seconds: number): number {
    const before = process.cpuUsage()
    this.kick(this.tick - seconds * FPS)
    this.micros += SECOND / FPS
    this.run()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000
  }

  get stats(): Record<string, number> {
    return this.link.stats() as Record<string, number>
  }

  end(): void {
    this.link.leave()
  }

  private get tick(): number {
    return this.link.runner.tick
  }

  private run(): void {
    while (this.link[DRIVEN].run());
  }

  private kick(stamp: number): void {
    const source = IDS - 10 - (this.emitted % SOURCES)
    const number = 1 + Math.floor(this.emitted++ / SOURCES)
    const payload = Uint8Array.of(0xcd, this.emitted >> 8, this.emitted & 255)
    this.hear(encode.flood([{ seq: 0, stamp, source, number, lead: SECOND, id: KICK, payload }]))
  }

  private hear(bytes: Uint8Array): void {
    this.owner?.message(bytes)
  }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const used = (): number => {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const grown = (seconds: number, eventsPerSecond: number): { hour: Hour; bytes: number } => {
  const hour = new Hour()
  // What is made once is made in the first seconds.
  hour.pass(20, eventsPerSecond)
  const before = used()
  hour.pass(seconds, eventsPerSecond)
  return { hour, bytes: used() - before }
}

const live: Live = ({ pairs, scale, say }) => {
  say('an hour at a peer')
  const seconds = Math.ceil(HOUR_S * scale)
  grown(20, EVENTS_PER_S).hour.end()
  const { hour: silent, bytes: silentBytes } = grown(seconds, 0)
  silent.end()
  const { hour, bytes } = grown(seconds, EVENTS_PER_S)
  const events = seconds * EVENTS_PER_S
  const held = hour.stats.held ?? 0
  const snapshots = hour.stats.snapshots ?? 0
  const each = (bytes - silentBytes) / events
  const back: number[] = []
  for (let i = 0; i < 2 * pairs + 1; i++) back.push(hour.goBack(BACK_S))
  const { travelled, rollbacks } = hour.stats
  hour.end()
  const back_ms = quantile(back, 0.5)
  const figures: Figure[] = [
    {
      what: `the events of ${seconds} s at ${EVENTS_PER_S} a second, at a peer that holds them all`,
      unit: 'B an event',
      figure: each,
      must: `at most ${BYTES_MAX} B`,
      reached: each <= BYTES_MAX && held >= events,
      note: `${held} events, ${((each * events) / 1e6).toFixed(1)} MB`,
    },
    {
      what: `snapshots of a thousand bodies after ${seconds} s at ${FPS} FPS`,
      unit: 'snapshots',
      figure: snapshots,
      must: `at most ${SNAPSHOTS_MAX}: their number grows with the logarithm of the past`,
      reached: snapshots > 10 && snapshots <= SNAPSHOTS_MAX,
      note: `${BODIES_BYTES} B each: ${((snapshots * BODIES_BYTES) / 1e6).toFixed(1)} MB`,
    },
    {
      what: `back ${BACK_S} s out of that, and forward again, with link and application`,
      unit: 'ms of processor time',
      figure: back_ms,
      must: `at most ${BACK_MS_MAX} ms`,
      reached: back_ms <= BACK_MS_MAX && travelled === back.length * (BACK_S * FPS + 1),
      note: `${rollbacks} rollbacks, ${travelled} ticks back in all`,
    },
  ]
  return Promise.resolve(figures)
}

export default live
