import type { RefusalCode } from '../core/errors.ts'
import { type Micros, NEVER } from '../core/timeline/tick.ts'
import type { Channel } from '../core/wire/channel.ts'
import { CLOSE, channelOf, KIND } from '../core/wire/datagram.ts'
import { CHANNEL_LIMITS, type ChannelLimits } from '../core/wire/limits.ts'
import { WakingClock } from './clock.ts'
import type { Datagrams, Peer } from './datagrams.ts'
import { milliseconds, type TransportLimits } from './limits.ts'
import { type Carrier, Link } from './link.ts'
import type { EndingCode } from './transport.ts'

/** A timer that comes so much too late means that this program stood still, and that datagrams wait to be read. */
const LATE: Micros = 100_000
/** How often it is looked for more of them before the time is taken for what it is. */
const READS_MAX = 64

/** A channel's limits are those of its connection, and for the rest its own. */
export const channelLimits = (limits: TransportLimits): ChannelLimits => ({
  ...CHANNEL_LIMITS,
  message_bytes_max: limits.message_bytes_max,
  queue_bytes_max: limits.buffered_bytes_max,
  opening_max: limits.opening_max,
  closing_max: limits.closing_max,
  silence_max: limits.silence_max,
})

/** A channel keeps to itself how much waits in it. */
const waitingIn = (channel: Channel): number =>
  (channel as unknown as { readonly outflow: { readonly queue: { readonly bytes: number } } }).outflow.queue
    .bytes

/** Where a closing datagram says why. */
const WHY_AT = 9

const ending = (failure: RefusalCode | undefined): EndingCode => {
  switch (failure) {
    case undefined:
      return 'closed'
    case 'silent':
    case 'malformed':
    case 'overflow':
      return failure
    default:
      return 'lost'
  }
}

export interface UdpEndOptions {
  readonly channels: Channels
  readonly channel: Channel
  readonly remote: string
  /** Where datagrams go; undefined for a socket that has one other end only. */
  readonly to: Peer | undefined
  readonly limits: TransportLimits
  /** Told once: that the connection is open, or why it will not be. */
  readonly onOpen: (link: Link, failure?: RefusalCode) => void
}

/** One end of a connection: a channel, and where its datagrams go. */
export class UdpEnd implements Carrier {
  readonly kind = 'udp'
  readonly remote: string
  readonly link: Link
  readonly channel: Channel
  readonly to: Peer | undefined
  dueAt: Micros = NEVER
  isTouched = false
  private readonly channels: Channels
  private readonly limits: TransportLimits
  private onOpen: UdpEndOptions['onOpen'] | undefined
  /** The other end has closed the channel in order. */
  private isClosed = false

  constructor({ channels, channel, remote, to, limits, onOpen }: UdpEndOptions) {
    this.channels = channels
    this.channel = channel
    this.remote = remote
    this.to = to
    this.limits = limits
    this.onOpen = onOpen
    this.link = new Link(this, limits)
    channels.add(this)
  }

  get buffered(): number {
    return waitingIn(this.channel)
  }

  carry(message: Uint8Array): void {
    this.channel.send(this.channels.now(), message)
    this.channels.touch(this)
  }

  finish(): void {
    this.channel.close(this.channels.now())
    this.channels.touch(this)
  }

  /** As if nothing had been heard for too long: the channel says so to the other end, and ends. */
  cut(): void {
    const { silence_max, opening_max } = this.limits
    this.channel.wake(this.channels.now() + Math.max(silence_max, opening_max))
    this.channels.touch(this)
  }

  receive(at: Micros, datagram: Uint8Array): void {
    const { channel } = this
    const was = channel.state
    channel.receive(at, datagram)
    if (channel.state === 'open') this.opened()
    // The channel calls itself lost if it waits for acknowledgements. Here what counts is how the other end closed.
    if (was !== 'closed' && channel.state === 'closed')
      this.isClosed = datagram[0] === KIND.close && datagram[WHY_AT] === CLOSE.orderly
    for (const message of channel.delivered()) this.link.arrived(message)
    this.channels.touch(this)
  }

  /** The channel has ended. */
  ended(): void {
    const { failure } = this.channel
    this.opened(failure ?? 'lost')
    this.link.ended(this.isClosed ? 'closed' : ending(failure))
  }

  private opened(failure?: RefusalCode): void {
    const { onOpen } = this
    if (onOpen === undefined) return
    this.onOpen = undefined
    onOpen(this.link, failure)
  }
}

