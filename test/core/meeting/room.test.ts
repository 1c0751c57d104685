import { describe, expect, test } from 'vitest'
import { MEETING_LIMITS } from '../../../src/core/meeting/limits.ts'
import { encode } from '../../../src/core/meeting/messages.ts'
import { Random } from '../../../src/core/random.ts'
import { SECOND } from '../../../src/core/timeline/tick.ts'
import { Stage } from './stage.ts'

const { all_max, few, near_max, apart_min, window_bytes, piece_cost, piece_bytes_max } = MEETING_LIMITS

/** How many hops lead from one to the farthest; Infinity if somebody is not reached. */
const hops = (from: number, near: ReadonlyMap<number, ReadonlySet<number>>): number => {
  const at = new Map([[from, 0]])
  for (const [id, far] of at) for (const next of near.get(id) ?? []) if (!at.has(next)) at.set(next, far + 1)
  return at.size === near.size ? Math.max(...at.values()) : Number.POSITIVE_INFINITY
}

const shapeOf = (stage: Stage, ids: Iterable<number>) => {
  const near = new Map([...ids].map((id) => [id, stage.near(id)]))
  const degrees = [...near.values()].map(({ size }) => size)
  return {
    near,
    diameter: Math.max(...[...near.keys()].map((id) => hops(id, near))),
    least: Math.min(...degrees),
    most: Math.max(...degrees),
  }
}

describe('a room', () => {
  test('tells who comes how many are there, and introduces both ends of a way', () => {
    const stage = new Stage().enter(1).enter(2)
    expect(stage.of(1, 'welcome')).toEqual([{ kind: 'welcome', others: 0, linked: 0 }])
    expect(stage.of(2, 'welcome')).toEqual([{ kind: 'welcome', others: 1, linked: 0 }])
    expect(stage.of(1, 'introduced')).toEqual([{ kind: 'introduced', way: 1, id: 2 }])
    expect(stage.of(2, 'introduced')).toEqual([{ kind: 'introduced', way: 1, id: 1 }])
  })

  test('of few introduces all to all, and of many a few to each', () => {
    const stage = new Stage()
    for (let n = 1; n <= all_max + 1; n++) stage.enter(n)
    const small = shapeOf(
      stage,
      Array.from({ length: all_max + 1 }, (_, i) => i + 1),
    )
    expect(small).toMatchObject({ diameter: 1, least: all_max, most: all_max })
    for (let n = all_max + 2; n <= 256; n++) stage.enter(n)
    const large = shapeOf(
      stage,
      Array.from({ length: 256 }, (_, i) => i + 1),
    )
    expect(large.least).toBeGreaterThanOrEqual(few)
    expect(large.most).toBeLessThanOrEqual(near_max)
    expect(large.diameter).toBeLessThanOrEqual(6)
  })

  test('stays in one piece whoever comes and goes, and nobody is near too many', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new Random(seed)
      const stage = new Stage({}, seed)
      const there = new Set<number>()
      const [grow, most] = [random.between(0.4, 0.8), random.below(100) + 2]
      for (let n = 1; n <= 300; n++) {
        if (there.size < 2 || (random.chance(grow) && there.size < most)) {
          stage.enter(n)
          there.add(n)
        } else {
          const gone = [...there][random.below(there.size)] as number
          there.delete(gone)
          if (random.chance(0.5)) stage.close(gone)
          else {
            // Some leave a link and stay.
            there.add(gone)
            const [other] = stage.near(gone)
            if (other !== undefined) stage.say(gone, encode.shut(stage.way(gone, other), 'cut'))
          }
        }
        if (random.chance(0.1)) stage.pass(SECOND)
      }
      stage.pass(2 * apart_min)
      const shape = shapeOf(stage, there)
      expect(shape.diameter, `seed ${seed}, ${there.size} peers`).toBeLessThanOrEqual(6)
      expect(shape.most).toBeLessThanOrEqual(near_max)
      expect(shape.least).toBeGreaterThanOrEqual(Math.min(there.size - 1, few))
    }
  })

  test('that would fall apart is held together, also by those who have many links already', () => {
    // Two who have all that they may have, and no other link between the two halves.
    const stage = new Stage({ all_max: 0, few: 0, near_max: 1 })
    for (const n of [1, 2, 3, 4]) stage.enter(n)
    expect(shapeOf(stage, [1, 2, 3, 4]).diameter).toBeLessThan(4)
  })

  test('does not introduce those who are linked already, if both say so', () => {
    const stage = new Stage()
      .enter(1, { linked: [2, 3] })
      .enter(2, { linked: [1] })
      .enter(3)
    expect(stage.of(2, 'welcome')).toEqual([{ kind: 'welcome', others: 1, linked: 1 }])
    expect(stage.near(1)).toEqual(new Set([3]))
    expect(stage.near(2)).toEqual(new Set([3]))
    // It ends, and one of the two says so.
    stage.say(2, encode.near(1, false))
    expect(stage.near(1)).toEqual(new Set([2, 3]))
  })

  test('does not take one for linked that says so alone: nobody can keep others apart from it', () => {
    const stage = new Stage().enter(1).enter(3, { linked: [1] })
    expect(stage.of(3, 'welcome')).toEqual([{ kind: 'welcome', others: 1, linked: 0 }])
    expect(stage.near(3)).toEqual(new Set([1]))
    const other = new Stage().enter(1, { linked: [3] }).enter(3)
    expect(other.near(3)).toEqual(new Set([1]))
    // Also where only that matters by which a room holds together.
    const sparse = new Stage({ all_max: 0, few: 0 }).enter(1).enter(3, { linked: [1] })
    expect(sparse.near(1)).toEqual(new Set([3]))
  })

  test('introduces two whose way has ended again after a while, and never if one of them does not want to', () => {
    const stage = new Stage().enter(1).enter(2)
    stage.say(1, encode.shut(stage.way(1, 2), 'closed'))
    expect([...stage.near(1), ...stage.near(2)]).toEqual([])
    expect(stage.of(1, 'shut')).toEqual([{ kind: 'shut', way: 1, how: 'closed' }])
    expect(stage.of(2, 'shut')).toEqual([{ kind: 'shut', way: 1, how: 'closed' }])
    stage.pass(apart_min - 1)
    expect([...stage.near(1)]).toEqual([])
    stage.pass(1)
    expect([...stage.near(1)]).toEqual([2])
    stage.say(2, encode.shut(stage.way(2, 1), 'apart')).pass(100 * SECOND)
    expect([...stage.near(1)]).toEqual([])
    // Who comes again has forgotten it.
    stage.close(2).enter(12, { id: 2 })
    expect([...stage.near(1)]).toEqual([2])
  })

  test('tells the last one that it is alone', () => {
    const stage = new Stage().enter(1).enter(2).enter(3).close(2)
    expect(stage.of(1, 'alone')).toEqual([])
    stage.close(3)
    expect(stage.of(1, 'alone')).toHaveLength(1)
    expect(stage.of(1, 'shut').map(({ how }) => how)).toEqual(['gone', 'gone'])
  })
})

