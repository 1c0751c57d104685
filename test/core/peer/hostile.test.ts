import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encode, type PeerEvent } from '../../../src/core/peer/messages.ts'
import { Peer } from '../../../src/core/peer/peer.ts'
import { RESERVED } from '../../../src/core/timeline/event.ts'

/** A neighbour that says anything, in any order: well-formed, mangled, or no message at all. */

const number = fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: Number.MAX_SAFE_INTEGER }))
const positive = number.map((n) => Math.max(1, n))
const events = fc.array(
  fc.record<PeerEvent>({
    seq: fc.constant(0),
    stamp: number,
    source: fc.oneof(fc.integer({ min: 1, max: 6 }), positive),
    number: fc.oneof(fc.integer({ min: 1, max: 9 }), positive),
    lead: number,
    id: fc
      .oneof(fc.constantFrom(...Object.values(RESERVED)), fc.integer({ min: -20, max: 20 }))
      .filter((id) => id !== 0),
    payload: fc.uint8Array({ maxLength: 12 }),
  }),
  { maxLength: 8 },
)
const tick = number.map((n) => (n % 10 === 0 ? -1 : n % 2 ** 40))
const seen = fc.array(
  fc.record({
    source: positive,
    upTo: fc.nat({ max: 50 }),
    beyond: fc.constant([] as number[]),
  }),
  { maxLength: 5 },
)

const said = fc.oneof(
  fc
    .tuple(fc.constantFrom(50, 25), fc.constantFrom('a@1', 'b@1'), fc.nat({ max: 9 }))
    .map((m) => encode.meet(...m)),
  fc.tuple(fc.boolean(), tick, seen).map((m) => encode.have(...m)),
  events.map(encode.flood),
  fc.tuple(fc.boolean(), events).map((m) => encode.missed(...m)),
  fc.tuple(number, number, number, number, number, number, number, number).map((m) => encode.sync(...m)),
  fc.tuple(number, number, number, number).map((m) => encode.pulse(...m)),
  fc
    .record({ source: positive, number, tick, promise: tick, upTo: number, settled: tick, view: number })
    .map(encode.stand),
  tick.map(encode.bound),
  fc
    .record({
      late: fc.boolean(),
      source: number,
      number,
      stamp: number,
      folded: fc.boolean(),
      members: number,
      least: number,
    })
    .map(encode.claim),
  fc.tuple(fc.boolean(), number, number, number, seen).map((m) => encode.folded(...m)),
  number.map((n) => encode.fetch(n % 3 === 0 ? 0 : n)),
  fc.tuple(number, fc.uint8Array({ maxLength: 40 })).map((m) => encode.chunk(...m)),
  fc.uint8Array({ maxLength: 40 }),
)

test('whatever a neighbour says, a peer goes on: it is heard, or its link is ended', () => {
  let ended = 0
  let held = 0
  fc.assert(
    fc.property(
      fc.array(fc.tuple(said, fc.nat({ max: 300_000 }), fc.nat({ max: 4 })), { maxLength: 60 }),
      (story) => {
        const peer = new Peer(1_000_000, { fps: 50, app: 'a@1', id: 5, alone: true })
        let now = 1_000_000
        let link = 1
        const open = (): void => {
          peer.linked(now, link)
          peer.receive(now, link, encode.meet(50, 'a@1', 9))
        }
        open()
        for (const [bytes, later, what] of story) {
          now += later
          peer.receive(now, link, bytes.slice())
          if (peer.happenings().some(({ kind }) => kind === 'close' || kind === 'unlinked')) {
            ended++
            peer.closed(now, link++)
            open()
          }
          if (what === 0) peer.emit(now, 1)
          if (what === 1) peer.wake(now)
          // As a driver does it: a little of what is due, and back to where something changed.
          const change = peer.takeChange()
          if (change <= peer.local) peer.rewind(change - 1)
          for (let i = 0; i < 3 && peer.local < peer.dueTick(now); i++) while (peer.next().id !== 0);
          for (const { size, limit } of Object.values(peer.sizes())) expect(size).toBeLessThanOrEqual(limit)
          const { events: all } = peer
          for (let i = 1; i < all.length; i++) {
            const [a, b] = [all[i - 1] as PeerEvent, all[i] as PeerEvent]
            expect(
              a.stamp < b.stamp || (a.stamp === b.stamp && (a.source < b.source || a.number < b.number)),
            ).toBe(true)
          }
          expect(Number.isFinite(peer.position(now))).toBe(true)
          peer.outgoing()
        }
        held += peer.events.length
      },
    ),
    { numRuns: 1_500 },
  )
  expect(ended).toBeGreaterThan(500)
  expect(held).toBeGreaterThan(2_000)
})
