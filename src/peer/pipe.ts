import { MEETING_LIMITS } from '../core/meeting/limits.ts'
import type { Shut } from '../core/meeting/messages.ts'
import { Reader, Writer } from '../core/wire/bytes.ts'
import { TRANSPORT_LIMITS } from '../transport/limits.ts'
import { type Carrier, Link } from '../transport/link.ts'
import { patience } from '../transport/patience.ts'
import type { Channel } from './channel.ts'

const { window_bytes, piece_bytes_max, piece_cost } = MEETING_LIMITS
/** So much is taken before the other end is told: it never waits, since it may have four times that on its way. */
const CREDIT_MIN = window_bytes / 4

/** Seconds in which nothing is heard from one whom the meeting point has lost as well. */
const QUIET_S_MAX = 4

/** Pieces on a direct channel begin with what they are. */
const MORE = 0
const LAST = 1
/** How many pieces were relayed before what comes here. The first one on a channel. */
const AFTER = 2
/** The link ends in order. */
const END = 3

interface Piece {
  readonly isLast: boolean
  readonly bytes: Uint8Array
}

/** What a pipe has said for it at the meeting point. */
export interface PipeOwner {
  relay(isLast: boolean, bytes: Uint8Array): void
  credit(bytes: number): void
  shut(how: Shut): void
  /** It is over; nothing comes from it any more. */
  over(): void
}

/**
 * A connection between two peers, first through the meeting point and then, when a direct channel opens, by that: in
 * the middle of a message if need be, and nothing is lost, doubled or overtaken. Each end moves by itself what it
 * sends, and says how many pieces went the other way before.
 */
export class Pipe implements Carrier {
  readonly kind = 'meeting'
  readonly remote: string
  readonly link: Link
  private readonly owner: PipeOwner
  /** Whether the meeting point still knows of it. */
  private isKnown = true
  private hasShut = false
  private channel: Channel | undefined
  private queue: Piece[] = []
  private next = 0
  private queued = 0
  private isDue = false
  private isFinishing = false
  private hasEnded = false
  private quiet = 0
  private watching: ReturnType<typeof setInterval> | undefined
  /** There once it is to end. */
  private stopWaiting: (() => void) | undefined
  /** Bytes that may be relayed before more were taken at the other end. */
  private window: number = window_bytes
  private relayed = 0
  /** What came, by which way, and what of it nobody has been told yet. */
  private heard = 0
  private owed = 0
  private after: number | undefined
  private early: Uint8Array[] = []
  private earlyBytes = 0
  private parts: Uint8Array[] = []
  private partBytes = 0
  private isOver = false

  constructor(remote: string, owner: PipeOwner) {
    this.remote = remote
    this.owner = owner
    this.link = new Link(this, TRANSPORT_LIMITS)
    void this.link.whenEnded().then(() => this.over())
  }

  get buffered(): number {
    return this.queued + (this.channel?.buffered ?? 0)
  }

  /** Whether what is sent goes to the other end directly. */
  get isDirect(): boolean {
    return this.channel !== undefined
  }

  carry(message: Uint8Array): void {
    const { length } = message
    let at = 0
    do {
      const end = Math.min(length, at + piece_bytes_max)
      this.queue.push({ isLast: end === length, bytes: message.subarray(at, end) })
      at = end
    } while (at < length)
    this.queued += length
    if (this.isDue) return
    this.isDue = true
    queueMicrotask(() => this.flush())
  }

  finish(): void {
    this.isFinishing = true
    this.stopWaiting = patience(TRANSPORT_LIMITS.closing_max, () => {
      this.link.ended('lost')
      this.cut()
    })
    this.flush()
  }

  cut(): void {
    this.queue = []
    this.shut('cut')
    this.channel?.close()
  }

  // --- from the meeting point

  onRelay(isLast: boolean, bytes: Uint8Array): void {
    this.heard++
    if (this.after !== undefined && this.heard > this.after) return this.link.stop('malformed')
    this.owed += bytes.length + piece_cost
    if (this.owed >= CREDIT_MIN) {
      this.owner.credit(this.owed)
      this.owed = 0
    }
    this.take(isLast, bytes)
    if (this.heard === this.after) this.takeEarly()
  }

  onCredit(bytes: number): void {
    this.window += bytes
    this.flush()
  }

  /** The meeting point knows of it no more: the other end has shut it, or one of the two is not there. */
  onShut(how: Shut): void {
    this.isKnown = false
    if (this.isOver) return
    if (this.isFinishing && !this.channel) return this.link.ended('closed')
    if (this.isLacking) return this.lose()
    // Who has moved goes on. What the other end sent directly, its end included, comes directly.
    if (this.channel && (how === 'gone' || this.after !== undefined)) return this.watch()
    this.link.ended(how === 'gone' || how === 'cut' ? 'lost' : 'closed')
    this.channel?.close()
  }

