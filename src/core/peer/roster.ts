import { readLeave } from '../session/membership.ts'
import { digest } from '../timeline/digest.ts'
import { RESERVED } from '../timeline/event.ts'
import { BEFORE_FIRST, type InstanceId, type Micros, NEVER, type Tick } from '../timeline/tick.ts'
import type { Flood } from './flood.ts'
import type { PeerEvent, SeenOf, Stand } from './messages.ts'

/** One who takes part, or did. */
export interface Known {
  /** Something came from it: only who claims that it is gone has spoken of it so far if not. */
  isKnown: boolean
  /** When something of it last came here. */
  heardAt: Micros
  /** The last tick at which it is known to have been there. */
  sign: Tick
  /** The last tick at which somebody claimed that it is gone. */
  droppedAt: Tick
  /** The number of its last event, once it has left. */
  last: number
  stand: Omit<Stand, 'kind'> | undefined
  /** It emits nothing more up to this tick, and what it has emitted up to there is here. */
  covered: Tick
}

/** Where somebody is: `gone` is who was dropped so long ago that nobody waits for it. */
export type Presence = 'here' | 'dropped' | 'gone' | 'left'

/** Who takes part: whoever was heard of, is not gone for too long, and has not left. */
export class Roster {
  readonly all = new Map<InstanceId, Known>()
  private readonly id: InstanceId
  private readonly flood: Flood

  constructor(id: InstanceId, flood: Flood) {
    this.id = id
    this.flood = flood
  }

  /** P8: whether one more may be known, if it is one more. */
  hasRoomFor(id: InstanceId, most: number): boolean {
    return this.all.has(id) || this.all.size < most
  }

  of(id: InstanceId, now: Micros): Known {
    let known = this.all.get(id)
    if (known === undefined) {
      known = {
        isKnown: false,
        heardAt: now,
        sign: BEFORE_FIRST,
        droppedAt: BEFORE_FIRST,
        last: NEVER,
        stand: undefined,
        covered: BEFORE_FIRST,
      }
      this.all.set(id, known)
    }
    return known
  }

  /** There is a sign of life: where its source stood. */
  heard(id: InstanceId, tick: Tick, now: Micros): void {
    const known = this.of(id, now)
    known.isKnown = true
    known.heardAt = now
    if (tick > known.sign) known.sign = tick
  }

  /** An event says who is there, who is gone, and who has left. */
  learn({ id, source, number, stamp, payload }: PeerEvent, now: Micros): void {
    this.heard(source, stamp, now)
    if (id === RESERVED.leave) this.of(source, now).last = number
    if (id !== RESERVED.drop) return
    const member = readLeave(payload)?.member ?? 0
    // Who is claimed to be gone before anything came from it is known of that alone.
    const known = this.all.get(member)
    if (known !== undefined && stamp > known.droppedAt) known.droppedAt = stamp
  }

  /** `since`: who was dropped by then is waited for no more. */
  presence(id: InstanceId, known: Known, since: Tick): Presence {
    if (known.last <= this.flood.seen.upTo(id)) return 'left'
    if (known.droppedAt <= known.sign) return 'here'
    return known.droppedAt <= since ? 'gone' : 'dropped'
  }

  /** All others of whom something came, and where they are. */
  *others(since: Tick): Generator<[InstanceId, Known, Presence]> {
    for (const [id, known] of this.all)
      if (known.isKnown && id !== this.id) yield [id, known, this.presence(id, known, since)]
  }

  /** Who is there, in order, this one included. */
  here(since: Tick): InstanceId[] {
    const here = [this.id]
    for (const [id, , presence] of this.others(since)) if (presence === 'here') here.push(id)
    return here.sort((a, b) => a - b)
  }

  /**
   * The same number exactly where the same are there, and the same was seen of everybody else: of those who are gone
   * nothing more is to come.
   */
  view(here: readonly InstanceId[]): number {
    const isHere = new Set(here)
    const rest = this.flood.seen.all().filter(({ source }) => !isHere.has(source))
    rest.sort((a, b) => a.source - b.source)
    return digest([here, rest.map(({ source, upTo, beyond }: SeenOf) => [source, upTo, beyond])])
  }
}
