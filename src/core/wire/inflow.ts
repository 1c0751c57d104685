import { Outbox } from '../machine.ts'
import { EMPTY } from './bytes.ts'
import { nearest16, u16At, WINDOW_PIECES } from './datagram.ts'
import type { ChannelLimits } from './limits.ts'

/** What became of a piece. `wrong` is what no sound sender does. */
export type Taken = 'new' | 'known' | 'wrong'

/** A slice of a datagram that came before its turn. */
interface Held {
  readonly bytes: Uint8Array
  readonly at: number
  readonly length: number
}

/**
 * The receiving half: pieces in whatever order they come, messages in the order in which they were sent. What
 * comes before its turn is held, at most a window of it, and what came before is dropped.
 */
export class Inflow {
  private readonly limits: ChannelLimits
  /** Every piece before this one has arrived. */
  wanted: number
  /** One more than the highest that has arrived. */
  private end: number
  private held: (Held | undefined)[] = []
  private mask = -1

  /** The message whose pieces are arriving, and how much of it has. */
  private message = EMPTY
  private filled = 0

  private readonly done = new Outbox<Uint8Array>()

  constructor(first: number, limits: ChannelLimits) {
    this.limits = limits
    this.wanted = first
    this.end = first
  }

  /** Something is missing before what has arrived. */
  get hasGap(): boolean {
    return this.end > this.wanted
  }

  messages(): readonly Uint8Array[] {
    return this.done.take()
  }

  /**
   * Takes the pieces that lie from `from` up to `end`: the number of the first in 16 bits, then each behind its
   * length. A length of zero means that as many numbers are left out as the next one says.
   */
  takeAll(bytes: Uint8Array, from: number, end: number): Taken {
    if (end - from < 3) return 'wrong'
    let number = nearest16(u16At(bytes, from), this.wanted)
    let at = from + 2
    let all: Taken = 'known'
    while (at < end) {
      let length = bytes[at++]
      const isGap = length === 0
      if (isGap && at < end) length = bytes[at++]
      if (length >= 0x80) {
        if (at >= end || bytes[at] === 0 || bytes[at] >= 0x80) return 'wrong'
        length = (length & 0x7f) | (bytes[at++] << 7)
      }
      if (length === 0 || at >= end) return 'wrong'
      if (isGap) {
        number += length
        continue
      }
      if (length > end - at) return 'wrong'
      const taken = this.take(number++, bytes, at, length)
      if (taken === 'wrong') return 'wrong'
      if (taken === 'new') all = 'new'
      at += length
    }
    return all
  }

  private take(number: number, bytes: Uint8Array, at: number, length: number): Taken {
    if (number < this.wanted) return 'known'
    if (number >= this.wanted + WINDOW_PIECES) return 'wrong'
    if (number > this.wanted) return this.hold(number, bytes, at, length)
    if (!this.read(bytes, at, length)) return 'wrong'
    this.wanted++
    if (this.end < this.wanted) this.end = this.wanted
    else if (this.end > this.wanted && !this.readHeld()) return 'wrong'
    return 'new'
  }

  private hold(number: number, bytes: Uint8Array, at: number, length: number): Taken {
    while (number - this.wanted > this.mask) this.widen()
    const slot = number & this.mask
    if (this.held[slot] !== undefined) return 'known'
    this.held[slot] = { bytes, at, length }
    if (number >= this.end) this.end = number + 1
    return 'new'
  }

  private widen(): void {
    const wider: (Held | undefined)[] = new Array(Math.max(this.held.length * 2, 16)).fill(undefined)
    const mask = wider.length - 1
    for (let p = this.wanted + 1; p < this.end; p++) wider[p & mask] = this.held[p & this.mask]
    this.held = wider
    this.mask = mask
  }

  private readHeld(): boolean {
    for (;;) {
      const slot = this.wanted & this.mask
      const next = this.wanted < this.end ? this.held[slot] : undefined
      if (next === undefined) return true
      this.held[slot] = undefined
      if (!this.read(next.bytes, next.at, next.length)) return false
      this.wanted++
    }
  }

  /** Reads a piece in its turn: messages behind their lengths, the first and the last perhaps in part. */
  private read(bytes: Uint8Array, from: number, length: number): boolean {
    const end = from + length
    let at = from
    if (this.message !== EMPTY) at = this.append(bytes, at, end)
    while (at < end) {
      let size = bytes[at++]
      if (size >= 0x80) {
        if (at >= end) return false
        size = (size & 0x7f) | (bytes[at] << 7)
        if (bytes[at++] >= 0x80) {
          if (at >= end || bytes[at] >= 0x80) return false
          size = (size & 0x3fff) | (bytes[at++] << 14)
        }
        // One length has one form: a last byte of zero would be a second one.
        if (bytes[at - 1] === 0) return false
      }
      if (size > this.limits.message_bytes_max) return false
      if (size <= end - at) {
        this.done.push(size === 0 ? EMPTY : new Uint8Array(bytes.buffer, bytes.byteOffset + at, size))
        at += size
      } else {
        this.message = new Uint8Array(size)
        this.filled = 0
        at = this.append(bytes, at, end)
      }
    }
    return true
  }

  /** Adds to the message whose pieces are arriving; gives where its part ends. */
  private append(bytes: Uint8Array, at: number, end: number): number {
    const part = Math.min(this.message.length - this.filled, end - at)
    this.message.set(bytes.subarray(at, at + part), this.filled)
    this.filled += part
    if (this.filled === this.message.length) {
      this.done.push(this.message)
      this.message = EMPTY
    }
    return at + part
  }

  /** Bytes that it takes to say which pieces behind the wanted one have arrived. */
  get bitsBytes(): number {
    return this.hasGap ? (this.end - this.wanted + 6) >> 3 : 0
  }

  /** Writes `count` bytes of bits: the first is the piece behind the wanted one. */
  putBits(into: Uint8Array, at: number, count: number): void {
    for (let i = 0; i < count; i++) {
      let bits = 0
      for (let bit = 0; bit < 8; bit++) {
        const number = this.wanted + 1 + 8 * i + bit
        if (number < this.end && this.held[number & this.mask] !== undefined) bits |= 1 << bit
      }
      into[at + i] = bits
    }
  }
}
