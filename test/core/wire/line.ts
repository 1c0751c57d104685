import { Random } from '../../../src/core/random.ts'
import { MILLISECOND, type Micros, NEVER, SECOND } from '../../../src/core/timeline/tick.ts'
import { Acceptor } from '../../../src/core/wire/acceptor.ts'
import { Channel, type ChannelOptions } from '../../../src/core/wire/channel.ts'
import { type ChannelKeys, channelKeys } from '../../../src/core/wire/cookie.ts'
import { channelOf, cookieOf, KIND } from '../../../src/core/wire/datagram.ts'

export type End = 'client' | 'server'

/** What befalls datagrams on their way. */
export interface Weather {
  readonly loss: number
  readonly doubled: number
  /** Delay of each datagram, drawn for itself: a wide span reorders. */
  readonly delay: readonly [Micros, Micros]
}

export const CLEAR: Weather = { loss: 0, doubled: 0, delay: [25 * MILLISECOND, 25 * MILLISECOND] }
export const STORM: Weather = { loss: 0.3, doubled: 0.5, delay: [10 * MILLISECOND, 100 * MILLISECOND] }

export interface Sent {
  readonly at: Micros
  readonly from: End
  readonly bytes: Uint8Array
}

interface Flying {
  readonly at: Micros
  readonly to: End
  readonly bytes: Uint8Array
}

export const NONCE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
export const SECRET = Uint8Array.from({ length: 16 }, (_, i) => i)
export const ADDRESS = Uint8Array.of(192, 0, 2, 7, 0x1f, 0x90)

export interface LineOptions extends ChannelOptions {
  readonly seed?: number
  readonly weather?: Weather
  readonly nonce?: Uint8Array
}

/** A client, an acceptor and the weather between them, in virtual time. Both ends are driven as a driver does. */
export class Line {
  now: Micros = 0
  weather: Weather
  readonly client: Channel
  server: Channel | undefined
  /** How many channels the acceptor has made; a driver announces one when it is open. */
  accepted = 0
  readonly heard: Record<End, Uint8Array[]> = { client: [], server: [] }
  readonly heardAt: Record<End, Micros[]> = { client: [], server: [] }
  readonly sent: Sent[] = []
  /** Looks at a datagram that leaves; false loses it. */
  filter: (datagram: Sent) => boolean = () => true
  keys: ChannelKeys | undefined
  readonly acceptor: Acceptor
  private readonly random: Random
  private readonly nonce: Uint8Array
  private flying: Flying[] = []

  constructor(options: LineOptions = {}) {
    this.random = new Random(options.seed ?? 1)
    this.weather = options.weather ?? CLEAR
    this.acceptor = new Acceptor(SECRET, options)
    this.nonce = options.nonce ?? NONCE
    this.client = Channel.connect(0, { id: 7, nonce: this.nonce }, options)
  }

  /** Both ends open, over a path without faults, and quiet. */
  static opened(options: LineOptions = {}): Line {
    const line = new Line({ ...options, weather: CLEAR })
    line.run(SECOND, () => line.server?.state === 'open')
    if (line.server?.state !== 'open') throw new Error('the channel did not open')
    line.run(line.now + SECOND)
    line.weather = options.weather ?? CLEAR
    line.sent.length = 0
    return line
  }

  end(name: End): Channel {
    const end = name === 'client' ? this.client : this.server
    if (end === undefined) throw new Error('there is no server yet')
    return end
  }

  send(from: End, message: Uint8Array): boolean {
    const taken = this.end(from).send(this.now, message)
    this.settle()
    return taken
  }

  /** Runs until a moment, or until something holds. */
  run(until: Micros, done: () => boolean = () => false): void {
    this.settle()
    while (!done()) {
      const at = this.next()
      if (at > until) break
      this.now = Math.max(this.now, at)
      this.deliver()
      for (const end of this.ends()) if (end.nextWake() <= this.now) end.wake(this.now)
      this.settle()
    }
    if (!done()) this.now = Math.max(this.now, until)
  }

  /** A datagram comes to an end as if from the network. */
  bring(to: End, bytes: Uint8Array): void {
    if (to === 'client') this.client.receive(this.now, bytes)
    else this.arriveAtServer(bytes)
    this.settle()
  }

  private ends(): Channel[] {
    return this.server === undefined ? [this.client] : [this.client, this.server]
  }

  private next(): Micros {
    const wakes = this.ends().map((end) => end.nextWake())
    return Math.min(NEVER, ...wakes, ...this.flying.map(({ at }) => at))
  }

  private deliver(): void {
    const due = this.flying.filter(({ at }) => at <= this.now)
    this.flying = this.flying.filter(({ at }) => at > this.now)
    due.sort((a, b) => a.at - b.at)
    for (const { to, bytes } of due) {
      if (to === 'client') this.client.receive(this.now, bytes)
      else this.arriveAtServer(bytes)
    }
  }

  private arriveAtServer(bytes: Uint8Array): void {
    if (this.server !== undefined && channelOf(bytes) === this.server.id) {
      this.server.receive(this.now, bytes)
      return
    }
    const answer = this.acceptor.receive(this.now, ADDRESS, bytes)
    if (answer.kind === 'reply') this.leave('server', answer.bytes)
    if (answer.kind !== 'proven') return
    if (this.server?.id !== answer.id) {
      this.server = answer.accept(this.now)
      this.accepted++
    }
    this.server.receive(this.now, bytes)
  }

  private settle(): void {
    for (const from of ['client', 'server'] as const) {
      const end = from === 'client' ? this.client : this.server
      if (end === undefined) continue
      for (const bytes of end.outgoing()) this.leave(from, bytes)
      for (const message of end.delivered()) {
        this.heard[from].push(message)
        this.heardAt[from].push(this.now)
      }
    }
  }

  private cookie: Uint8Array | undefined

  private leave(from: End, bytes: Uint8Array): void {
    if (bytes.length > 1_200) throw new Error(`a datagram of ${bytes.length} bytes`)
    if (bytes[0] === KIND.open) this.cookie = cookieOf(bytes)
    if (bytes[0] === KIND.accept && this.cookie !== undefined)
      this.keys = channelKeys({ id: 7, nonce: this.nonce }, this.cookie, bytes.slice(9, 17))
    const datagram = { at: this.now, from, bytes }
    this.sent.push(datagram)
    const { loss, doubled, delay } = this.weather
    const copies = this.random.chance(doubled) ? 2 : 1
    const passes = this.filter(datagram)
    for (let i = 0; i < copies; i++) {
      const isLost = this.random.chance(loss)
      const at = this.now + Math.round(this.random.between(...delay))
      if (passes && !isLost) this.flying.push({ at, to: from === 'client' ? 'server' : 'client', bytes })
    }
  }
}

/** A message that names itself: its number, then bytes that follow from it. */
export const message = (number: number, length: number): Uint8Array => {
  const random = new Random(number, length)
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++)
    bytes[i] = i < 4 ? number >>> (8 * i) : i % 64 === 0 ? random.uint32() : number + i
  return bytes
}

export const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
