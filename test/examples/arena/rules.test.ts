import { describe, expect, test } from 'vitest'
import { isHeld, winnerOf } from '../../../examples/arena/app.ts'
import { BLAST_REACH, DISC, DISC_END, PLACES, PX, wayOf } from '../../../examples/arena/numbers.ts'
import {
  BLAST,
  BOT,
  discOf,
  HEAVY,
  NOBODY,
  PLAY,
  PLAYER,
  READY,
  RESULT,
} from '../../../examples/arena/state.ts'
import { numbersOf, sumOf } from '../../../examples/arena/sum.ts'
import { Stage } from './stage.ts'
import { traceOf } from './trace.ts'

/** A round in which these play and nobody else: bots are sent away. */
const duel = (): Stage => {
  const stage = new Stage()
  stage.join(1, 0)
  stage.join(2, 1)
  stage.run(150)
  for (const body of stage.state.bodies) if (body.kind === BOT) body.kind = NOBODY
  Object.assign(stage.body(0), { x: -100 * PX, y: 0, safe: 0 })
  Object.assign(stage.body(1), { x: 0, y: 0, safe: 0 })
  return stage
}

const kinds = ({ state }: Stage): number[] => state.bodies.map(({ kind }) => kind)

describe('the arena', () => {
  test('fills up with bots to four, which make room for players', () => {
    const stage = new Stage()
    stage.join(1, 0)
    expect(kinds(stage)).toEqual([PLAYER, BOT, BOT, BOT, NOBODY, NOBODY, NOBODY, NOBODY])
    stage.join(2, 1)
    expect(kinds(stage)).toEqual([PLAYER, PLAYER, BOT, BOT, NOBODY, NOBODY, NOBODY, NOBODY])
    for (const slot of [2, 3, 4]) stage.join(1 + slot, slot)
    expect(kinds(stage)).toEqual([PLAYER, PLAYER, PLAYER, PLAYER, PLAYER, NOBODY, NOBODY, NOBODY])
    for (const player of [1, 3]) stage.leave(player)
    expect(kinds(stage)).toEqual([BOT, PLAYER, NOBODY, PLAYER, PLAYER, NOBODY, NOBODY, NOBODY])
  })

  test('has room for eight; others only watch', () => {
    const stage = new Stage()
    for (let slot = 0; slot < 10; slot++) stage.join(slot + 1, slot)
    expect(kinds(stage)).toEqual(Array(PLACES).fill(PLAYER))
    stage.leave(10)
    stage.leave(9)
    expect(kinds(stage)).toEqual(Array(PLACES).fill(PLAYER))
  })

  test('begins after a count, plays for 110 seconds on a disc that shrinks, shows a result, begins again', () => {
    const stage = new Stage()
    stage.join(1, 0)
    stage.hold(1, 1)
    const [x] = [stage.body(0).x]
    stage.run(149)
    expect([stage.state.phase, stage.body(0).x, discOf(stage.state)]).toEqual([READY, x, DISC])
    stage.run(2)
    expect(stage.state.phase).toBe(PLAY)
    expect(stage.body(0).x).toBeGreaterThan(x)
    stage.run(5499)
    expect([stage.state.phase, discOf(stage.state)]).toEqual([RESULT, DISC_END])
    expect(stage.effects.at(-1)).toMatchObject({ name: 'over', data: { winner: winnerOf(stage.state) } })
    stage.run(400)
    expect(stage.state).toMatchObject({ phase: READY, round: 2 })
    expect(stage.state.bodies.map(({ score, falls }) => score + falls)).toEqual(Array(PLACES).fill(0))
  })

  test('a dash that hits throws the other one away, farther each time, and who falls then is a point', () => {
    const stage = duel()
    stage.hold(1, 1 + 32)
    stage.run()
    expect(stage.body(0).dash).toBeGreaterThan(0)
    stage.hold(1, 0)
    while (stage.body(1).hits === 0) stage.run()
    const first = stage.body(1).vx
    expect(first).toBeGreaterThan(8 * PX)
    while (stage.body(1).gone === 0) {
      Object.assign(stage.body(0), { x: -200 * PX, vx: 0 })
      stage.body(1).vx += 2 * PX
      stage.run()
    }
    expect(stage.body(0)).toMatchObject({ score: 1, falls: 0 })
    expect(stage.body(1)).toMatchObject({ score: 0, falls: 1 })
    stage.run(80)
    expect(stage.body(1)).toMatchObject({ gone: 0, hits: 0, vx: 0 })
    expect(stage.body(1).safe).toBeGreaterThan(0)

    const again = duel()
    again.body(1).hits = 5
    again.hold(1, 1 + 32)
    again.run()
    again.hold(1, 0)
    while (again.body(1).hits === 5) again.run()
    expect(again.body(1).vx).toBeGreaterThan(first)
  })

  test('who falls untouched gives nobody a point', () => {
    const stage = duel()
    Object.assign(stage.body(0), { x: DISC - PX, vx: 4 * PX })
    stage.run()
    expect(stage.body(0)).toMatchObject({ falls: 1, by: -1 })
    expect(stage.body(1).score).toBe(0)
  })

  test('an orb makes heavy, or blasts all that are near', () => {
    const stage = duel()
    Object.assign(stage.state.orbs[0] as object, { kind: HEAVY, x: 0, y: 0 })
    stage.run()
    expect(stage.body(1)).toMatchObject({ power: HEAVY, vx: 0 })
    Object.assign(stage.state.orbs[1] as object, { kind: BLAST, x: -100 * PX, y: 0 })
    stage.run()
    expect(stage.body(1).vx).toBeGreaterThan(10 * PX)
    expect(stage.body(1).by).toBe(0)
    expect(BLAST_REACH).toBeGreaterThan(100 * PX)
    expect(stage.state.orbs.map(({ kind }) => kind)).toEqual([0, 0])
  })

  test('takes what can be held and nothing else', () => {
    const good = [0, 1, 16, 32, 48]
    const bad = [17, 31, 49, 63, 64, -1, 1.5, Number.NaN, '1', null, undefined]
    expect([...good.map(isHeld), ...bad.map(isHeld)]).toEqual([
      ...good.map(() => true),
      ...bad.map(() => false),
    ])
  })

  test('sixteen ways', () => {
    for (const [x, y, way] of [
      [5, 0, 1],
      [3, 3, 3],
      [0, 9, 5],
      [-7, 0, 9],
      [0, -2, 13],
      [1000, -410, 16],
    ] as const)
      expect(wayOf(x, y)).toBe(way)
  })

  // The file is what a port to another language is held against.
  test('a round with players who come, go and press at random goes as it is written down', async () => {
    const { text, states } = traceOf()
    for (const state of states)
      for (const number of numbersOf(state)) {
        expect(Number.isSafeInteger(number)).toBe(true)
        expect(Object.is(number, -0)).toBe(false)
      }
    expect(new Set(states.map(sumOf)).size).toBe(states.length)
    await expect(text).toMatchFileSnapshot('../../../examples/arena/trace.json')
  })
})
