import type { RefusalCode } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { RESERVED, SEQUENCER, type StampedEvent } from '../timeline/event.ts'
import { type InstanceId, MILLISECOND, type Micros, NEVER, type Tick, tickFrom } from '../timeline/tick.ts'
import { AT_ONCE, type Desk } from './desk.ts'
import type { Leases } from './leases.ts'
import { type Log, syncs } from './log.ts'
import { AN_ASK, type Emit, encode, NO_LEASE } from './messages.ts'
import type { Reckoning } from './reckoning.ts'
import { NO_TICK, Round, type Waiting } from './round.ts'

/** Events that come closer together than this share a round. */
const ROUND_GAP: Micros = 2 * MILLISECOND
/** So much may wait for the grant with which it leaves: more would be longer on its way than the grant alone. */
const HELD_EVENTS = 64
const HELD_BYTES = 4_096
/** When asking again, for so many times the reach. */
const AGAIN = 4
/** Of so few missing answers it is looked at whether they still matter. */
const FEW = 3

/** Brings events to their stamps: at once where that costs nothing, else through a round. */
export class Rounds {
  ended = false
  /** Events without a stamp and without a round. */
  waiting: Waiting[] = []
  /** What these wait for, if not for a round of their own: the next grant, or the end of the rounds that are open. */
  private heldFor: 'grant' | 'rounds' | undefined
  private number = 0
  private openedAt: Micros = Number.NEGATIVE_INFINITY
  private readonly epoch: number
  private readonly limits: Limits
  private readonly desk: Desk
  private readonly reckoning: Reckoning
  private readonly leases: Leases
  private readonly log: Log

  constructor(epoch: number, limits: Limits, desk: Desk, reckoning: Reckoning, leases: Leases, log: Log) {
    this.epoch = epoch
    this.limits = limits
    this.desk = desk
    this.reckoning = reckoning
    this.leases = leases
    this.log = log
  }

  /** An event of an instance's own. */
  add(source: InstanceId, { number, id, payload }: Emit, want: Micros, at: Tick): void {
    this.waiting.push({ source, number, id, payload, member: source, by: source, want, at })
  }

  /** Something that the session itself puts into the timeline, about a member or about nobody; somebody may have asked for it. */
  addOwn(id: number, member: InstanceId, payload: Uint8Array, by: InstanceId = SEQUENCER): void {
    const number = this.desk.ledger.nextOwnNumber()
    this.waiting.push({ source: SEQUENCER, number, id, payload, member, by, want: 0, at: NO_TICK })
  }

  /** When the next round may open, or the oldest must close. */
  nextWake(): Micros {
    const { rounds } = this.desk.ledger
    const at: Micros = rounds[0]?.stopAt ?? NEVER
    if (this.heldFor === 'rounds' || this.waiting.length === 0 || rounds.length >= this.limits.rounds_max)
      return at
    return Math.min(at, this.heldFor === 'grant' ? this.leases.nextGrant() : this.openedAt + ROUND_GAP)
  }

  /** Rule 8: what has arrived is read before anybody is judged silent. */
  holdOn(until: Micros): void {
    for (const round of this.desk.ledger.rounds) round.stopAt = Math.max(round.stopAt, until)
  }

  /** Stamp what can be stamped, and propose the rest. */
  advance(now: Micros): void {
    this.settle(now)
    this.heldFor = undefined
    while (this.waiting.length > 0) {
      if (this.ended) return this.denyAll()
      const { rounds } = this.desk.ledger
      // Rule 1: nothing is stamped without a round while one is open.
      if (rounds.length === 0 && this.directIsBest(now)) {
        if (this.mayHold(now)) {
          this.heldFor = 'grant'
          return
        }
        this.stampDirect()
        continue
      }
      if (this.mayOutwait()) {
        this.heldFor = 'rounds'
        return
      }
      if (rounds.length >= this.limits.rounds_max || now < this.openedAt + ROUND_GAP) return
      this.open(now, this.waiting.splice(0, this.limits.sync_events_max), this.reach(now), false)
    }
  }

  /**
   * Rule 3: rounds are stamped in order, so none has its deadlines before an earlier one is over, which may be one
   * that is asked again with more patience.
   */
  private reach(now: Micros): Micros {
    const last = this.desk.ledger.rounds.at(-1)
    return Math.max(this.reckoning.reach, last === undefined ? 0 : Math.ceil(last.stopAt - now))
  }

