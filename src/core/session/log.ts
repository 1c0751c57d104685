import type { Limits } from '../limits.ts'
import type { StampedEvent } from '../timeline/event.ts'
import type { Tick } from '../timeline/tick.ts'
import { encode, NO_LEASE } from './messages.ts'

/** The bytes of an event beside its payload, at most. */
const EVENT_FRAME_BYTES = 48

/**
 * All that was stamped, for those who come later, as the messages that they will be sent: some ten bytes an
 * event beside its payload. Given up when it grows too long; then nobody can come later any more.
 */
export class Log {
  /** Whether nothing was given up. */
  whole = true
  private count = 0
  private bytes = 0
  private messages: Uint8Array[] = []
  /** The last ones, too few for a message. */
  private tail: StampedEvent[] = []
  private tailBytes = 0
  private readonly epoch: number
  private readonly limits: Limits

  constructor(epoch: number, limits: Limits) {
    this.epoch = epoch
    this.limits = limits
  }

  get size(): number {
    return this.count
  }

  /** Bytes of payload among all that is kept. */
  get payloadBytes(): number {
    return this.bytes
  }

  add(event: StampedEvent): void {
    if (!this.whole) return
    this.count++
    this.bytes += event.payload.length
    this.tail.push(event)
    this.tailBytes += event.payload.length + EVENT_FRAME_BYTES
    if (this.count > this.limits.log_events_max || this.bytes > this.limits.log_bytes_max) this.giveUp()
    else if (this.tail.length >= this.limits.sync_events_max || this.tailBytes >= PACKED_BYTES) this.pack()
  }

  /** The whole timeline so far, as messages for a newcomer. */
  replay(): readonly Uint8Array[] {
    if (this.tail.length > 0) this.pack()
    return this.messages
  }

  private pack(): void {
    // In memory of its own: a view would hold on to the whole block that it lies in.
    for (const bytes of syncs(this.epoch, 0, NO_LEASE, this.tail, this.limits))
      this.messages.push(bytes.slice())
    this.tail = []
    this.tailBytes = 0
  }

  private giveUp(): void {
    this.whole = false
    this.count = 0
    this.bytes = 0
    this.messages = []
    this.tail = []
  }
}

/** Events are packed at this size at the latest. */
const PACKED_BYTES = 16_384

/**
 * Events as messages, none longer than a message may be. The last one ends the round and carries the lease:
 * until it comes, the deadline is armed, so that none of the events can be run too early.
 */
export const syncs = (
  epoch: number,
  round: number,
  lease: Tick,
  events: readonly StampedEvent[],
  limits: Limits,
): Uint8Array[] => {
  const messages: Uint8Array[] = []
  let from = 0
  let bytes = 0
  for (let i = 0; i < events.length; i++) {
    const more = (events[i] as StampedEvent).payload.length + EVENT_FRAME_BYTES
    if (i > from && (bytes + more > limits.payload_bytes_max || i - from >= limits.sync_events_max)) {
      messages.push(encode.sync(epoch, 0, NO_LEASE, events.slice(from, i)))
      from = i
      bytes = 0
    }
    bytes += more
  }
  messages.push(encode.sync(epoch, round, lease, from === 0 ? events : events.slice(from)))
  return messages
}
