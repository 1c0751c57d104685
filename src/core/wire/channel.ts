import type { RefusalCode } from '../errors.ts'
import { Outbox } from '../machine.ts'
import { type Micros, NEVER } from '../timeline/tick.ts'
import { EMPTY } from './bytes.ts'
import { type Accepted, channelKeys, openingKey } from './cookie.ts'
import * as wire from './datagram.ts'
import { Inflow } from './inflow.ts'
import { CHANNEL_LIMITS, type ChannelLimits } from './limits.ts'
import { ClientOpening } from './opening.ts'
import { Outflow } from './outflow.ts'
import { Path } from './path.ts'
import type { HalfKey } from './siphash.ts'

/** Datagrams are laid out one behind the other in memory of this size; it lives as long as one of them. */
const SLAB_BYTES = 8_192
/** So many datagrams leave in a long round trip of a busy channel; of older ones it is not told that they were lost. */
const TAGS_KEPT = 64
/** How often `close` is said before no answer to it is taken for one. */
const CLOSES_MAX = 4

export type ChannelState = 'opening' | 'open' | 'closing' | 'closed'

export interface ChannelOptions {
  readonly limits?: ChannelLimits
  /** The number of the first datagram and of the first piece, at both ends alike. */
  readonly first?: number
}

/** What a datagram carries beside its acknowledgement. */
type Load = 'pieces' | 'oldest' | 'nothing'

/**
 * A FIFO of messages over datagrams that may be lost, doubled, damaged or late: what one end sends, the other
 * gets whole, in order and once, or the channel ends and says so. One end made it with `connect`, the other got
 * it from an `Acceptor`.
 *
 * It has the doors of every machine. A driver does the same after every call: sends `outgoing()`, acts on
 * `delivered()`, `state` and `failure`, and sees to it that `wake` is called at `nextWake()`; after a pause of its
 * own it first hands in what has come, since `wake` judges silence. Messages and datagrams that were handed in or
 * out are never written again, by neither side, since they are not copied.
 */
export class Channel {
  /** The number that datagrams to this end bear. They may come from any address. */
  readonly id: number
  private readonly limits: ChannelLimits
  private readonly path: Path
  private readonly outflow: Outflow
  private readonly inflow: Inflow
  private readonly datagrams = new Outbox<Uint8Array>()
  private now: Micros

  state: ChannelState = 'opening'
  /** Why the channel ended, unless in order. Some of what was sent may then not have arrived. */
  failure: RefusalCode | undefined

  /** The client's way here; the acceptor's answer, for copies of the `open` that it answers. */
  private opening: ClientOpening | undefined
  private accepted: Accepted | undefined
  private peerId = 0
  private sendKey: HalfKey | undefined
  private receiveKey: HalfKey | undefined

  /** The number of the next datagram to leave, and of the newest that came. */
  private next: number
  private newest: number
  private newestAt: Micros
  private sentAt: Micros
  private readonly first: number
  /** Whether both ends have the keys, and this one knows it. */
  private isSure = false

  /** When an acknowledgement leaves on its own if nothing takes it along, and when the last one did. */
  private ackAt: Micros = NEVER
  private ackedAloneAt: Micros = Number.NEGATIVE_INFINITY
  /** Datagrams with pieces since the last acknowledgement. */
  private unacknowledged = 0

  private closingUntil: Micros = NEVER
  private closeAt: Micros = NEVER
  private closes = 0

  /** A client's: the tags of its last datagrams. Only who has seen one of them can say that it had no receiver. */
  private readonly tags: Uint32Array | undefined

  private slab = EMPTY
  private slabUsed = 0

  private constructor(now: Micros, id: number, options: ChannelOptions, isClient: boolean) {
    const { limits = CHANNEL_LIMITS, first = 1 } = options
    this.tags = isClient ? new Uint32Array(TAGS_KEPT) : undefined
    this.id = id
    this.limits = limits
    this.now = now
    this.path = new Path(now, limits)
    this.outflow = new Outflow(now, first, this.path, limits)
    this.inflow = new Inflow(first, limits)
    this.first = first
    this.next = first
    this.newest = first - 1
    this.newestAt = now
    this.sentAt = now
  }

