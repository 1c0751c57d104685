import type { Random } from '../core/random.ts'
import { type LinkId, type Micros, NEVER } from '../core/timeline/tick.ts'
import { Acceptor } from '../core/wire/acceptor.ts'
import { Channel, type ChannelOptions } from '../core/wire/channel.ts'
import { CHANNEL_LIMITS, type ChannelLimits } from '../core/wire/limits.ts'
import type { Drive } from './drive.ts'
import { CHANNEL_DOWN, CHANNEL_UP, DATAGRAM_DOWN, DATAGRAM_UP, KINDS } from './entries.ts'
import type { ChannelPair, InstanceNode, Node } from './node.ts'

const SECRET_BYTES = 16
const NONCE_BYTES = 8

/** A datagram on its way. The object is used again for another one. */
interface Flight {
  node: InstanceNode
  bytes: Uint8Array
  /** Where it comes from, or goes to. */
  address: number
}

/**
 * What a driver over datagrams does between the machines and the network: a channel at each end, of which the
 * sequencer's is made when the acceptor says so.
 */
export class Datagrams {
  private readonly drive: Drive
  private readonly chance: Random
  private readonly options: ChannelOptions
  private readonly acceptor: Acceptor
  private readonly flights: Flight[] = []
  private readonly free: number[] = []
  /** Whose channels were used since datagrams last left. */
  private used: InstanceNode[] = []

  constructor(drive: Drive, chance: Random, limits: ChannelLimits = CHANNEL_LIMITS) {
    this.drive = drive
    this.chance = chance
    this.options = { limits }
    this.acceptor = new Acceptor(this.bytes(SECRET_BYTES), this.options)
  }

  connect(node: InstanceNode, pair: ChannelPair): void {
    const opening = { id: node.link, nonce: this.bytes(NONCE_BYTES) }
    pair.near = Channel.connect(this.local(node), opening, this.options)
    this.use(node, pair, 'near')
  }

  /** Undefined: nothing more, so that the channel closes once all has arrived. */
  sendUp(node: InstanceNode, pair: ChannelPair, message: Uint8Array | undefined): void {
    if (message === undefined) pair.near?.close(this.local(node))
    else if (pair.near?.send(this.local(node), message)) pair.up.goes(this.drive.now, this.wholeSince(node))
    this.use(node, pair, 'near')
  }

  sendDown(node: InstanceNode, pair: ChannelPair, message: Uint8Array | undefined): void {
    const now = this.local(this.drive.sequencer)
    if (message === undefined) pair.far?.close(now)
    else if (pair.far?.send(now, message)) pair.down.goes(this.drive.now, this.wholeSince(node))
    this.use(node, pair, 'far')
  }

  private wholeSince(node: InstanceNode): Micros {
    return Math.max(node.wholeSince, this.drive.sequencer.wholeSince)
  }

  /** Send what the channels have to send. Several messages of one moment share a datagram. */
  leave(): void {
    while (this.used.length > 0) {
      const nodes = this.used
      this.used = []
      for (const node of nodes) this.leaveFrom(node, node.channel as ChannelPair)
    }
  }

  private leaveFrom(node: InstanceNode, pair: ChannelPair): void {
    const { near, far, nearUsed, farUsed } = pair
    pair.nearUsed = false
    pair.farUsed = false
    if (near !== undefined && nearUsed && !node.dead) {
      for (const bytes of near.outgoing()) this.send(node, 'up', bytes)
      pair.nearWakeAt = this.rewake(node, near, pair.nearWakeAt, 'down', node)
      if (near.state === 'closed' && node.down.open) this.drive.closeDown(node)
    }
    if (far !== undefined && farUsed) {
      for (const bytes of far.outgoing()) this.send(node, 'down', bytes)
      pair.farWakeAt = this.rewake(node, far, pair.farWakeAt, 'up', this.drive.sequencer)
      if (far.state === 'closed' && node.up.open) this.drive.closeUp(node)
    }
  }

  /** A clock was changed: what was scheduled by it may be due earlier. */
  retime(changed: Node): void {
    for (const node of this.drive.instances) {
      if (node.channel === undefined) continue
      if (node === changed) this.use(node, node.channel, 'near')
      else if (changed === this.drive.sequencer) this.use(node, node.channel, 'far')
    }
    this.leave()
  }

  private rewake(
    node: InstanceNode,
    channel: Channel,
    standing: Micros,
    end: 'up' | 'down',
    at: Node,
  ): Micros {
    const wanted = channel.nextWake()
    if (wanted === NEVER) return standing
    const moment = Math.max(this.drive.now + 1, at.clock.global(wanted))
    if (moment >= standing) return standing
    this.expectChannel(moment, end, node.link)
    return moment
  }

