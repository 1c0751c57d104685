import type { Micros } from '../timeline/tick.ts'
import { EMPTY } from './bytes.ts'
import { WINDOW_PIECES } from './datagram.ts'

/** A slice of the stream of messages. It is numbered, and sent again until it is known to have arrived. */
export interface Piece {
  /** The memory of the datagram in which it first left. */
  bytes: Uint8Array
  at: number
  length: number
  state: 'away' | 'lost' | 'arrived'
  /** Whether it has ever been taken for lost. */
  wasLost: boolean
  /** How often it went along in a later datagram unasked. */
  repeats: number
  /** The datagrams in which it left first and last, and when these left. */
  first: number
  firstAt: Micros
  last: number
  leftAt: Micros
}

const newPiece = (): Piece => ({
  bytes: EMPTY,
  at: 0,
  length: 0,
  state: 'arrived',
  wasLost: false,
  repeats: 0,
  first: 0,
  firstAt: 0,
  last: 0,
  leftAt: 0,
})

/** What one acknowledgement said for the first time. */
export interface News {
  bytes: number
  pieces: number
  lost: number
  /** Taken for lost before, and only late. */
  late: number
  /** Of the pieces that came with a datagram known to have arrived: the last such datagram, and when it left. */
  datagram: number
  leftAt: Micros
}

/** Pieces on their way: a ring that grows with what is on its way, up to the window. */
export class Pieces {
  private ring: Piece[] = []
  private mask = -1
  /** The oldest piece that has not arrived, and the number of the next new one. */
  oldest: number
  next: number
  awayBytes = 0
  lostCount = 0

  private readonly news: News = { bytes: 0, pieces: 0, lost: 0, late: 0, datagram: -1, leftAt: 0 }

  constructor(first: number) {
    this.oldest = first
    this.next = first
  }

  get isEmpty(): boolean {
    return this.oldest === this.next
  }

  get isFull(): boolean {
    return this.next - this.oldest >= WINDOW_PIECES
  }

  at(number: number): Piece {
    return this.ring[number & this.mask]
  }

  /** A new piece, with the next number, on its way. */
  add(bytes: Uint8Array, at: number, length: number, datagram: number, now: Micros): void {
    if (this.next - this.oldest > this.mask) this.widen()
    const piece = this.at(this.next++)
    piece.bytes = bytes
    piece.at = at
    piece.length = length
    piece.state = 'away'
    piece.wasLost = false
    piece.repeats = 0
    piece.first = datagram
    piece.firstAt = now
    piece.last = datagram
    piece.leftAt = now
    this.awayBytes += length
  }

  /** A piece has left once more. */
  again(piece: Piece, datagram: number, now: Micros): void {
    piece.last = datagram
    piece.leftAt = now
    if (piece.state !== 'lost') return
    piece.state = 'away'
    this.lostCount--
    this.awayBytes += piece.length
  }

  private widen(): void {
    const wider = Array.from({ length: Math.max(this.ring.length * 2, 8) }, newPiece)
    const mask = wider.length - 1
    for (let p = this.oldest; p < this.next; p++) wider[p & mask] = this.at(p)
    this.ring = wider
    this.mask = mask
  }

  /**
   * All pieces before `wanted` have arrived, and of those behind it the ones whose bits are set in `count` bytes
   * from `at` on. `newest` is the newest datagram that has arrived; bits were left out for pieces above `reach`.
   * A piece is lost that left `apart` datagrams before the newest, or by `reordering` earlier. Undefined when it speaks of what was never sent.
   */
  acknowledge(
    wanted: number,
    bytes: Uint8Array,
    at: number,
    count: number,
    newest: number,
    reach: number,
    apart: number,
    reordering: Micros,
  ): Readonly<News> | undefined {
    if (wanted > this.next) return undefined
    const { news } = this
    news.bytes = 0
    news.pieces = 0
    news.late = 0
    news.datagram = -1
    news.leftAt = Number.NEGATIVE_INFINITY
    for (; this.oldest < wanted; this.oldest++) {
      const piece = this.at(this.oldest)
      this.arrived(piece, newest)
      piece.bytes = EMPTY
    }
    for (let i = 0; i < count; i++) {
      const bits = bytes[at + i]
      for (let bit = 0; bits >> bit !== 0; bit++) {
        if (((bits >> bit) & 1) === 0) continue
        const number = wanted + 1 + 8 * i + bit
        if (number >= this.next) return undefined
        this.arrived(this.at(number), newest)
      }
    }
    news.lost = this.findLost(newest, newest - apart, news.leftAt - reordering, reach)
    return news
  }

  private arrived(piece: Piece, newest: number): void {
    if (piece.state === 'arrived') return
    if (piece.state === 'away') this.awayBytes -= piece.length
    else this.lostCount--
    if (piece.wasLost && (piece.state === 'lost' || piece.last > newest)) this.news.late++
    piece.state = 'arrived'
    const { news } = this
    news.bytes += piece.length
    news.pieces++
    // Which of its datagrams brought it is not known, but that the newest has arrived is.
    const isLast = piece.last <= newest
    const datagram = isLast ? piece.last : piece.first
    if (datagram > newest || datagram <= news.datagram) return
    news.datagram = datagram
    news.leftAt = isLast ? piece.leftAt : piece.firstAt
  }

  /** Pieces up to `reach` that left well before one that has arrived, and have not. */
  private findLost(newest: number, upTo: number, before: Micros, reach: number): number {
    let found = 0
    for (let p = this.oldest; p < this.next && p <= reach; p++) {
      const piece = this.at(p)
      if (piece.first >= newest) break
      if (piece.state !== 'away' || piece.last >= newest) continue
      if (piece.last > upTo && piece.leftAt > before) continue
      piece.state = 'lost'
      piece.wasLost = true
      this.lostCount++
      this.awayBytes -= piece.length
      found++
    }
    return found
  }
}
