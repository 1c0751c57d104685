import { encodePayload } from '../../src/app/payload.ts'
import type { RefusalCode } from '../../src/core/errors.ts'
import { askedPayload, joinPayload, leavePayload } from '../../src/core/session/membership.ts'
import { type Input, RESERVED, SEQUENCER, TICK } from '../../src/core/timeline/event.ts'
import { Writer } from '../../src/core/wire/bytes.ts'

/** Inputs as a source hands them over, written by hand. */

const input = (tick: number, id: number, source: number, payload: Uint8Array): Input => ({
  tick,
  id,
  source,
  number: 0,
  seq: 0,
  payload,
})

const NONE = new Uint8Array(0)

export const tickAt = (tick: number): Input => input(tick, TICK, SEQUENCER, NONE)

export const eventAt = (tick: number, id: number, source: number, payload?: unknown): Input =>
  input(tick, id, source, encodePayload(payload))

export const rawAt = (tick: number, id: number, source: number, payload: Uint8Array): Input =>
  input(tick, id, source, payload)

export const joinAt = (tick: number, member: number, data?: unknown): Input =>
  input(tick, RESERVED.join, SEQUENCER, joinPayload({ member, slot: member - 1, data: encodePayload(data) }))

const memberPayload = (member: number): Uint8Array => new Writer().varint(member).take()

export const dropAt = (tick: number, member: number): Input =>
  input(tick, RESERVED.drop, SEQUENCER, memberPayload(member))

export const backAt = (tick: number, member: number): Input =>
  input(tick, RESERVED.back, SEQUENCER, memberPayload(member))

export const leaveAt = (tick: number, member: number, why?: RefusalCode): Input =>
  input(tick, RESERVED.leave, SEQUENCER, leavePayload({ member, why }))

export const askedAt = (tick: number, what: 'pause' | 'resume' | 'end', by: number, data?: unknown): Input =>
  input(tick, RESERVED[what], SEQUENCER, askedPayload({ by, data: encodePayload(data) }))