  /** No lease is longer than just in time, or not longer than what a round would come to. */
  private directIsBest(now: Micros): boolean {
    const { desk, reckoning } = this
    const top = desk.ledger.top()
    if (desk.ledger.members.size === 0 || this.leases.covers(top)) return true
    return top < tickFrom(reckoning.reference(now) + reckoning.lead + reckoning.reach, reckoning.fps)
  }

  /**
   * Whether to wait for the next grant, which costs nothing: what these events get is above all that anybody may
   * run, and no lease becomes longer before. All that came between two grants leaves as one message with the second.
   */
  private mayHold(now: Micros): boolean {
    const { waiting, leases } = this
    const next = leases.nextGrant()
    if (now >= next || next === NEVER || this.desk.ledger.members.size === 0) return false
    if (waiting.length >= Math.min(HELD_EVENTS, this.limits.waiting_max)) return false
    let bytes = 0
    for (const { payload } of waiting) bytes += payload.length
    return bytes < HELD_BYTES
  }

  /**
   * Whether to wait for the rounds that are open, where nobody may run farther than what was granted just in time:
   * a round more would end after them, and under a steady load there would be one for ever.
   */
  private mayOutwait(): boolean {
    const { ledger } = this.desk
    if (ledger.rounds.length === 0 || this.waiting.length > this.limits.waiting_max / 2) return false
    return this.leases.covers(ledger.top())
  }

  /** What waits for the next grant is stamped now: leases are about to become longer. */
  release(): void {
    if (this.heldFor === 'grant') while (this.waiting.length > 0) this.stampDirect()
    this.heldFor = undefined
  }

  private stampDirect(): void {
    const stamped = this.stamp(this.waiting.splice(0, this.limits.sync_events_max))
    for (const bytes of syncs(this.epoch, 0, NO_LEASE, stamped, this.limits)) this.desk.sendAll(bytes)
  }

  private open(now: Micros, events: readonly Waiting[], reach: Micros, again: boolean): void {
    const { desk } = this
    const { members, rounds } = desk.ledger
    let want: Micros = 0
    for (const event of events) want = Math.max(want, event.want)
    const awaited = new Set<InstanceId>()
    for (const member of members.values()) if (member.trusted(now)) awaited.add(member.id)
    const asked = new Set(members.keys())
    const round = new Round(++this.number, events, asked, awaited, now, now + reach, again)
    rounds.push(round)
    this.openedAt = now
    desk.stats.rounds++
    desk.sendAll(encode.propose(this.epoch, round.number, want, reach))
    this.settle(now)
  }

  /** Stamp the oldest rounds that need wait no more, in their order. */
  private settle(now: Micros): void {
    for (;;) {
      const round = this.desk.ledger.rounds[0]
      if (round === undefined || !this.isOver(now, round)) return
      if (this.pays(now, round)) this.askAgain(now, round)
      else this.close(now, round)
    }
  }

  private isOver(now: Micros, round: Round): boolean {
    if (round.awaited.size === 0 || now >= round.stopAt) return true
    // Rule 3: the missing answers could no longer lower the stamp. A single answer is not believed that far:
    // who answers first with a deadline far ahead would end every round before it could be held against another.
    if (round.awaited.size > FEW || round.deadlines.size === 1) return false
    const { ledger } = this.desk
    let missing: Tick = -1
    let others = ledger.floor
    for (const member of ledger.members.values()) {
      const promise = ledger.promiseOf(member)
      if (round.awaited.has(member.id)) missing = Math.max(missing, promise)
      else others = Math.max(others, promise)
    }
    return missing <= others
  }

  /** Whether asking again costs less than to stamp beyond the leases of those who have not answered in time. */
  private pays(now: Micros, round: Round): boolean {
    if (round.again || round.awaited.size === 0 || now < round.stopAt) return false
    const { reckoning, desk } = this
    const answered = tickFrom(reckoning.reference(now) + AGAIN * reckoning.reach, reckoning.fps)
    // Later rounds would be stamped before it: then all go on in their order.
    return desk.ledger.rounds.length === 1 && desk.ledger.top() > answered
  }

