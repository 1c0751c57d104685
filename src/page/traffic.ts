import { decode, type Sync } from '../core/session/messages.ts'
import type { SideName } from './agreement.ts'
import type { Watcher } from './door.ts'
import type { Place } from './place.ts'

/** A message between an instance and the sequencer, as it was really sent and really came. */
export interface Flight {
  readonly side: SideName
  readonly way: 'up' | 'down'
  /** An event, a message of a round, or a grant. */
  readonly what: 'event' | 'round' | 'grant'
  /** When it left, in real milliseconds. */
  readonly left: number
  /** How long it takes as a rule. */
  readonly usual_ms: number
  /** When it came, once it has. */
  came: number | undefined
  /** Of an event: its id, its source, and the number among those of its source. */
  readonly id: number
  readonly source: number
  readonly number: number
  /** Its place among those that fly together. */
  readonly place: number
}

/** More are not looked at: the rest flies unseen. */
const FLIGHTS_MAX = 200
/** What has not come by then is forgotten. */
const LOST_MS = 20_000

/**
 * All messages that are on their way. Those of an event stay after they came: at the sequencer until it has been
 * stamped, at an instance until it has happened.
 */
export class Traffic {
  flights: Flight[] = []
  private readonly byBytes = new WeakMap<Uint8Array, Flight[]>()

  /** The two ends of the network of one side, to be watched. `id`: as which its instance is known. */
  watch(side: SideName, place: Place, id: () => number): { instance: Watcher; sequencer: Watcher } {
    const leave = (bytes: Uint8Array, way: 'up' | 'down') => {
      const left = performance.now()
      const flights = whatIs(bytes, id()).map((what, index) => ({
        ...what,
        place: index,
        side,
        way,
        left,
        usual_ms: place.usual_ms,
        came: undefined,
      }))
      if (flights.length === 0) return
      if (way === 'down') for (const flight of flights) this.stamped(flight)
      if (this.flights.length > FLIGHTS_MAX) return
      this.byBytes.set(bytes, flights)
      this.flights.push(...flights)
    }
    const come = (bytes: Uint8Array) => {
      for (const flight of this.byBytes.get(bytes) ?? []) {
        flight.came = performance.now()
        if (flight.what !== 'event') this.remove(flight)
      }
    }
    return {
      instance: { sent: (bytes) => leave(bytes, 'up'), arrived: come },
      sequencer: { sent: come, arrived: (bytes) => leave(bytes, 'down') },
    }
  }

  /** An event has happened at an instance. */
  happened(side: SideName, source: number, number: number): void {
    this.flights = this.flights.filter(
      (f) => !(f.way === 'down' && f.side === side && f.source === source && f.number === number),
    )
  }

  /** Forgets what has been on its way for too long. */
  sweep(): void {
    const oldest = performance.now() - LOST_MS
    if (this.flights.some((flight) => flight.left < oldest))
      this.flights = this.flights.filter((flight) => flight.left >= oldest)
  }

  /** An event that has its tick no longer waits at the sequencer. */
  private stamped({ what, source, number }: Flight): void {
    if (what !== 'event') return
    this.flights = this.flights.filter(
      (f) => !(f.way === 'up' && f.what === 'event' && f.source === source && f.number === number),
    )
  }

  private remove(flight: Flight): void {
    const at = this.flights.indexOf(flight)
    if (at >= 0) this.flights.splice(at, 1)
  }
}

type What = Pick<Flight, 'what' | 'id' | 'source' | 'number'>

const ROUND: What = { what: 'round', id: 0, source: 0, number: 0 }
const GRANT: What = { what: 'grant', id: 0, source: 0, number: 0 }

/** What a message is to the eye: nothing, one thing, or several events. */
const whatIs = (bytes: Uint8Array, own: number): readonly What[] => {
  const message = decode(bytes)
  if (typeof message === 'string') return []
  switch (message.kind) {
    case 'emit':
      return [{ what: 'event', id: message.id, source: own, number: message.number }]
    case 'sync':
      return eventsOf(message)
    case 'propose':
    case 'ack':
      return [ROUND]
    case 'grant':
      return [GRANT]
    default:
      return []
  }
}

/** Members that come and go are in the timeline as well, and fly unseen. */
const eventsOf = ({ events }: Sync): What[] =>
  events
    .filter(({ id }) => id > 0)
    .map(({ id, source, number }) => ({ what: 'event', id, source, number }) as const)