  // --- from a direct channel

  move(channel: Channel): void {
    if (this.isOver) return channel.close()
    this.channel = channel
    channel.send(w.reset().u8(AFTER).varint(this.relayed).take())
    channel.attach({ message: (bytes) => this.onDirect(bytes), closed: () => this.onClosed() })
    this.flush()
  }

  private onDirect(bytes: Uint8Array): void {
    if (this.isOver) return
    this.quiet = 0
    if (this.after === undefined) {
      r.over(bytes)
      const after = r.u8() === AFTER ? r.varint() : -1
      if (!r.ok || after < this.heard) return this.link.stop('malformed')
      this.after = after
      if (this.isLacking) this.lose()
      return
    }
    if (this.heard === this.after) return this.onPiece(bytes)
    this.early.push(bytes)
    this.earlyBytes += bytes.length + piece_cost
    if (this.earlyBytes > TRANSPORT_LIMITS.buffered_bytes_max) this.link.stop('overflow')
  }

  private takeEarly(): void {
    for (const bytes of this.early.splice(0)) this.onPiece(bytes)
  }

  private onPiece(bytes: Uint8Array): void {
    const [what] = bytes
    if (what === MORE || what === LAST) return this.take(what === LAST, bytes.subarray(1))
    if (what !== END) return this.link.stop('malformed')
    this.link.ended('closed')
    this.channel?.close()
  }

  private onClosed(): void {
    // Who has said that it ends is answered by an end.
    this.link.ended(this.hasEnded ? 'closed' : 'lost')
  }

  /**
   * The meeting point has lost one of the two. Peers say something once a second: who has not for a while has gone
   * from here as well. Looked at once a second, since a program that was stopped hears nothing meanwhile.
   */
  private watch(): void {
    this.watching ??= setInterval(() => {
      if (++this.quiet > QUIET_S_MAX) this.lose()
    }, 1_000)
  }

  /** Something was relayed that will not come any more. */
  private get isLacking(): boolean {
    return !this.isKnown && this.after !== undefined && this.heard < this.after
  }

  private lose(): void {
    this.link.ended('lost')
    this.channel?.close()
  }

  // --- both

  private take(isLast: boolean, bytes: Uint8Array): void {
    // Only the last piece of a message may be short: else one could be of so many that are empty.
    if (!isLast && bytes.length !== piece_bytes_max) return this.link.stop('malformed')
    this.partBytes += bytes.length
    if (this.partBytes > TRANSPORT_LIMITS.message_bytes_max) return this.link.stop('malformed')
    if (isLast && this.parts.length === 0) {
      this.partBytes = 0
      return this.link.arrived(bytes)
    }
    this.parts.push(bytes)
    if (isLast) this.link.arrived(this.joined())
  }

  private joined(): Uint8Array {
    const whole = new Uint8Array(this.partBytes)
    let at = 0
    for (const part of this.parts) {
      whole.set(part, at)
      at += part.length
    }
    this.parts = []
    this.partBytes = 0
    return whole
  }

  private flush(): void {
    this.isDue = false
    if (this.isOver) return
    const { queue, channel } = this
    for (let piece = queue[this.next]; piece !== undefined; piece = queue[this.next]) {
      const { isLast, bytes } = piece
      if (channel)
        channel.send(
          w
            .reset()
            .u8(isLast ? LAST : MORE)
            .raw(bytes)
            .take(),
        )
      else if (!this.isKnown || bytes.length + piece_cost > this.window) return this.compact()
      else {
        this.window -= bytes.length + piece_cost
        this.relayed++
        this.owner.relay(isLast, bytes)
      }
      this.next++
      this.queued -= bytes.length
    }
    this.queue = []
    this.next = 0
    if (!this.isFinishing || this.hasEnded) return
    this.hasEnded = true
    if (channel) channel.send(Uint8Array.of(END))
    else this.shut('closed')
  }

  /** What has left is not kept for what waits. */
  private compact(): void {
    this.queue.splice(0, this.next)
    this.next = 0
  }

  private shut(how: Shut): void {
    if (!this.isKnown || this.hasShut) return
    this.hasShut = true
    this.owner.shut(how)
  }

  private over(): void {
    if (this.isOver) return
    this.isOver = true
    this.stopWaiting?.()
    clearInterval(this.watching)
    this.queue = []
    this.early = []
    this.parts = []
    this.shut('closed')
    this.owner.over()
  }
}

const w = new Writer()
const r = new Reader()
