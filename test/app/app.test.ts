import { describe, expect, expectTypeOf, test } from 'vitest'
import { app, type Definition, isApp, type Player, type Step, timelineOnly } from '../../src/app/app.ts'
import { SametickError } from '../../src/app/errors.ts'
import { type Events, event, INPUT_ID, type PayloadArgs, type PayloadOf } from '../../src/app/event.ts'
import type { Link, LinkInput, Receipt } from '../../src/app/link.ts'
import { solo } from '../../src/app/solo.ts'

const fine = { id: 'a@1', fps: 60, start: () => ({ n: 0 }) }
type Loose = Definition<object, Events, unknown, unknown>
const define = (more: Record<string, unknown>) => app({ ...fine, ...more } as unknown as Loose)

describe('an application', () => {
  test('is what was defined, with what was left out filled in', () => {
    const made = app({ ...fine, events: { go: event(1) }, players: { max: 4 } })
    expect(made).toMatchObject({ id: 'a@1', fps: 60, players: { min: 1, max: 4, hold: undefined }, on: {} })
    expect(app(fine).events).toEqual({})
    expect(isApp(made)).toBe(true)
  })

  test('may be nothing but a timeline, for who runs it by hand', () => {
    const timeline = { id: 'a@1', fps: 60, events: { go: event<number>(1) } }
    expect(isApp(timeline)).toBe(false)
    expect(timelineOnly(timeline).start(undefined as never)).toEqual({})
  })

  test.each<[Record<string, unknown>, string]>([
    [{ id: '' }, "id is '': give it a name and a version"],
    [{ id: 7 }, 'id is 7'],
    [{ id: 'x'.repeat(65) }, 'at most 64 characters'],
    [{ fps: 0 }, 'fps is 0: give it a whole number from 1 to 1000'],
    [{ fps: 1001 }, 'fps is 1001'],
    [{ fps: 59.94 }, 'fps is 59.94'],
    [{ frames: 60 }, 'frames is not known. There are id, fps'],
    [{ players: { max: 0 } }, 'players.max is 0'],
    [{ players: { min: 3, max: 2 } }, 'players.min is 3: give it a whole number from 1 to players.max'],
    [{ players: { hold: -1 } }, 'players.hold is -1: give it milliseconds'],
    [
      { events: { go: event(0) } },
      'events.go has the id 0: make it with event(id), a whole number from 1 to',
    ],
    [{ events: { go: event(-3) } }, 'events.go has the id -3'],
    [{ events: { go: event(1.5) } }, 'events.go has the id 1.5'],
    [{ events: { go: event(2 ** 31) } }, 'events.go has the id 2147483648'],
    [{ events: { go: event(INPUT_ID) } }, 'from 1 to 2147483646'],
    [{ events: { go: 1 } }, 'events.go has the id undefined: make it with event(id)'],
    [{ events: { go: event(1), stop: event(1) } }, 'events.stop and events.go have the same id 1'],
    [{ events: { join: event(1) } }, "events.join: this name is the library's own"],
    [{ events: { tick: event(1) } }, "events.tick: this name is the library's own"],
    [{ start: undefined }, 'start is missing'],
    [{ tick: 3 }, 'tick is not a function'],
    [{ on: { steer() {} } }, 'on.steer: there is no event of this name. There are join, drop'],
    [{ events: { go: event(1) }, on: { go: 3 } }, 'on.go is not a function'],
    [{ on: { toString() {} } }, 'on.toString: there is no event of this name'],
    [{ save: () => 0 }, 'restore is missing: save and restore come together'],
    [{ restore: () => 0 }, 'save is missing'],
    [{ input: {} }, 'input.neutral is missing'],
  ])('that is wrong is refused where it is defined: %o', (more, message) => {
    expect(() => define(more)).toThrow(message)
    expect(() => define(more)).toThrow(SametickError)
  })

  test('may use every id that an event may have', () => {
    expect(() => define({ events: { first: event(1), last: event(2 ** 31 - 2) } })).not.toThrow()
  })
})