  /** A client's end. `opening` names a number above 0 that no other channel of this client has, and a fresh nonce. */
  static connect(now: Micros, opening: wire.Opening, options: ChannelOptions = {}): Channel {
    const channel = new Channel(now, opening.id, options, true)
    channel.opening = new ClientOpening(now, opening, channel.limits)
    channel.wake(now)
    return channel
  }

  /** The other end, for a client that has proved its address: an `Acceptor` calls this. */
  static accept(now: Micros, accepted: Accepted, options: ChannelOptions = {}): Channel {
    const channel = new Channel(now, accepted.id, options, false)
    const keys = channelKeys(accepted.opening, accepted.cookie, accepted.salt)
    channel.accepted = accepted
    channel.peerId = accepted.opening.id
    channel.sendKey = keys.fromAcceptor
    channel.receiveKey = keys.fromClient
    return channel
  }

  /** The smoothed round trip; undefined before the first answer. */
  get roundTrip(): Micros | undefined {
    return this.path.roundTrip
  }

  /** Takes a message to send; false when the channel is closing or has ended. */
  send(now: Micros, message: Uint8Array): boolean {
    this.now = now
    if (this.state === 'closing' || this.state === 'closed') return false
    if (!this.outflow.push(message)) this.fail('overflow')
    return this.failure === undefined
  }

  /** Ends the channel once all that was sent has arrived, or after `closing_max`; at once while it is opening. */
  close(now: Micros): void {
    this.now = now
    if (this.opening !== undefined) this.state = 'closed'
    if (this.state === 'closing' || this.state === 'closed') return
    this.state = 'closing'
    this.closingUntil = now + this.limits.closing_max
    this.closeAt = now
  }

  receive(now: Micros, datagram: Uint8Array): void {
    this.now = now
    const { length } = datagram
    if (this.state === 'closed' || length > wire.DATAGRAM_BYTES_MAX || length < 5 + wire.TAG_BYTES) return
    switch (datagram[0]) {
      case wire.KIND.data:
        return this.receiveData(datagram)
      case wire.KIND.close:
        return this.receiveClose(datagram)
      case wire.KIND.open:
        return this.receiveOpen(datagram)
      case wire.KIND.gone:
        return this.receiveGone(datagram)
      default:
        return this.receiveAnswer(datagram)
    }
  }

  wake(now: Micros): void {
    this.now = now
    if (this.state === 'closed') return
    if (this.opening !== undefined) {
      const datagram = this.opening.due(now)
      if (datagram !== undefined) this.datagrams.push(datagram)
      if (this.opening.failure !== undefined) this.fail(this.opening.failure)
      return
    }
    if (now >= this.closingUntil) this.end(this.outflow.isDone ? undefined : 'lost')
    else if (now >= this.newestAt + this.limits.silence_max) this.fail('silent')
  }

  /** When `wake` gives it up, if nothing is received until then. */
  get givesUpAt(): Micros {
    return this.opening?.endsAt ?? Math.min(this.newestAt + this.limits.silence_max, this.closingUntil)
  }

  nextWake(): Micros {
    if (this.state === 'closed') return NEVER
    if (this.opening !== undefined) return this.opening.nextWake
    const { outflow, path } = this
    const due = Math.min(this.givesUpAt, this.speaksAt, this.ackAt, outflow.probeAt)
    if (this.state === 'closing' && outflow.isDone) return Math.min(due, this.closeAt)
    return outflow.hasMore && outflow.hasRoom ? Math.min(due, path.leavesAt()) : due
  }

  /** The datagrams to send to the other end, in order; handed over once. */
  outgoing(): readonly Uint8Array[] {
    if (this.state !== 'closed' && this.sendKey !== undefined) this.flush(this.sendKey)
    return this.datagrams.take()
  }

  /** The messages that have arrived, in order; handed over once. */
  delivered(): readonly Uint8Array[] {
    return this.inflow.messages()
  }

  private receiveAnswer(datagram: Uint8Array): void {
    const { opening } = this
    if (opening === undefined) return
    opening.receive(this.now, datagram)
    if (opening.failure !== undefined) this.fail(opening.failure)
    if (opening.opened !== undefined) {
      const { peerId, keys } = opening.opened
      this.peerId = peerId
      this.sendKey = keys.fromClient
      this.receiveKey = keys.fromAcceptor
      this.state = 'open'
      this.opening = undefined
      this.newestAt = this.now
      if (opening.roundTrip !== undefined) this.path.sample(opening.roundTrip)
      // The acceptor waits for a sign that it was heard.
      this.ackAt = this.now
    } else this.wake(this.now)
  }