  /** Nobody keeps a deadline of this round; the same events are proposed anew, with more patience. */
  private askAgain(now: Micros, round: Round): void {
    this.judgeSilent(now, round)
    this.desk.ledger.rounds.shift()
    this.desk.stats.roundsAgain++
    this.desk.sendAll(encode.sync(this.epoch, round.number, NO_LEASE, []))
    const reach = Math.min(AGAIN * this.reckoning.reach, this.limits.rtt_max)
    this.open(now, round.events, reach, true)
  }

  private close(now: Micros, round: Round): void {
    const { desk, leases } = this
    const { ledger } = desk
    this.judgeSilent(now, round)
    this.judgeAlone(now, round)
    const stamped = this.stamp(round.events)
    // Rule 4: only one whose answer was counted can have its lease replaced, and by no less than its promise.
    const promises = new Map<InstanceId, Tick>()
    for (const member of ledger.members.values())
      if (round.deadlines.has(member.id) && leases.feeds(now, member))
        promises.set(member.id, ledger.promiseOf(member))
    ledger.rounds.shift()
    const encoded = new Map<Tick, Uint8Array[]>()
    for (const member of ledger.members.values()) {
      const promise = promises.get(member.id)
      const lease = promise === undefined ? NO_LEASE : leases.replace(now, member, promise)
      let messages = encoded.get(lease)
      if (messages === undefined) {
        messages = syncs(this.epoch, round.number, lease, stamped, this.limits)
        encoded.set(lease, messages)
      }
      for (const bytes of messages) desk.send(member, bytes)
    }
    if (promises.size > 0) leases.feed()
    desk.countTrip()
  }

  private stamp(events: readonly Waiting[]): StampedEvent[] {
    const { desk } = this
    const promise = desk.ledger.top()
    const { floor } = desk.ledger
    const stamped: StampedEvent[] = []
    for (const waiting of events) {
      if (this.ended) {
        this.deny(waiting, 'session_ended')
        continue
      }
      const event = desk.ledger.stamp(promise + 1, waiting)
      stamped.push(event)
      const source = desk.ledger.members.get(waiting.by)
      if (source !== undefined) source.unstamped--
      this.log.add(event)
      if (event.id === RESERVED.end) this.ended = true
      desk.stats.events++
      desk.happened.push({ kind: 'stamped', event, promise, floor })
    }
    return stamped
  }

  private deny(waiting: Waiting, code: RefusalCode): void {
    const source = this.desk.ledger.members.get(waiting.by)
    if (source === undefined) return
    source.unstamped--
    this.desk.send(source, encode.denied(waiting.source === SEQUENCER ? AN_ASK : waiting.number, code))
  }

  private denyAll(): void {
    for (const waiting of this.waiting.splice(0)) this.deny(waiting, 'session_ended')
  }

  /** Rules 5 and 7: who has not answered owes an answer, and was late if the round could wait no longer. */
  private judgeSilent(now: Micros, round: Round): void {
    const { desk } = this
    let cut = false
    for (const member of desk.ledger.members.values()) {
      if (!round.asked.has(member.id)) continue
      if (round.deadlines.has(member.id)) {
        member.forgive()
        continue
      }
      member.owes = round.number
      if (!round.awaited.has(member.id) || now < round.stopAt) continue
      cut = true
      desk.strike(now, member, 'late')
      this.leases.feed()
    }
    if (cut) desk.stats.roundsCut++
  }

  /** Rule 7: who puts its deadline far beyond all others. */
  private judgeAlone(now: Micros, round: Round): void {
    let top: Tick = -1
    let second: Tick = -1
    let alone: InstanceId = SEQUENCER
    for (const [id, deadline] of round.deadlines)
      if (deadline > top) {
        second = top
        top = deadline
        alone = id
      } else if (deadline > second) second = deadline
    const member = this.desk.ledger.members.get(alone)
    if (member === undefined || round.deadlines.size < 2) return
    const stated = tickFrom(this.reckoning.reach, this.reckoning.fps) + 2
    if (top - second <= stated) return
    this.desk.strike(now, member, 'alone', top - second > 2 * stated ? AT_ONCE : 1)
    this.leases.feed()
  }
}