type Dir = 'left' | 'right'
const isDir = (p: unknown): p is Dir => p === 'left' || p === 'right'

const typed = app({
  id: 'typed@1',
  fps: 40,
  events: {
    steer: event(1, isDir),
    say: event<{ text: string }>(2, (p) => typeof p === 'object'),
    jump: event(3),
    maybe: event<number | undefined>(4),
  },
  input: { neutral: { x: 0, fire: false } },
  start: (t) => ({ x: t.random(), names: new Map<number, string>() }),
  on: {
    steer(s, e, t) {
      expectTypeOf(s).toEqualTypeOf<{ x: number; names: Map<number, string> }>()
      expectTypeOf(e.payload).toEqualTypeOf<Dir>()
      expectTypeOf(e.player).toEqualTypeOf<Player>()
      expectTypeOf(t).toEqualTypeOf<Step<{ x: number; fire: boolean }>>()
    },
    say(_, e) {
      expectTypeOf(e.payload).toEqualTypeOf<{ text: string }>()
    },
    jump(_, e) {
      expectTypeOf(e.payload).toEqualTypeOf<undefined>()
    },
    leave(_, e) {
      expectTypeOf(e.why).toEqualTypeOf<string | undefined>()
    },
    pause(_, e) {
      expectTypeOf(e.player).toEqualTypeOf<Player | undefined>()
    },
  },
  tick(s, t) {
    expectTypeOf(t.input(1)).toEqualTypeOf<{ x: number; fire: boolean }>()
    s.x += 1
  },
})

describe('types', () => {
  test('of payloads flow into handlers and into emit', () => {
    expectTypeOf<PayloadOf<typeof typed.events.steer>>().toEqualTypeOf<Dir>()
    expectTypeOf<PayloadArgs<typeof typed.events.say>>().toEqualTypeOf<[payload: { text: string }]>()
    expectTypeOf<PayloadArgs<typeof typed.events.jump>>().toEqualTypeOf<[]>()
    expectTypeOf<PayloadArgs<typeof typed.events.maybe>>().toEqualTypeOf<[payload?: number | undefined]>()
    const link = solo(typed)
    expectTypeOf(link.emit('steer', 'left')).toEqualTypeOf<Receipt>()
    expectTypeOf(link.state.names).toEqualTypeOf<Map<number, string>>()
    link.emit('jump')
    link.emit('maybe')
    link.emit('maybe', 3)
    // @ts-expect-error an event that carries a direction is not emitted without one
    expect(link.emit('steer').landed).toBeInstanceOf(Promise)
    // @ts-expect-error nor with something else
    expect(link.emit('steer', 'up').landed).toBeInstanceOf(Promise)
    // @ts-expect-error an event without a payload takes none
    expect(link.emit('jump', 1).landed).toBeInstanceOf(Promise)
    // @ts-expect-error and a name that is none is an error before the program runs, and when it runs
    expect(() => link.emit('stear', 'left')).toThrow("'stear' is none of steer, say, jump, maybe.")
    link.leave()
  })

  test('a handler for what is no event is an error before the program runs', () => {
    // @ts-expect-error there is no event of this name
    expect(() => app({ ...fine, events: { go: event(1) }, on: { went() {} } })).toThrow('on.went')
  })

  test('a reader of its own knows what an input carries by its name', () => {
    type Inputs = LinkInput<typeof typed.events>
    expectTypeOf<Extract<Inputs, { name: 'steer' }>['payload']>().toEqualTypeOf<Dir>()
    expectTypeOf<Extract<Inputs, { name: 'tick' }>['player']>().toEqualTypeOf<undefined>()
    expectTypeOf<Link<{ n: number }>>().toExtend<Link>()
  })

  test('an application without held input has none', () => {
    app({
      ...fine,
      tick(_, t) {
        expectTypeOf(t.input(1)).toEqualTypeOf<undefined>()
      },
    })
    expectTypeOf(event<string>(1).id).toEqualTypeOf<number>()
  })
})
