import { must, type RefusalCode } from '../errors.ts'
import { BEFORE_FIRST, type Tick } from '../timeline/tick.ts'
import type { Desk } from './desk.ts'
import { EventSet } from './eventset.ts'
import type { Refusal } from './meeting.ts'
import { encode, firstOf, type Have, inMessages, inParts, type PeerEvent } from './messages.ts'
import type { Neighbour } from './neighbour.ts'
import { Seen } from './seen.ts'

type Refused = RefusalCode | Refusal | undefined

/** Whoever is told of events that are new here. */
export type Told = (event: PeerEvent, isFlooded: boolean) => void

/** Between which ticks the events of a neighbour are taken: after the first, and up to the second. */
export interface Reach {
  settled(from: Neighbour): Tick
  /** It is about to have all that is here: it is told who else takes part. */
  introduce(to: Neighbour): void
  farthest(from: Neighbour): Tick
  /** There is one more, whoever has emitted it. */
  learn(event: PeerEvent): void
}

/**
 * Brings every event to everybody, once over each link and never back to where it came from (Q5). A link that
 * comes up is first told what is here, and brings what was missed; from then on what is new goes over it.
 */
export class Flood {
  seen = new Seen()
  events = new EventSet()
  /** What of all that was seen is no longer held: it is in the state at this tick. */
  folded = new Seen()
  foldedTo: Tick = BEFORE_FIRST
  /** Whether anybody was ever told of what is here. */
  hasFed = false
  private readonly desk: Desk
  private readonly told: Told
  private readonly reach: Reach

  constructor(desk: Desk, told: Told, reach: Reach) {
    this.desk = desk
    this.told = told
    this.reach = reach
  }

  get isFull(): boolean {
    return this.events.size >= this.desk.limits.held_events_max
  }

  /** A link is up: say what is here. */
  greet(to: Neighbour, firm: Tick): void {
    const parts = inParts(this.seen.all())
    parts.forEach((part, i) => {
      this.desk.send(to, encode.have(i === parts.length - 1, firm, part))
    })
  }

  /** A neighbour says what it has. */
  onHave(from: Neighbour, { done, firm, seen }: Have): RefusalCode | undefined {
    if (from.told) return 'malformed'
    for (const one of seen) from.theirs.addAll(one)
    if (!this.isHeld(from.theirs)) return 'overflow'
    from.firm = firm
    from.told = done
    return undefined
  }

  /** P8: whether an account is no larger than one that is true can be. */
  isHeld(account: Seen): boolean {
    const { sources_max, held_events_max } = this.desk.limits
    return account.size <= sources_max && account.beyondAll <= held_events_max
  }

  /**
   * Send a neighbour that has said what it has the rest, and what is new from now on. If that is much it gets a part of
   * it, and the next when it has read that: what is new goes with the last.
   */
  feed(to: Neighbour): void {
    const { desk } = this
    this.hasFed = true
    const { fed_bytes_max, payload_bytes_max } = desk.limits
    const lacking = lackingOf(to, this.events.all)
    const all = inMessages(lacking, Math.min(fed_bytes_max, payload_bytes_max))
    const { groups, isAll } = firstOf(all, fed_bytes_max)
    to.fed = isAll
    if (isAll) this.reach.introduce(to)
    else this.partBefore(to, groups)
    groups.forEach((group, i) => {
      desk.send(to, encode.missed(isAll && i === groups.length - 1, group))
    })
    if (groups.length === 0) desk.send(to, encode.missed(true, []))
  }

  /** What goes there now is there when a sync is answered that leaves after it. */
  private partBefore(to: Neighbour, groups: readonly PeerEvent[][]): void {
    const { desk } = this
    // Q5: it is not sent that again. All that is folded here it has had by now, from a snapshot if not before.
    for (const one of this.folded.all()) to.theirs.addAll(one)
    for (const group of groups) for (const { source, number } of group) to.theirs.add(source, number)
    to.partAt = desk.now
    to.fedBy = desk.by(desk.limits.fed_bytes_max)
    to.nextSync = Math.min(to.nextSync, desk.now + 1)
  }

