import { EMPTY } from '../wire/bytes.ts'
import type { Input, StampedEvent } from './event.ts'
import { BEFORE_FIRST, type Tick } from './tick.ts'

/**
 * The inputs of one instance in their order: the events of a tick by sequence, then the tick. It holds what is
 * known and not yet run, and how far it was run.
 */
export class Timeline {
  /** The last tick that was closed. */
  local: Tick = BEFORE_FIRST
  /** Events to come, by (stamp, seq). The first `head` of them have been run. */
  private events: StampedEvent[] = []
  private head = 0
  private readonly tick: { -readonly [K in keyof Input]: Input[K] } = {
    tick: 0,
    id: 0,
    source: 0,
    number: 0,
    seq: 0,
    payload: EMPTY,
  }

  get pending(): number {
    return this.events.length - this.head
  }

  /** Whether the next input of the next tick is an event. */
  get eventIsNext(): boolean {
    return this.head < this.events.length && (this.events[this.head] as StampedEvent).stamp <= this.local + 1
  }

  /** Put an event where it belongs; false if its tick was closed before it came. */
  add(event: StampedEvent): boolean {
    if (event.stamp <= this.local) return false
    const events = this.events
    let at = events.length
    while (at > this.head && after(events[at - 1] as StampedEvent, event)) at--
    if (at === events.length) events.push(event)
    else events.splice(at, 0, event)
    return true
  }

  /** The next input: an event of the tick after `local`, or that tick itself, which closes it. */
  next(): Input {
    const input = this.tick
    const tick = this.local + 1
    input.tick = tick
    if (this.eventIsNext) {
      const event = this.events[this.head++] as StampedEvent
      if (this.head > 64 && this.head * 2 > this.events.length) {
        this.events = this.events.slice(this.head)
        this.head = 0
      }
      input.id = event.id
      input.source = event.source
      input.number = event.number
      input.seq = event.seq
      input.payload = event.payload
      return input
    }
    this.local = tick
    input.id = 0
    input.source = 0
    input.number = 0
    input.seq = 0
    input.payload = EMPTY
    return input
  }
}

const after = (a: StampedEvent, b: StampedEvent): boolean =>
  a.stamp > b.stamp || (a.stamp === b.stamp && a.seq > b.seq)
