import type { Limits } from '../limits.ts'
import type { StampedEvent } from '../timeline/event.ts'
import type { Tick } from '../timeline/tick.ts'
import { encode, NO_LEASE } from './messages.ts'

/** The bytes of an event beside its payload, at most. */
const EVENT_FRAME_BYTES = 48

/** All that was stamped, for those who come later; given up, with a word, when it grows too long. */
export class Log {
  /** Whether nothing was given up. */
  whole = true
  private events: StampedEvent[] = []
  private bytes = 0
  private readonly limits: Limits

  constructor(limits: Limits) {
    this.limits = limits
  }

  get size(): number {
    return this.events.length
  }

  add(event: StampedEvent): void {
    if (!this.whole) return
    this.events.push(event)
    this.bytes += event.payload.length
    if (this.events.length <= this.limits.log_events_max && this.bytes <= this.limits.log_bytes_max) return
    this.whole = false
    this.events = []
    this.bytes = 0
  }

  /** The whole timeline so far, as messages for a newcomer. */
  replay(epoch: number): Uint8Array[] {
    return this.events.length === 0 ? [] : syncs(epoch, 0, NO_LEASE, this.events, this.limits)
  }
}

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
