import { describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { trial } from '../../src/app/trial.ts'
import { game } from './game.ts'

const base = { id: 'a@1', fps: 10 }

/** What is kept outside of the state, where it is lost at the first rollback. */
let outside = 0
const players: { hp: number }[] = []

class Sprite {
  frame = 0
}

describe('before anything begins', () => {
  test('an application whose world can be saved and restored passes', () => {
    expect(trial(game)).toBeUndefined()
    expect(trial(app({ ...base, start: () => ({}) }))).toBeUndefined()
  })

  test.each<[string, string, string, () => Parameters<typeof trial>[0]]>([
    [
      'a class in the state',
      'state_refused',
      'state.units[0].sprite is of the class Sprite',
      () => app({ ...base, start: () => ({ units: [{ sprite: new Sprite() }] }) }),
    ],
    [
      'a function in the state',
      'state_refused',
      'state.think is a function',
      () => app({ ...base, start: () => ({ think() {} }) }),
    ],
    [
      'a name on a list',
      'state_refused',
      'state.match.index is a name on a list',
      () => app({ ...base, start: () => ({ match: /a/.exec('cat') }) }),
    ],
    [
      'a class that comes with the first player',
      'state_refused',
      'state.units[0] is of the class Sprite',
      () =>
        app({
          ...base,
          start: () => ({ units: [] as Sprite[] }),
          on: { join: (s) => void s.units.push(new Sprite()) },
        }),
    ],
    [
      'a Date that the first tick puts there',
      'state_refused',
      'state.at is of the class Date',
      () =>
        app({
          ...base,
          start: () => ({ at: null as Date | null }),
          tick: (s) => void Object.assign(s, { at: new Date() }),
        }),
    ],
    [
      'chance of its own at the start',
      'start_differs',
      'state.seed: 1.',
      () => app({ ...base, start: () => ({ seed: 1 + Math.random() }) }),
    ],
    [
      'a count of its starts',
      'start_differs',
      'state.game: ',
      () => app({ ...base, start: () => ({ game: ++outside }) }),
    ],
    [
      'a counter outside of the state',
      'step_differs',
      'state.n: ',
      () => app({ ...base, start: () => ({ n: 0 }), tick: (s) => void Object.assign(s, { n: ++outside }) }),
    ],
    [
      'an object of the state kept outside of it',
      'step_differs',
      'state.units[0].hp: ',
      () =>
        app({
          ...base,
          start() {
            const unit = { hp: 10 }
            players[0] = unit
            return { units: [unit] }
          },
          tick: () => void (players[0] as { hp: number }).hp--,
        }),
    ],
    [
      'a comparison with an object outside',
      'step_differs',
      'state.walls: 1 / nothing',
      () => {
        const WALL = { solid: true }
        return app({
          ...base,
          start: () => ({ tile: WALL }) as { tile: typeof WALL; walls?: number },
          tick(s) {
            if (s.tile === WALL) s.walls = 1
          },
        })
      },
    ],
    [
      'a save() that forgets something',
      'step_differs',
      'state.x: ',
      () =>
        app({
          ...base,
          start: () => ({ x: 0, v: 0 }),
          tick(s) {
            s.v++
            s.x += s.v
          },
          save: ({ x }) => ({ x }),
          restore: ({ x }) => ({ x, v: 7 }),
        }),
    ],
    [
      'a restore() that makes something else',
      'restore_differs',
      'state.x: 0 / 1',
      () =>
        app({ ...base, start: () => ({ x: 0 }), save: (s) => ({ ...s }), restore: (s) => ({ x: s.x + 1 }) }),
    ],
    [
      'a restore() that throws',
      'restore_differs',
      'restore() threw TypeError: no body',
      () =>
        app({
          ...base,
          start: () => ({ x: 0 }),
          save: (s) => s.x,
          restore(): { x: number } {
            throw new TypeError('no body')
          },
        }),
    ],
    [
      'a save() that gives a class',
      'state_refused',
      'state.sprite is of the class Sprite',
      () =>
        app({
          ...base,
          start: () => ({ x: 0 }),
          save: () => ({ sprite: new Sprite() }),
          restore: () => ({ x: 0 }),
        }),
    ],
  ])('%s is named, with the path', (_, code, message, make) => {
    const found = trial(make())
    expect(found?.code).toBe(code)
    expect(found?.message).toContain(message)
  })

  test('what handlers throw is left to those who hear it, and tells nothing about the state', () => {
    const crash = app({
      ...base,
      start: () => ({ n: 0 }),
      tick(s) {
        s.n++
        throw new Error('at every tick')
      },
    })
    expect(trial(crash)).toBeUndefined()
  })
})
