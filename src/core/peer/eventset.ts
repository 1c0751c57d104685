import { type Input, TICK } from '../timeline/event.ts'
import type { InstanceId, Tick } from '../timeline/tick.ts'
import { EMPTY } from '../wire/bytes.ts'
import type { PeerEvent } from './messages.ts'
import { Shelf } from './shelf.ts'

/** Whether `a` comes before `b`: by tick, then by source, then by number. The same order everywhere. */
const precedes = (a: PeerEvent, b: PeerEvent): boolean => {
  if (a.stamp !== b.stamp) return a.stamp < b.stamp
  if (a.source !== b.source) return a.source < b.source
  return a.number < b.number
}

/** The full ordered set of events, and a place in it from which they are read. */
export class EventSet {
  private readonly events: PeerEvent[] = []
  private readonly shelf = new Shelf()
  /** The next to be read. */
  private head = 0

  get size(): number {
    return this.events.length
  }

  get all(): readonly PeerEvent[] {
    return this.events
  }

  /** Put an event where it belongs. It is not there yet. */
  add(event: PeerEvent): void {
    const { events } = this
    let at = events.length
    if (at > 0 && !precedes(events[at - 1] as PeerEvent, event)) at = this.placeOf(event)
    const held = this.shelf.put(event)
    if (at === events.length) events.push(held)
    else events.splice(at, 0, held)
    // What was read stays read, and what comes before it was not.
    if (at < this.head) this.head++
  }

  /** The event at the same place, if there is one. */
  find(event: PeerEvent): PeerEvent | undefined {
    const there = this.events[this.placeOf(event)]
    if (there?.stamp !== event.stamp || there.source !== event.source) return undefined
    return there.number === event.number ? there : undefined
  }

  /** Take out what stands at this tick or before it. */
  foldTo(tick: Tick): PeerEvent[] {
    const folded = this.events.splice(0, this.firstFrom(tick + 1))
    this.head = Math.max(0, this.head - folded.length)
    return folded
  }

  /** Read on from the first event of a tick. */
  seek(tick: Tick): void {
    this.head = this.firstFrom(tick)
  }

  /** The next event of a tick; undefined when all of them are read. */
  next(tick: Tick): PeerEvent | undefined {
    const event = this.events[this.head]
    if (event === undefined || event.stamp > tick) return undefined
    this.head++
    return event
  }

  /** Whether there is another one to be read in this tick. */
  has(tick: Tick): boolean {
    const event = this.events[this.head]
    return event !== undefined && event.stamp <= tick
  }

  private firstFrom(tick: Tick): number {
    return this.search((event) => event.stamp < tick)
  }

  private placeOf(event: PeerEvent): number {
    return this.search((other) => precedes(other, event))
  }

  /** The first place of which this does not hold; it holds of all before that. */
  private search(holds: (event: PeerEvent) => boolean): number {
    let low = 0
    let high = this.events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (holds(this.events[middle] as PeerEvent)) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** An input that is filled anew for whoever reads them one by one. */
export const blankInput = (): { -readonly [K in keyof Input]: Input[K] } => ({
  tick: 0,
  id: TICK,
  source: 0,
  number: 0,
  seq: 0,
  payload: EMPTY,
})

type Filled = ReturnType<typeof blankInput>

export const filled = (
  input: Filled,
  id: number,
  source: InstanceId,
  number: number,
  payload: Uint8Array,
): Filled => {
  input.id = id
  input.source = source
  input.number = number
  input.payload = payload
  return input
}