describe('at its door', () => {
  test.each([
    ['another FPS', { fps: 25 }, 'fps_differs', 'There it is 50, here 25.'],
    ['another application', { app: 'b@1' }, 'app_differs', 'There it is a@1, here b@1.'],
    ['an FPS that none has', { fps: 0 }, 'bad_request', 'FPS from 1 to 1000'],
    ['the id of another', { id: 1, key: 9 }, 'same_id', ''],
    ['one too many', {}, 'room_full', 'It takes 2.'],
  ])('%s is refused', (_, more, code, hint) => {
    const stage = new Stage({ peers_max: 2 }).enter(1).enter(2).enter(3, more)
    expect(stage.told.get(3)).toEqual([{ kind: 'refused', code, hint }])
    expect(stage.happenings.slice(-2)).toEqual([
      { kind: 'refused', code },
      { kind: 'close', link: 3 },
    ])
    expect(stage.room.size).toBe(2)
  })

  test('the same peer comes again before its old connection is known to be dead', () => {
    const stage = new Stage().enter(1).enter(2).enter(3, { id: 1 })
    expect(stage.of(1, 'refused')).toMatchObject([{ code: 'replaced' }])
    expect(stage.near(3)).toEqual(new Set([2]))
    expect(stage.near(2)).toEqual(new Set([1]))
    // What is still said by the old one is of no interest.
    stage.say(1, encode.relay(1, true, Uint8Array.of(1)))
    expect(stage.room.size).toBe(2)
  })

  test('who says nothing is asked, and let go when it does not answer', () => {
    const stage = new Stage()
      .enter(1)
      .enter(2)
      .pass(60 * SECOND)
    expect(stage.room.size).toBe(2)
    stage.isAnswering = false
    stage
      .pass(8 * SECOND)
      .say(1, encode.beat())
      .pass(5 * SECOND)
    expect(stage.of(2, 'refused')).toMatchObject([{ code: 'silent' }])
    expect(stage.room.size).toBe(1)
    expect(stage.of(1, 'alone')).toHaveLength(1)
  })
})