  /** The first event up to a tick that a neighbour has not seen. */
  firstLacking({ theirs }: Neighbour, upTo: Tick): PeerEvent | undefined {
    for (const event of this.events.all) {
      if (event.stamp > upTo) return undefined
      if (!theirs.has(event.source, event.number)) return event
    }
    return undefined
  }

  /** Nothing up to this tick changes any more, and a state holds it: its events are no longer needed. */
  fold(tick: Tick): void {
    for (const { source, number } of this.events.foldTo(tick)) this.folded.add(source, number)
    this.foldedTo = Math.max(this.foldedTo, tick)
  }

  /** Whether a state at this tick, with these events in it, has everything that is here up to there. */
  mayTakeOver(tick: Tick, folded: Seen): boolean {
    if (!folded.includes(this.folded)) return false
    for (const { stamp, source, number } of this.events.all) {
      if (stamp > tick) return true
      if (!folded.has(source, number)) return false
    }
    return true
  }

  /** Such a state counts from now on. */
  takeOver(tick: Tick, folded: Seen): void {
    this.events.foldTo(tick)
    this.foldedTo = tick
    this.folded = folded
    for (const one of folded.all()) this.seen.addAll(one)
  }

  /** All that was here is withdrawn, before anybody has heard of it. */
  withdraw(): void {
    must(
      !this.hasFed && this.foldedTo === BEFORE_FIRST,
      'Q2',
      () => 'what others have heard of is not withdrawn',
    )
    this.seen = new Seen()
    this.events = new EventSet()
  }

  /** An event of one's own. */
  emit(event: PeerEvent): void {
    this.seen.add(event.source, event.number)
    this.events.add(event)
    this.reach.learn(event)
    this.forward([event], undefined, true)
  }

  /** Events have come: keep and pass on what is new of them. Why the link that brought them is to be ended. */
  receive(from: Neighbour, events: readonly PeerEvent[], isFlooded: boolean): Refused {
    const fresh: PeerEvent[] = []
    let refusal: Refused
    for (const event of events) {
      if (!from.fed) from.theirs.add(event.source, event.number)
      refusal = this.refusalOf(event, from)
      if (refusal !== undefined) break
      if (!this.seen.add(event.source, event.number)) continue
      this.events.add(event)
      fresh.push(event)
      this.reach.learn(event)
      this.told(event, isFlooded)
    }
    if (fresh.length > 0) this.forward(fresh, from, isFlooded)
    return refusal
  }

  private refusalOf(event: PeerEvent, from: Neighbour): Refused {
    const { seen, events } = this
    const { limits } = this.desk
    const { source, number, stamp } = event
    if (seen.has(source, number)) return this.isOther(event, events.find(event)) ? 'same_id' : undefined
    if (this.isFull) return 'overflow'
    if (stamp > this.reach.farthest(from)) return 'bad_request'
    const settled = this.reach.settled(from)
    // Q6: who lets it in here has a past that nobody else has.
    if (stamp <= settled) return tooLate(event, settled)
    // Nobody else speaks in this one's name.
    if (source === this.desk.id) return 'same_id'
    if (!seen.knows(source) && seen.size >= limits.sources_max) return 'overflow'
    if (number > seen.upTo(source) + 1 && seen.beyond(source) >= limits.beyond_max) return 'overflow'
    return undefined
  }

  /** Whether something else has come in the place of an event that was seen. What is folded is not known any more. */
  private isOther(event: PeerEvent, there: PeerEvent | undefined): boolean {
    return !this.folded.has(event.source, event.number) && !isEqual(there, event)
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

/** Refused by name. */
const tooLate = ({ source, number, stamp }: PeerEvent, settled: Tick): Refusal => ({
  code: 'forgotten',
  hint: `event ${number} of ${source} is for tick ${stamp}: settled is all up to ${settled}`,
})

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
