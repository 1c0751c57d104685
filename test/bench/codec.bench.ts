import { decode, encode, NO_LEASE } from '../../src/core/session/messages.ts'
import type { StampedEvent } from '../../src/core/timeline/event.ts'
import type { Case } from './measure.ts'

/** What it costs to write a message and to read it, beside one plain copy of as many bytes. */

const EPOCH = 0x5ace_71c4
/** An hour into a session at 60 FPS. */
const TICK = 216_000
const POSITION = 3_600_000_000

const payloadOf = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, i) => i)

const eventOf = (bytes: number): StampedEvent => ({
  seq: 40_000,
  stamp: TICK + 2,
  source: 7,
  number: 5_000,
  id: 12,
  payload: payloadOf(bytes),
})

interface Subject {
  readonly name: string
  readonly write: () => Uint8Array
}

const withPayload = (bytes: number): Subject[] => {
  const payload = payloadOf(bytes)
  const events = [eventOf(bytes)]
  return [
    { name: `emit, ${bytes} B`, write: () => encode.emit(5_000, POSITION, -1, 12, payload) },
    { name: `sync, ${bytes} B`, write: () => encode.sync(EPOCH, 900, NO_LEASE, events) },
  ]
}

const subjects: readonly Subject[] = [
  { name: 'grant', write: () => encode.grant(TICK, 41_200) },
  { name: 'ack', write: () => encode.ack(EPOCH, 900, TICK + 3, TICK) },
  { name: 'propose', write: () => encode.propose(EPOCH, 900, POSITION, 81_500) },
  ...[0, 16, 100].flatMap(withPayload),
]

/** The least for the same bytes: one copy of them, into memory that is shared like the codec's. */
const floorOf = (bytes: Uint8Array) => () => Buffer.from(bytes)

const cases: readonly Case[] = subjects.flatMap(({ name, write }) => {
  const bytes = write()
  return [
    { name: `floor, ${bytes.length} bytes`, run: floorOf(bytes) },
    { name: `encode ${name}`, run: write },
    { name: `decode ${name}`, run: () => decode(bytes) },
  ]
})

export default cases
