import type { RefusalCode } from '../errors.ts'
import { ANY_SLOT, joinPayload, leavePayload, readLeave } from '../session/membership.ts'
import { RESERVED } from '../timeline/event.ts'
import { BEFORE_FIRST, type InstanceId, type Micros, SECOND, type Tick } from '../timeline/tick.ts'
import { EMPTY } from '../wire/bytes.ts'
import type { Desk } from './desk.ts'
import type { Flood } from './flood.ts'
import type { PeerEvent } from './messages.ts'
import type { Neighbour } from './neighbour.ts'
import type { PeerOptions } from './options.ts'
import type { Reading } from './reading.ts'
import { Stamps } from './stamps.ts'
import type { Times } from './times.ts'

/** By how much those who are met must be ahead. */
const WITHDRAW: Micros = SECOND

/** What a peer emits itself: its join first, its leave last, and all between. */
export class Member {
  joined = false
  /** Where one has said last that one is back. */
  private backAt: Tick = BEFORE_FIRST
  private readonly isMember: boolean
  private readonly data: Uint8Array
  private readonly stamps: Stamps
  private readonly desk: Desk
  private readonly times: Times
  private readonly flood: Flood
  private readonly reading: Reading

  constructor(desk: Desk, times: Times, flood: Flood, reading: Reading, options: PeerOptions) {
    const { id, fps, member = true, data = EMPTY } = options
    this.desk = desk
    this.times = times
    this.flood = flood
    this.reading = reading
    this.stamps = new Stamps(id, fps)
    this.isMember = member
    this.data = data
  }

  get lastStamp(): Tick {
    return this.stamps.last
  }

  /** Put something into the timeline: its number among one's own, or why that cannot be. */
  put(id: number, payload: Uint8Array): number | RefusalCode {
    if (this.isMember && !this.joined) return 'not_admitted'
    if (this.flood.isFull) return 'busy'
    return this.emit(id, payload, this.times.delay).number
  }

  join(): void {
    if (this.joined) return
    this.joined = true
    if (!this.isMember) return
    const payload = joinPayload({ member: this.desk.id, slot: ANY_SLOT, data: this.data })
    const { stamp } = this.emit(RESERVED.join, payload, this.times.delayOfJoin)
    this.desk.happened.push({ kind: 'joined', tick: stamp })
  }

  /** Others may have settled so much: nothing of one's own stands before it. */
  stampAfter(tick: Tick): void {
    this.stamps.floor = Math.max(this.stamps.floor, tick)
  }

  /** Claim that a member is gone. */
  drop(member: InstanceId): number | RefusalCode {
    return this.put(RESERVED.drop, leavePayload({ member, why: 'silent' }))
  }

  /** A state was taken over in which one's seat may be empty. */
  comeBack(): void {
    if (!this.joined || !this.isMember) return
    if (typeof this.put(RESERVED.back, this.ownName) === 'number') this.backAt = this.stamps.last
  }

  leave(): void {
    if (this.joined && this.isMember) this.put(RESERVED.leave, this.ownName)
  }

  /** Somebody claims that one is gone who is not. */
  answer({ id, source, stamp, payload }: PeerEvent): void {
    const isClaim = id === RESERVED.drop && source !== this.desk.id
    if (!isClaim || readLeave(payload)?.member !== this.desk.id) return
    // Several may have claimed it: one answer after all of them is enough.
    if (stamp >= this.backAt) this.comeBack()
  }

  /**
   * Who started alone has joined at the beginning of its own time. If it did nothing since, and those whom it meets
   * first are ahead, it joins again where they are: else all of them would go back to that beginning.
   */
  withdrawIfLate({ claim, firm }: Neighbour): void {
    const { flood, desk, times } = this
    const [join] = flood.events.all
    if (flood.hasFed || flood.events.size !== 1 || join?.source !== desk.id || !claim) return
    const isAhead = claim.reference >= times.pace.reference(desk.now) + WITHDRAW
    if (!isAhead && join.stamp > firm) return
    flood.withdraw()
    this.stamps.withdraw()
    this.joined = false
    this.reading.change(join.stamp)
  }

  private get ownName(): Uint8Array {
    return leavePayload({ member: this.desk.id, why: undefined })
  }

  private emit(id: number, payload: Uint8Array, delay: Micros): PeerEvent {
    const { times, flood, desk, reading } = this
    const event = this.stamps.next(times.pace.reference(desk.now), delay, reading.top, id, payload)
    flood.emit(event)
    times.told()
    return event
  }
}