describe('what is relayed', () => {
  const piece = (way: number, length: number): Uint8Array => encode.relay(way, true, new Uint8Array(length))
  const two = (limits = {}): { stage: Stage; way: number } => {
    const stage = new Stage(limits).enter(1).enter(2).enter(3)
    return { stage, way: stage.way(1, 2) }
  }

  test('reaches the other end as it is, and nobody else', () => {
    const { stage, way } = two()
    stage.say(1, encode.relay(way, false, Uint8Array.of(1, 2))).say(2, piece(way, 0))
    expect(stage.of(2, 'relay')).toEqual([{ kind: 'relay', way, last: false, bytes: Uint8Array.of(1, 2) }])
    expect(stage.of(1, 'relay')).toEqual([{ kind: 'relay', way, last: true, bytes: new Uint8Array(0) }])
    expect(stage.of(3, 'relay')).toEqual([])
  })

  test('costs no more memory than the window: who sends more is let go', () => {
    const { stage, way } = two()
    const pieces = Math.floor(window_bytes / (piece_bytes_max + piece_cost))
    for (let n = 0; n < pieces; n++) stage.say(1, piece(way, piece_bytes_max))
    expect(stage.of(1, 'refused')).toEqual([])
    stage.say(2, encode.credit(way, piece_bytes_max + piece_cost)).say(1, piece(way, piece_bytes_max))
    expect(stage.of(1, 'credit')).toHaveLength(1)
    stage.say(1, piece(way, piece_bytes_max))
    expect(stage.of(1, 'refused')).toMatchObject([{ code: 'overflow' }])
  })

  test('of nothing at all costs something as well', () => {
    const { stage, way } = two()
    for (let n = 0; n <= window_bytes / piece_cost; n++) stage.say(1, piece(way, 0))
    expect(stage.of(1, 'refused')).toMatchObject([{ code: 'overflow' }])
  })

  test('passes at the rate that one peer may have, since its sender hears late that it was taken', () => {
    const { stage, way } = two({ rate: 10_000, burst_bytes: 5_000, credit_min: 1 })
    const weight = 1_000 + piece_cost
    for (let n = 0; n < 20; n++) stage.say(1, piece(way, 1_000)).say(2, encode.credit(way, weight))
    const credits = (): number => stage.of(1, 'credit').length
    expect(credits()).toBe(Math.floor(5_000 / weight))
    stage.pass(SECOND)
    expect(credits()).toBe(Math.floor(15_000 / weight))
    stage.pass(SECOND)
    expect(credits()).toBe(20)
  })

  test('and taken bit by bit costs no more than if it were taken at once: small credits wait for each other', () => {
    const { stage, way } = two({ rate: 10_000, burst_bytes: 5_000, credit_min: 1_000 })
    for (let n = 0; n < 8; n++) stage.say(1, piece(way, 1_000 - piece_cost))
    for (let n = 0; n < 3_500; n++) {
      stage.say(2, encode.credit(way, 2))
      expect(stage.room.sizes().held?.size).toBeLessThanOrEqual(2)
    }
    // What may be told at once is, and the rest as soon as it may be: all of it, once, and none too soon.
    const told = (): number => stage.of(1, 'credit').reduce((sum, { bytes }) => sum + bytes, 0)
    expect(told()).toBe(5_000)
    stage.pass(SECOND / 10 - 10)
    expect(told()).toBeLessThanOrEqual(6_000)
    stage.pass(SECOND)
    expect(told()).toBe(7_000)
    expect(stage.room.sizes().held?.size).toBe(0)
    stage.say(2, encode.credit(way, 1_000)).pass(SECOND)
    expect(told()).toBe(8_000)
    expect(stage.of(1, 'refused').concat(stage.of(2, 'refused'))).toEqual([])
  })

  test.each([
    ['takes more than it was sent', (way: number) => encode.credit(way, 500), 'malformed'],
    ['takes nothing', (way: number) => encode.credit(way, 0), 'malformed'],
    ['says what only a room says', () => encode.welcome(1, 0), 'malformed'],
    ['says that the other one is gone', (way: number) => encode.shut(way, 'gone'), 'malformed'],
    [
      'enters twice',
      () => encode.enter({ room: 'r', fps: 50, app: 'a@1', id: 2, key: 2, linked: [] }),
      'malformed',
    ],
    ['speaks another version', () => Uint8Array.of(9, 106), 'version'],
  ])('who %s is let go', (_, say, code) => {
    const { stage, way } = two()
    stage.say(1, piece(way, 10)).say(2, say(way))
    expect(stage.of(2, 'refused')).toMatchObject([{ code }])
    expect(stage.near(1)).toEqual(new Set([3]))
  })

  test('by a way of others, or none, goes nowhere', () => {
    const { stage, way } = two()
    stage
      .say(3, piece(way, 10))
      .say(3, encode.signal(way, Uint8Array.of(1)))
      .say(3, encode.shut(way, 'cut'))
    stage.say(3, piece(99, 10))
    expect([...stage.of(1, 'relay'), ...stage.of(2, 'relay'), ...stage.of(2, 'signal')]).toEqual([])
    expect(stage.near(1)).toEqual(new Set([2, 3]))
    // And not without end.
    for (let n = 0; n < MEETING_LIMITS.words_burst; n++) stage.say(3, piece(99, 10))
    expect(stage.of(3, 'refused')[0]).toMatchObject({ code: 'overflow' })
  })

  test('who describes itself without end, or names links without end, is let go', () => {
    const { stage, way } = two()
    for (let n = 0; n <= MEETING_LIMITS.signals_max; n++) stage.say(1, encode.signal(way, Uint8Array.of(n)))
    expect(stage.of(2, 'signal')).toHaveLength(MEETING_LIMITS.signals_max)
    expect(stage.of(1, 'refused')).toMatchObject([{ code: 'overflow' }])
    for (let n = 0; n <= MEETING_LIMITS.claims_max; n++) stage.say(2, encode.near(1_000 + n, true))
    expect(stage.of(2, 'refused')).toMatchObject([{ code: 'malformed' }])
  })
})
