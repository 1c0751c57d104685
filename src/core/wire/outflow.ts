import { type Micros, NEVER } from '../timeline/tick.ts'
import { EMPTY } from './bytes.ts'
import { BITS_MORE, from16, PIECE_BYTES_MAX, putU16, u16At, upTo16 } from './datagram.ts'
import type { ChannelLimits } from './limits.ts'
import type { Path } from './path.ts'
import { type Piece, Pieces } from './pieces.ts'
import { lengthBytes, MessageQueue, putLength } from './queue.ts'

/** How many of the newest pieces are looked at for going along again. */
const LOOK_BACK = 32
/** A new piece is not begun in less room than this, unless it takes all that waits. */
const ROOM_MIN = 256
/** A gap before a piece's number, and its length, are at most this long together. */
const PIECE_HEAD_BYTES = 5

/**
 * The sending half. A datagram gets first what is lost, then as much as fits of what waits, and in the room that
 * is left the newest pieces once more.
 */
export class Outflow {
  private readonly limits: ChannelLimits
  private readonly path: Path
  private readonly queue: MessageQueue
  private readonly pieces: Pieces

  /** When a datagram with pieces left last, and before that. */
  private leftAt: Micros
  private leftBeforeAt: Micros
  /** Probes since an acknowledgement brought news. */
  private probes = 0

  // The datagram that is being filled, and the number of the piece put last.
  private into: Uint8Array = EMPTY
  private at = 0
  private end = 0
  private previous = -1
  private datagram = 0
  private now: Micros = 0

  constructor(now: Micros, first: number, path: Path, limits: ChannelLimits) {
    this.limits = limits
    this.path = path
    this.queue = new MessageQueue(limits)
    this.pieces = new Pieces(first)
    this.leftAt = now
    this.leftBeforeAt = now
  }

  /** Takes a message to send; false when more waits than may. */
  push(message: Uint8Array): boolean {
    return this.queue.push(message)
  }

  /** Everything that was pushed has arrived. */
  get isDone(): boolean {
    return this.queue.bytes === 0 && this.pieces.isEmpty
  }

  /** There is something to send, be it lost or new. */
  get hasMore(): boolean {
    return this.pieces.lostCount > 0 || (this.queue.bytes > 0 && !this.pieces.isFull)
  }

  /** The window lets it through. */
  get hasRoom(): boolean {
    return this.fits(
      this.pieces.lostCount > 0 ? PIECE_BYTES_MAX : Math.min(this.queue.bytes, PIECE_BYTES_MAX),
    )
  }

  private fits(bytes: number): boolean {
    return this.pieces.awayBytes === 0 || this.pieces.awayBytes + bytes <= this.path.window
  }

  /** When to send the oldest pieces again, if nothing is heard of them. */
  get probeAt(): Micros {
    if (this.pieces.isEmpty) return NEVER
    const { ack_delay, ack_gap, probe_max } = this.limits
    // The other end answers after `ack_delay`, or `ack_gap` after its last answer: this is the latest moment.
    const held = Math.min(Math.max(2 * ack_gap - (this.leftAt - this.leftBeforeAt), ack_delay), ack_gap)
    const pause = this.path.patience + held
    const longest = Math.max(pause, probe_max)
    return Math.ceil(this.leftAt + Math.min(pause * (1 << Math.min(this.probes, 16)), longest))
  }

  /** Fills a datagram from `at` up to `end`; gives where its pieces end, which is `at` if there are none. */
  fill(now: Micros, datagram: number, into: Uint8Array, at: number, end: number): number {
    this.begin(now, datagram, into, at, end)
    if (this.pieces.lostCount > 0) this.putLost()
    const fresh = this.pieces.isFull ? 0 : Math.min(this.queue.bytes, PIECE_BYTES_MAX)
    if (fresh > 0 && this.fits(fresh)) {
      this.putRepeats(end - fresh - PIECE_HEAD_BYTES)
      this.putFresh()
    } else this.putRepeats(end)
    return this.finish(at)
  }

  /** Fills a datagram with the oldest pieces that have not arrived, because nothing was heard of them. */
  fillProbe(now: Micros, datagram: number, into: Uint8Array, at: number, end: number): number {
    this.begin(now, datagram, into, at, end)
    for (let p = this.pieces.oldest; p < this.pieces.next; p++) {
      const piece = this.pieces.at(p)
      if (piece.state !== 'arrived' && !this.put(p, piece, end)) break
    }
    this.probes++
    if (this.probes === 2) this.path.collapse()
    return this.finish(at)
  }

  private begin(now: Micros, datagram: number, into: Uint8Array, at: number, end: number): void {
    this.now = now
    this.datagram = datagram
    this.into = into
    this.at = at
    this.end = end
    this.previous = -1
  }

