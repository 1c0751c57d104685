import type { RefusalCode } from '../errors.ts'
import { REFUSALS } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { RESERVED, type StampedEvent } from '../timeline/event.ts'
import type { InstanceId } from '../timeline/tick.ts'
import { Reader, Writer } from '../wire/bytes.ts'

/** What the payload of a membership event says. The same bytes for every instance, whoever wrote them. */

const w = new Writer()
const r = new Reader()
const CODES = Object.keys(REFUSALS) as RefusalCode[]

/** Among peers nobody can know before who came earlier: the seat is found where the member joins. */
export const ANY_SLOT = 0xffff

export interface Joined {
  readonly member: InstanceId
  /** The smallest seat that was free, 0 for the first; or `ANY_SLOT`. */
  readonly slot: number
  readonly data: Uint8Array
}

export interface Left {
  readonly member: InstanceId
  /** Undefined: of its own will. */
  readonly why: RefusalCode | undefined
}

export interface Asked {
  readonly by: InstanceId
  readonly data: Uint8Array
}

export const joinPayload = (j: Joined): Uint8Array =>
  w.reset().varint(j.member).varint(j.slot).block(j.data).take()

export const readJoin = (payload: Uint8Array): Joined | undefined => {
  r.over(payload)
  const joined = { member: r.varint(), slot: r.varint(), data: r.block(LIMITS.member_bytes_max) }
  return r.ok ? joined : undefined
}

export const leavePayload = (l: Left): Uint8Array =>
  w
    .reset()
    .varint(l.member)
    .u8(l.why === undefined ? 0 : CODES.indexOf(l.why) + 1)
    .take()

export const readLeave = (payload: Uint8Array): Left | undefined => {
  r.over(payload)
  const left = { member: r.varint(), code: r.u8() }
  if (!r.ok || left.code > CODES.length) return undefined
  return { member: left.member, why: CODES[left.code - 1] }
}

/** Of `pause`, `resume` and `end`: who asked for it. */
export const askedPayload = (a: Asked): Uint8Array => w.reset().varint(a.by).block(a.data).take()

const ASKED: ReadonlySet<number> = new Set([RESERVED.pause, RESERVED.resume, RESERVED.end])

/** Who asked the session for this event, if somebody did. */
export const askerOf = ({ id, payload }: StampedEvent): InstanceId | undefined =>
  ASKED.has(id) ? readAsked(payload)?.by : undefined

export const readAsked = (payload: Uint8Array): Asked | undefined => {
  r.over(payload)
  const asked = { by: r.varint(), data: r.block(LIMITS.member_bytes_max) }
  return r.ok ? asked : undefined
}