/** All the channels of one socket, and the one timer that wakes them. */
export class Channels {
  private readonly datagrams: Datagrams
  private readonly ends = new Map<number, UdpEnd>()
  private touched: UdpEnd[] = []
  private settled: UdpEnd[] = []
  private timer: ReturnType<typeof setTimeout> | undefined
  private timerAt: Micros = NEVER
  /** Until all are woken, when they were to be: a sleep that begins meanwhile is one as well. */
  private wakingAt: Micros = NEVER
  private readonly clock = new WakingClock()
  private heard = 0
  private isReading = false
  /** What comes for no channel that is here. */
  onStranger: (at: Micros, datagram: Uint8Array, from: Peer) => void = () => {}
  /** The last channel has ended. */
  onEmpty: () => void = () => {}

  constructor(datagrams: Datagrams) {
    this.datagrams = datagrams
    datagrams.onDatagram = (datagram, from) => this.receive(datagram, from)
  }

  /** By what all of them reckon: a machine that slept takes nobody for silent. */
  now(): Micros {
    return this.clock.read(Math.min(this.timerAt, this.wakingAt))
  }

  get size(): number {
    return this.ends.size
  }

  get(id: number): UdpEnd | undefined {
    return this.ends.get(id)
  }

  add(end: UdpEnd): void {
    this.ends.set(end.channel.id, end)
    this.touch(end)
  }

  all(): Iterable<UdpEnd> {
    return this.ends.values()
  }

  /** Something was done to a channel: what follows from it is done at the end of this turn, once. */
  touch(end: UdpEnd): void {
    if (end.isTouched) return
    end.isTouched = true
    if (this.touched.push(end) === 1) process.nextTick(this.settleTouched)
  }

  private receive(datagram: Uint8Array, from: Peer): void {
    const at = this.now()
    this.heard++
    const id = channelOf(datagram)
    const end = id === 0 ? undefined : this.ends.get(id)
    if (end === undefined) this.onStranger(at, datagram, from)
    else end.receive(at, datagram)
  }

  /** Two arrays take turns, and nothing is made anew with each datagram. */
  private readonly settleTouched = (): void => {
    const { touched } = this
    this.touched = this.settled
    for (const end of touched) {
      end.isTouched = false
      this.settle(end)
    }
    while (touched.length > 0) touched.pop()
    this.settled = touched
  }

  private settle(end: UdpEnd): void {
    const { channel } = end
    for (const datagram of channel.outgoing()) this.datagrams.send(datagram, end.to)
    if (channel.state !== 'closed') {
      end.dueAt = channel.nextWake()
      return this.wakeAt(end.dueAt)
    }
    if (this.ends.get(channel.id) !== end) return
    this.ends.delete(channel.id)
    end.ended()
    if (this.ends.size > 0) return
    clearTimeout(this.timer)
    this.timerAt = NEVER
    this.onEmpty()
  }

  private wakeAt(at: Micros): void {
    if (at >= this.timerAt || this.isReading) return
    clearTimeout(this.timer)
    this.timerAt = at
    this.timer = setTimeout(() => this.wake(), Math.max(milliseconds(at - this.now()), 0))
  }

  private wake(): void {
    const at = this.now()
    const isLate = at - this.timerAt > LATE
    this.wakingAt = this.timerAt
    this.timerAt = NEVER
    if (isLate || this.givesUpAnyAt(at)) this.readFirst(READS_MAX)
    else this.wakeAll()
  }

  private givesUpAnyAt(at: Micros): boolean {
    // What is not due is not asked: there may be thousands, a thousand times a second.
    for (const { channel, dueAt } of this.ends.values())
      if (dueAt <= at && channel.givesUpAt <= at) return true
    return false
  }

  /** Nobody is taken for silent while what he sent waits to be read. */
  private readFirst(reads: number): void {
    const { heard } = this
    this.isReading = true
    setImmediate(() => {
      if (this.heard !== heard && reads > 0) return this.readFirst(reads - 1)
      this.isReading = false
      this.wakeAll()
    })
  }

  private wakeAll(): void {
    const at = this.now()
    for (const end of this.ends.values()) {
      if (end.dueAt > at) this.wakeAt(end.dueAt)
      else {
        end.channel.wake(at)
        this.settle(end)
      }
    }
    this.wakingAt = NEVER
  }
}
