import { must, type RefusalCode } from '../errors.ts'
import type { Tick } from '../timeline/tick.ts'
import type { Desk } from './desk.ts'
import { EventSet } from './eventset.ts'
import { encode, type Have, inMessages, type PeerEvent } from './messages.ts'
import type { Neighbour } from './neighbour.ts'
import { Seen } from './seen.ts'

/** Whoever is told of events that are new here. */
export type Told = (event: PeerEvent, isFlooded: boolean) => void

/**
 * Brings every event to everybody, once over each link and never back to where it came from (Q5). A link that
 * comes up is first told what is here, and brings what was missed; from then on what is new goes over it.
 */
export class Flood {
  seen = new Seen()
  events = new EventSet()
  /** Whether anybody was ever told of what is here. */
  hasFed = false
  private readonly desk: Desk
  private readonly told: Told
  private readonly farthest: (from: Neighbour) => Tick

  /** `farthest`: the last tick for which an event from there is believed. */
  constructor(desk: Desk, told: Told, farthest: (from: Neighbour) => Tick) {
    this.desk = desk
    this.told = told
    this.farthest = farthest
  }

  get isFull(): boolean {
    return this.events.size >= this.desk.limits.held_events_max
  }

  /** A link is up: say what is here. */
  greet(to: Neighbour): void {
    const all = this.seen.all()
    const parts: (typeof all)[] = [[]]
    let weight = 0
    for (const one of all) {
      weight += 1 + one.beyond.length / 4
      if (weight > this.desk.limits.have_sources_max) {
        parts.push([])
        weight = 1 + one.beyond.length / 4
      }
      parts[parts.length - 1]?.push(one)
    }
    parts.forEach((part, i) => {
      this.desk.send(to, encode.have(i === parts.length - 1, part))
    })
  }

  /** A neighbour says what it has. */
  onHave(from: Neighbour, { done, seen }: Have): RefusalCode | undefined {
    if (from.told) return 'malformed'
    for (const one of seen) from.theirs.addAll(one)
    if (from.theirs.size > this.desk.limits.sources_max) return 'overflow'
    from.told = done
    return undefined
  }

  /** Send a neighbour that has said what it has the rest, and what is new from now on. */
  feed(to: Neighbour): void {
    to.fed = true
    this.hasFed = true
    const lacking = lackingOf(to, this.events.all)
    const groups = inMessages(lacking)
    groups.forEach((group, i) => {
      this.desk.send(to, encode.missed(i === groups.length - 1, group))
    })
    if (groups.length === 0) this.desk.send(to, encode.missed(true, []))
  }

  /** All that was here is withdrawn, before anybody has heard of it. */
  withdraw(): void {
    must(!this.hasFed, 'Q2', () => 'what others have heard of is not withdrawn')
    this.seen = new Seen()
    this.events = new EventSet()
  }

  /** An event of one's own. */
  emit(event: PeerEvent): void {
    this.seen.add(event.source, event.number)
    this.events.add(event)
    this.forward([event], undefined, true)
  }

  /** Events have come: keep and pass on what is new of them. Why the link that brought them is to be ended. */
  receive(from: Neighbour, events: readonly PeerEvent[], isFlooded: boolean): RefusalCode | undefined {
    const fresh: PeerEvent[] = []
    let refusal: RefusalCode | undefined
    for (const event of events) {
      if (!from.fed) from.theirs.add(event.source, event.number)
      refusal = this.refusalOf(event, from)
      if (refusal !== undefined) break
      if (!this.seen.add(event.source, event.number)) continue
      this.events.add(event)
      fresh.push(event)
      this.told(event, isFlooded)
    }
    if (fresh.length > 0) this.forward(fresh, from, isFlooded)
    return refusal
  }

  private refusalOf(event: PeerEvent, from: Neighbour): RefusalCode | undefined {
    const { seen, events } = this
    const { limits } = this.desk
    const { source, number } = event
    if (seen.has(source, number)) return isEqual(events.find(event), event) ? undefined : 'same_id'
    if (this.isFull) return 'overflow'
    if (event.stamp > this.farthest(from)) return 'bad_request'
    // Nobody else speaks in this one's name.
    if (source === this.desk.id) return 'same_id'
    if (!seen.knows(source) && seen.size >= limits.sources_max) return 'overflow'
    if (number > seen.upTo(source) + 1 && seen.beyond(source) >= limits.beyond_max) return 'overflow'
    return undefined
  }

  private forward(events: readonly PeerEvent[], from: Neighbour | undefined, isFlooded: boolean): void {
    const { desk } = this
    for (const group of inMessages(events)) {
      let all: Uint8Array | undefined
      for (const to of desk.links.values()) {
        if (!desk.isForward(to, from)) continue
        const hasSome = group.some(({ source, number }) => to.theirs.has(source, number))
        const lacking = hasSome ? lackingOf(to, group) : group
        if (lacking.length === 0) continue
        if (!hasSome) all ??= encodeEvents(group, isFlooded)
        desk.send(to, hasSome || all === undefined ? encodeEvents(lacking, isFlooded) : all)
      }
    }
  }
}

const encodeEvents = (events: readonly PeerEvent[], isFlooded: boolean): Uint8Array =>
  isFlooded ? encode.flood(events) : encode.missed(false, events)

/** What a neighbour did not have when its link came up, and has not sent itself before. */
const lackingOf = ({ theirs }: Neighbour, events: readonly PeerEvent[]): PeerEvent[] =>
  events.filter(({ source, number }) => !theirs.has(source, number))

/** Whether two events at one place are one: what was sent twice, and not two sources by one name. */
const isEqual = (a: PeerEvent | undefined, b: PeerEvent): boolean => {
  if (a === undefined || a.id !== b.id) return false
  const [ours, theirs] = [a.payload, b.payload]
  return ours.length === theirs.length && ours.every((byte, i) => byte === theirs[i])
}