  /** A copy of the `open` that made this end: the answer to it may have been lost. */
  private receiveOpen(datagram: Uint8Array): void {
    const { accepted } = this
    if (accepted === undefined || datagram.length !== wire.OPEN_BYTES) return
    if (!wire.isSealed(wire.OPEN_KEY, datagram)) return
    const { opening, cookie, salt } = accepted
    const { id, nonce } = wire.openingOf(datagram)
    if (id !== opening.id || !nonce.every((byte, i) => byte === opening.nonce[i])) return
    this.datagrams.push(wire.acceptDatagram(openingKey(opening, cookie), this.peerId, this.id, salt))
  }

  /** When this end says that it is there, for want of anything else to say. */
  private get speaksAt(): Micros {
    return this.sentAt + (this.isSure ? this.limits.keepalive : this.limits.opening_pause)
  }

  /** Whether a datagram was sealed by the other end, for this channel. */
  private isGenuine(datagram: Uint8Array): boolean {
    const { receiveKey } = this
    return (
      receiveKey !== undefined && wire.u32At(datagram, 1) === this.id && wire.isSealed(receiveKey, datagram)
    )
  }

  private receiveData(datagram: Uint8Array): void {
    const end = datagram.length - wire.TAG_BYTES
    if (end < wire.DATA_HEAD_BYTES || !this.isGenuine(datagram)) return
    if (!this.isSure) this.makeSure(datagram)
    const number = wire.nearest32(wire.u32At(datagram, 5), this.newest)
    if (number <= this.newest - wire.STALE_DATAGRAMS) return
    const piecesAt = wire.DATA_HEAD_BYTES + (datagram[15] & ~wire.BITS_MORE)
    if (piecesAt > end) return this.fail('malformed')

    const isNewest = number > this.newest
    if (isNewest) {
      this.newest = number
      this.newestAt = this.now
      // An older one knows nothing that this one does not.
      const held = wire.u16At(datagram, 13)
      const heldFor = held === wire.DELAY_UNKNOWN ? undefined : held * wire.DELAY_UNIT
      if (!this.outflow.acknowledge(this.now, datagram, 9, heldFor, this.next)) return this.fail('malformed')
    }
    if (piecesAt === end) return
    const taken = this.inflow.takeAll(datagram, piecesAt, end)
    if (taken === 'wrong') return this.fail('malformed')
    // A copy, or late and known: what acknowledges it is under way.
    if (taken === 'known' && !isNewest) return
    this.owe(taken === 'known' || this.inflow.hasGap)
  }

  /** The acceptor is sure when it hears the client; the client when it hears that it was heard. */
  private makeSure(datagram: Uint8Array): void {
    if (this.accepted === undefined) {
      this.isSure = wire.upTo16(wire.u16At(datagram, 11), this.next - 1) >= this.first
      return
    }
    this.isSure = true
    this.ackAt = this.now
    if (this.state === 'opening') this.state = 'open'
  }

  /** Pieces came. Their acknowledgement waits for company: shorter when it is missed over there. */
  private owe(isMissed: boolean): void {
    const { ack_delay, ack_gap } = this.limits
    const soon = this.now + ack_delay
    this.ackAt = Math.min(this.ackAt, isMissed ? soon : Math.max(soon, this.ackedAloneAt + ack_gap))
    this.unacknowledged++
  }

  private receiveClose(datagram: Uint8Array): void {
    if (datagram.length !== wire.CLOSE_DATAGRAM_BYTES || !this.isGenuine(datagram)) return
    const isOrderly = datagram[9] === wire.CLOSE.orderly
    if (isOrderly && this.closes === 0) this.sayClose(wire.CLOSE.orderly)
    this.end(isOrderly && this.outflow.isDone ? undefined : 'lost')
  }

  /** The other end has forgotten the channel, as after a new start: it answers to one of the last datagrams. */
  private receiveGone(datagram: Uint8Array): void {
    const { tags, outflow, peerId } = this
    if (tags === undefined || this.opening !== undefined || datagram.length !== wire.GONE_DATAGRAM_BYTES)
      return
    if (!wire.isSealed(wire.OPEN_KEY, datagram)) return
    const gone = wire.goneOf(datagram)
    const number = wire.nearest32(gone.number, this.next)
    const isRecent = number < this.next && number >= Math.max(this.first, this.next - TAGS_KEPT)
    if (gone.id !== peerId || !isRecent || tags[number % TAGS_KEPT] !== gone.tag) return
    this.end(this.state === 'closing' && outflow.isDone ? undefined : 'lost')
  }

