import { Outbox, type Outgoing } from '../machine.ts'
import type { InstanceId, LinkId, Micros } from '../timeline/tick.ts'
import type { Ledger } from './ledger.ts'
import type { Member } from './member.ts'
import type { Offence, SequencerHappening, SequencerStats } from './options.ts'

/** The weight of a strike that makes distrusted at once. */
export const AT_ONCE = 3

/** What the parts of a sequencer share: the ledger, what goes out, and what is counted. */
export class Desk {
  readonly ledger: Ledger
  readonly out = new Outbox<Outgoing>()
  readonly happened = new Outbox<SequencerHappening>()
  readonly stats: SequencerStats = {
    events: 0,
    rounds: 0,
    roundsCut: 0,
    roundsAgain: 0,
    grants: 0,
    tripSum: 0,
    trips: 0,
  }
  /** The largest round trip since the last round. */
  private tripMax: Micros = 0

  constructor(ledger: Ledger) {
    this.ledger = ledger
  }

  send(member: Member, bytes: Uint8Array): void {
    this.out.push({ to: member.link, bytes })
  }

  sendTo(link: LinkId, bytes: Uint8Array): void {
    this.out.push({ to: link, bytes })
  }

  /** The same bytes to every member. */
  sendAll(bytes: Uint8Array): void {
    for (const member of this.ledger.members.values()) this.out.push({ to: member.link, bytes })
  }

  /** Rule 7: a strike against a member. Enough of them, and it is waited for no longer. */
  strike(now: Micros, member: Member, why: Offence, weight = 1): void {
    if (!member.strike(now, weight)) return
    this.forget(member.id)
    this.happened.push({ kind: 'distrusted', id: member.id, why })
  }

  /** No round waits for this member any longer. */
  forget(id: InstanceId): void {
    for (const round of this.ledger.rounds) round.awaited.delete(id)
  }

  trip(trip: Micros): void {
    if (trip > this.tripMax) this.tripMax = trip
  }

  /** A round is over, or a beat in a session without rounds. */
  countTrip(): void {
    if (this.tripMax === 0) return
    this.stats.tripSum += this.tripMax
    this.stats.trips++
    this.tripMax = 0
  }
}