  private finish(from: number): number {
    this.into = EMPTY
    if (this.at === from) return from
    if (this.now > this.leftAt) this.leftBeforeAt = this.leftAt
    this.leftAt = this.now
    return this.at
  }

  private putLost(): void {
    const { pieces } = this
    for (let p = pieces.oldest; pieces.lostCount > 0 && p < pieces.next; p++) {
      const piece = pieces.at(p)
      if (piece.state !== 'lost') continue
      if (!this.fits(piece.length) || !this.put(p, piece, this.end)) return
    }
  }

  /**
   * The newest pieces once more, as far as they fit before `end`: while messages flow, a lost datagram then costs
   * no round trip. Chosen newest first, put in the order of their numbers.
   */
  private putRepeats(end: number): void {
    const { pieces } = this
    const before = this.now - this.limits.repeat_age
    const from = Math.max(pieces.next - LOOK_BACK, pieces.oldest, this.previous + 1)
    if (from >= pieces.next || pieces.at(from).leftAt > before) return
    let room = end - this.at
    let first = pieces.next
    for (let p = pieces.next - 1; p >= from; p--) {
      const piece = pieces.at(p)
      if (!this.mayRepeat(piece, before)) continue
      room -= piece.length + PIECE_HEAD_BYTES
      if (room < 0) break
      first = p
    }
    for (let p = first; p < pieces.next; p++) {
      const piece = pieces.at(p)
      if (this.mayRepeat(piece, before) && this.put(p, piece, end)) piece.repeats++
    }
  }

  private mayRepeat(piece: Piece, before: Micros): boolean {
    return piece.state === 'away' && piece.repeats < this.limits.repeats_max && piece.leftAt <= before
  }

  /** Puts a piece that has left before; false when it does not fit before `end`. */
  private put(p: number, piece: Piece, end: number): boolean {
    const { length } = piece
    const gap = this.previous < 0 ? 0 : p - this.previous - 1
    const lead = this.previous < 0 ? 2 : gap === 0 ? 0 : 1 + lengthBytes(gap)
    if (this.at + lead + lengthBytes(length) + length > end) return false
    this.putNumber(p)
    const { into } = this
    const at = putLength(into, this.at, length)
    if (length < 48) for (let i = 0; i < length; i++) into[at + i] = piece.bytes[piece.at + i]
    else into.set(piece.bytes.subarray(piece.at, piece.at + length), at)
    this.at = at + length
    this.pieces.again(piece, this.datagram, this.now)
    return true
  }

  /** Cuts a new piece from what waits, into the room that is left. */
  private putFresh(): void {
    const { queue, into } = this
    const head = this.previous < 0 ? 4 : PIECE_HEAD_BYTES
    const room = Math.min(this.end - this.at - head, PIECE_BYTES_MAX)
    if (queue.bytes > room && room < ROOM_MIN) return
    this.putNumber(this.pieces.next)
    // Either all that waits is taken, or the piece is so long that its length surely has two bytes.
    const from = this.at + lengthBytes(Math.min(queue.bytes, room))
    const end = queue.cut(into, from, from + room)
    putLength(into, this.at, end - from)
    this.pieces.add(into, from, end - from, this.datagram, this.now)
    this.at = end
  }

  /** The number of the first piece; behind it only how many numbers are left out, if any. */
  private putNumber(p: number): void {
    if (this.previous < 0) {
      putU16(this.into, this.at, p)
      this.at += 2
    } else if (p > this.previous + 1) {
      this.into[this.at] = 0
      this.at = putLength(this.into, this.at + 1, p - this.previous - 1)
    }
    this.previous = p
  }

  /**
   * Reads an acknowledgement that lies at `at`: the next piece wanted (16 bits), the newest datagram that has
   * arrived (16 bits), the time since (16 bits, read by the caller), a count and as many bytes of bits. `next` is
   * the number of the next datagram to leave. False when it speaks of what was never sent.
   */
  acknowledge(now: Micros, bytes: Uint8Array, at: number, held: Micros | undefined, next: number): boolean {
    const { pieces, path } = this
    const wanted = from16(u16At(bytes, at), pieces.oldest)
    const newest = upTo16(u16At(bytes, at + 2), next - 1)
    const count = bytes[at + 6] & ~BITS_MORE
    const reach = bytes[at + 6] & BITS_MORE ? wanted + 8 * count : pieces.next
    const { apart, reordering } = path
    const news = pieces.acknowledge(wanted, bytes, at + 7, count, newest, reach, apart, reordering)
    if (news === undefined) return false
    if (news.pieces > 0) this.probes = 0
    if (held !== undefined && news.datagram === newest) path.sample(now - news.leftAt - held)
    path.learn(news, newest, next)
    return true
  }
}
