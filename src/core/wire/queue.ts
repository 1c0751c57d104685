import { must } from '../errors.ts'
import { EMPTY } from './bytes.ts'
import type { ChannelLimits } from './limits.ts'

/** The bytes of a length, or of a gap between numbers: 7 bits in each, the low ones first. */
export const lengthBytes = (length: number): number => (length < 0x80 ? 1 : length < 0x4000 ? 2 : 3)

/** Writes a length; gives where it ends. */
export const putLength = (into: Uint8Array, at: number, length: number): number => {
  let end = at
  let rest = length
  while (rest >= 0x80) {
    into[end++] = rest | 0x80
    rest >>>= 7
  }
  into[end++] = rest
  return end
}

/** Apart, since a closure in `push` would be made for every message. */
const tooLong = (length: number): void => must(false, 'P8', () => `a message of ${length} bytes`)

/** How many heads of the queue that have left are kept before the array is cut. */
const SLACK = 1_024

/** Messages that wait to leave for the first time: a stream of bytes, each message behind its length. */
export class MessageQueue {
  private readonly limits: ChannelLimits
  private messages: Uint8Array[] = []
  private head = 0
  /** Bytes of the first message that have left; -1 while its length has not either. */
  private begun = -1
  /** What waits, lengths included. */
  bytes = 0

  constructor(limits: ChannelLimits) {
    this.limits = limits
  }

  /** Takes a message; false when more waits than may. */
  push(message: Uint8Array): boolean {
    const { length } = message
    if (length > this.limits.message_bytes_max) tooLong(length)
    if (this.head > SLACK && this.head * 2 > this.messages.length) {
      this.messages.splice(0, this.head)
      this.head = 0
    }
    this.messages.push(message)
    this.bytes += lengthBytes(length) + length
    const { queue_bytes_max, queue_messages_max } = this.limits
    return this.bytes <= queue_bytes_max && this.messages.length - this.head <= queue_messages_max
  }

  /** Moves as much as there is room for, up to `end`; gives where it ends. A length is never parted. */
  cut(into: Uint8Array, from: number, end: number): number {
    const { messages } = this
    let at = from
    while (this.head < messages.length) {
      const message = messages[this.head]
      const { length } = message
      if (this.begun < 0) {
        if (at + lengthBytes(length) + Math.min(length, 1) > end) break
        at = putLength(into, at, length)
        this.begun = 0
      }
      const take = Math.min(length - this.begun, end - at)
      if (take < 32) for (let i = 0; i < take; i++) into[at + i] = message[this.begun + i]
      else into.set(take === length ? message : message.subarray(this.begun, this.begun + take), at)
      at += take
      this.begun += take
      if (this.begun < length) break
      this.begun = -1
      messages[this.head++] = EMPTY
    }
    if (this.head === messages.length) {
      // To shorten an array to nothing gives its memory back, which the next message needs again.
      if (this.head === 1) messages.pop()
      else messages.length = 0
      this.head = 0
    }
    this.bytes -= at - from
    return at
  }
}
