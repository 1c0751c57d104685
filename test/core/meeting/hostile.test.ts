import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MEETING_LIMITS } from '../../../src/core/meeting/limits.ts'
import { encode, SHUTS } from '../../../src/core/meeting/messages.ts'
import { Stage } from './stage.ts'

/** Peers that say anything, in any order: well-formed, mangled, or no message at all. */

const LIMITS = {
  ...MEETING_LIMITS,
  peers_max: 5,
  window_bytes: 2_000,
  signals_max: 4,
  claims_max: 4,
  all_max: 3,
}

const id = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }))
const way = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 11 }), weight: 9 },
  { arbitrary: fc.nat({ max: Number.MAX_SAFE_INTEGER }), weight: 1 },
)
const bytes = fc.uint8Array({ maxLength: 400 })

const entering = fc
  .record({
    room: fc.constant('r'),
    fps: fc.constantFrom(50, 50, 50, 25),
    app: fc.constantFrom('a@1', 'a@1', 'b@1'),
    id,
    key: fc.nat({ max: 1 }),
    linked: fc.array(id, { maxLength: 5 }),
  })
  .map(encode.enter)

const said = fc.oneof(
  { arbitrary: entering, weight: 2 },
  { arbitrary: fc.tuple(way, fc.boolean(), bytes).map((m) => encode.relay(...m)), weight: 8 },
  { arbitrary: fc.tuple(way, fc.nat({ max: 600 })).map((m) => encode.credit(...m)), weight: 1 },
  { arbitrary: fc.tuple(way, bytes).map((m) => encode.signal(...m)), weight: 4 },
  { arbitrary: fc.tuple(way, fc.constantFrom(...SHUTS)).map((m) => encode.shut(...m)), weight: 1 },
  { arbitrary: fc.tuple(id, fc.boolean()).map((m) => encode.near(...m)), weight: 2 },
  { arbitrary: fc.constant(encode.beat()), weight: 1 },
  { arbitrary: fc.uint8Array({ maxLength: 40 }), weight: 1 },
)

test('whatever peers say, a room goes on and holds no more than it may; a newcomer is met', () => {
  let [entered, relayed, refused] = [0, 0, 0]
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.oneof(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 9 })),
          fc.option(said, { freq: 20 }),
          fc.nat({ max: 3_000_000 }),
        ),
        {
          maxLength: 80,
        },
      ),
      (story) => {
        const stage = new Stage(LIMITS)
        // Three that come in order, so that the others have somebody to annoy.
        for (const link of [11, 12, 13, 1, 2]) stage.enter(link)
        for (const [link, bytes, time] of story) {
          if (bytes) stage.say(link, bytes)
          else stage.close(link)
          stage.pass(time)
          for (const [name, { size, limit }] of Object.entries(stage.room.sizes()))
            expect(size, name).toBeLessThanOrEqual(limit)
        }
        const kinds = [...stage.told.values()].flat().map(({ kind }) => kind)
        entered += kinds.filter((kind) => kind === 'welcome').length
        relayed += kinds.filter((kind) => kind === 'relay').length
        refused += kinds.filter((kind) => kind === 'refused').length
        // Those that did nothing wrong are still there, and linked with each other.
        expect(stage.of(11, 'refused')).toEqual([])
        for (const link of [1, 2, 3, 4, 5, 6, 7, 8, 9]) stage.close(link)
        stage.enter(99).pass(MEETING_LIMITS.apart_min)
        expect(stage.near(99)).toEqual(new Set([11, 12, 13]))
      },
    ),
    { numRuns: 300 },
  )
  // A check is worth nothing where nobody came.
  expect(Math.min(entered, relayed, refused)).toBeGreaterThan(40)
})