  /** The channel's end at the sequencer is due. */
  wakeUp(node: InstanceNode): void {
    const pair = node.channel as ChannelPair
    const { sequencer, now } = this.drive
    if (pair.farWakeAt !== now) return
    if (sequencer.pausedUntil > now) {
      pair.farWakeAt = sequencer.pausedUntil
      return this.expectChannel(pair.farWakeAt, 'up', node.link)
    }
    pair.farWakeAt = NEVER
    pair.far?.wake(this.local(sequencer))
    this.use(node, pair, 'far')
    this.leave()
  }

  /** The channel's end at the instance is due. */
  wakeDown(node: InstanceNode): void {
    const pair = node.channel as ChannelPair
    const { now } = this.drive
    if (pair.nearWakeAt !== now || node.dead) return
    if (node.pausedUntil > now) {
      pair.nearWakeAt = node.pausedUntil
      return this.expectChannel(pair.nearWakeAt, 'down', node.link)
    }
    pair.nearWakeAt = NEVER
    pair.near?.wake(this.local(node))
    this.use(node, pair, 'near')
    this.leave()
  }

  arriveUp(slot: number): void {
    const { node, bytes, address } = this.flights[slot] as Flight
    if (this.held(slot, 'up', node, this.drive.sequencer)) return
    const pair = node.channel as ChannelPair
    if (address > pair.heardFrom) pair.heardFrom = address
    const now = this.local(this.drive.sequencer)
    this.drive.deliveries.arrived(this.drive.now, 2 * node.link, bytes)
    if (pair.far === undefined && !this.admit(node, pair, now, bytes)) return
    const far = pair.far as Channel
    far.receive(now, bytes)
    for (const message of far.delivered()) {
      pair.up.comes(this.drive.now)
      this.drive.deliverUp(node, message)
    }
    this.use(node, pair, 'far')
    this.leave()
  }

  arriveDown(slot: number): void {
    const { node, bytes, address } = this.flights[slot] as Flight
    if (this.held(slot, 'down', node, node)) return
    const pair = node.channel as ChannelPair
    const { near } = pair
    if (near === undefined || node.dead || address !== pair.address) return
    this.drive.deliveries.arrived(this.drive.now, 2 * node.link + 1, bytes)
    near.receive(this.local(node), bytes)
    for (const message of near.delivered()) {
      pair.down.comes(this.drive.now)
      this.drive.deliverDown(node, message)
    }
    this.use(node, pair, 'near')
    this.leave()
  }

  /** Whether the address has proved itself, so that there is a channel now. */
  private admit(node: InstanceNode, pair: ChannelPair, now: Micros, bytes: Uint8Array): boolean {
    const address = Uint8Array.of(node.link & 255, node.link >> 8, pair.heardFrom & 255)
    const answer = this.acceptor.receive(now, address, bytes)
    if (answer.kind === 'reply') this.send(node, 'down', answer.bytes)
    if (answer.kind !== 'proven') return false
    pair.far = answer.accept(now)
    return true
  }

  private send(node: InstanceNode, end: 'up' | 'down', bytes: Uint8Array): void {
    const hop = end === 'up' ? node.up : node.down
    const { address: own, heardFrom } = node.channel as ChannelPair
    const address = end === 'up' ? own : heardFrom
    for (const at of hop.path.arrivals(this.drive.now)) {
      const through = hop.path.throughDatagram(bytes)
      const slot = this.free.pop() ?? this.flights.push({ node, bytes: through, address }) - 1
      const flight = this.flights[slot] as Flight
      flight.node = node
      flight.bytes = through
      flight.address = address
      this.expectDatagram(at, end, slot)
    }
  }

  /** Whether a datagram comes later, or not at all; otherwise its slot is free again. */
  private held(slot: number, end: 'up' | 'down', node: InstanceNode, reader: Node): boolean {
    const hop = end === 'up' ? node.up : node.down
    const until = Math.max(hop.path.datagramHeldUntil(this.drive.now), reader.pausedUntil)
    if (until === NEVER || until <= this.drive.now) this.free.push(slot)
    else this.expectDatagram(until, end, slot)
    return until > this.drive.now
  }

  private expectDatagram(at: Micros, end: 'up' | 'down', slot: number): void {
    this.drive.schedule.push(at, slot * KINDS + (end === 'up' ? DATAGRAM_UP : DATAGRAM_DOWN))
  }

  private expectChannel(at: Micros, end: 'up' | 'down', link: LinkId): void {
    this.drive.schedule.push(at, link * KINDS + (end === 'up' ? CHANNEL_UP : CHANNEL_DOWN))
  }

  private use(node: InstanceNode, pair: ChannelPair, end: 'near' | 'far'): void {
    if (!pair.nearUsed && !pair.farUsed) this.used.push(node)
    if (end === 'near') pair.nearUsed = true
    else pair.farUsed = true
  }

  private local(node: Node): Micros {
    return node.clock.local(this.drive.now)
  }

  private bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.chance.below(256))
  }
}