  private flush(key: HalfKey): void {
    const { now, outflow, path, limits } = this
    if (outflow.probeAt <= now) this.leave(key, 'oldest')
    while (outflow.hasMore) {
      path.isFull ||= !outflow.hasRoom
      if (!outflow.hasRoom || !path.mayLeave(now) || !this.leave(key, 'pieces')) break
    }
    const isDue = this.ackAt <= now || this.unacknowledged >= limits.ack_datagrams_max
    if ((isDue || this.speaksAt <= now) && this.leave(key, 'nothing')) this.ackedAloneAt = now
    if (this.state === 'closing' && outflow.isDone && this.closeAt <= now) this.askToClose()
  }

  /** Lays out a datagram and lets it leave; false when there was nothing to load. */
  private leave(key: HalfKey, load: Load): boolean {
    if (this.next >= Number.MAX_SAFE_INTEGER) {
      this.fail('overflow')
      return false
    }
    if (this.slab.length - this.slabUsed < wire.DATAGRAM_BYTES_MAX) {
      this.slab = new Uint8Array(SLAB_BYTES)
      this.slabUsed = 0
    }
    const { slab, slabUsed: from, outflow } = this
    const bits = this.inflow.bitsBytes
    const bitsPut = load === 'nothing' ? bits : Math.min(bits, wire.BITS_BESIDE_PIECES_MAX)
    const piecesAt = this.putHead(slab, from, bits, bitsPut)
    let end = piecesAt
    if (load !== 'nothing') {
      const most = from + wire.DATAGRAM_BYTES_MAX - wire.TAG_BYTES
      end =
        load === 'pieces'
          ? outflow.fill(this.now, this.next, slab, piecesAt, most)
          : outflow.fillProbe(this.now, this.next, slab, piecesAt, most)
      if (end === piecesAt) return false
    }
    end = wire.seal(key, slab, from, end)
    if (this.tags !== undefined) this.tags[this.next % TAGS_KEPT] = wire.u32At(slab, end - wire.TAG_BYTES)
    this.slabUsed = end
    this.datagrams.push(slab.subarray(from, end))
    this.path.left(end - from)
    this.next++
    this.sentAt = this.now
    if (bitsPut === bits) {
      this.ackAt = NEVER
      this.unacknowledged = 0
    }
    return true
  }

  private putHead(into: Uint8Array, at: number, bits: number, bitsPut: number): number {
    const { inflow } = this
    const held = Math.min(Math.floor((this.now - this.newestAt) / wire.DELAY_UNIT), wire.DELAY_UNKNOWN)
    into[at] = wire.KIND.data
    wire.putU32(into, at + 1, this.peerId)
    wire.putU32(into, at + 5, this.next)
    wire.putU16(into, at + 9, inflow.wanted)
    wire.putU16(into, at + 11, this.newest)
    wire.putU16(into, at + 13, held)
    into[at + 15] = bitsPut === bits ? bits : bitsPut | wire.BITS_MORE
    if (bitsPut > 0) inflow.putBits(into, at + wire.DATA_HEAD_BYTES, bitsPut)
    return at + wire.DATA_HEAD_BYTES + bitsPut
  }

  /** Says `close`, a few times if it must be; nobody may be there any more to answer. */
  private askToClose(): void {
    if (this.closes === CLOSES_MAX) return this.end(undefined)
    this.sayClose(wire.CLOSE.orderly)
    this.closeAt = Math.ceil(this.now + this.path.patience * (1 << this.closes))
    this.closes++
  }

  private sayClose(why: number): void {
    if (this.sendKey === undefined) return
    this.datagrams.push(wire.closeDatagram(this.sendKey, this.peerId, this.next, why))
    this.next++
    this.sentAt = this.now
  }

  /** The channel cannot go on; the other end is told, once. */
  private fail(why: RefusalCode): void {
    if (this.state === 'closed') return
    this.sayClose(wire.CLOSE.broken)
    this.end(why)
  }

  private end(failure: RefusalCode | undefined): void {
    this.state = 'closed'
    this.failure = failure
  }
}
