import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event, INPUT_ID } from '../../src/app/event.ts'
import { Runner } from '../../src/app/runner.ts'
import { restoreWorld, saveWorld } from '../../src/app/saved.ts'
import { firstDifference } from '../../src/core/timeline/digest.ts'
import type { Input } from '../../src/core/timeline/event.ts'
import { guard } from '../../src/deterministic/guard.ts'
import { game } from './game.ts'
import { askedAt, backAt, dropAt, eventAt, joinAt, leaveAt, rawAt, tickAt } from './inputs.ts'

/** Random timelines: what happens in each tick, void events included. */
const happenings = fc.array(
  fc.array(
    fc.oneof(
      fc.record({ what: fc.constant('join' as const), who: fc.integer({ min: 1, max: 4 }) }),
      fc.record({
        what: fc.constantFrom('drop' as const, 'back' as const, 'leave' as const),
        who: fc.integer({ min: 1, max: 4 }),
      }),
      {
        arbitrary: fc.record({
          what: fc.constant('spawn' as const),
          who: fc.integer({ min: 1, max: 4 }),
          x: fc.double(),
        }),
        weight: 3,
      },
      {
        arbitrary: fc.record({
          what: fc.constant('hit' as const),
          who: fc.integer({ min: 1, max: 4 }),
          x: fc.nat(9),
        }),
        weight: 2,
      },
      {
        arbitrary: fc.record({
          what: fc.constant('hold' as const),
          who: fc.integer({ min: 1, max: 4 }),
          x: fc.integer({ min: -2, max: 2 }),
        }),
        weight: 3,
      },
      fc.record({
        what: fc.constantFrom('clear' as const, 'crash' as const, 'pause' as const),
        who: fc.integer({ min: 1, max: 4 }),
      }),
      fc.record({
        what: fc.constant('noise' as const),
        who: fc.nat(5),
        bytes: fc.uint8Array({ maxLength: 6 }),
        id: fc.integer({ min: 1, max: 9 }),
      }),
    ),
    { maxLength: 4 },
  ),
  { minLength: 1, maxLength: 30 },
)
type Happening = typeof happenings extends fc.Arbitrary<(infer T)[][]> ? T : never

const inputOf = (tick: number, h: Happening): Input => {
  switch (h.what) {
    case 'join':
      return joinAt(tick, h.who, { name: `p${h.who}` })
    case 'drop':
      return dropAt(tick, h.who)
    case 'back':
      return backAt(tick, h.who)
    case 'leave':
      return leaveAt(tick, h.who, 'lost')
    case 'spawn':
      return eventAt(tick, 1, h.who, h.x)
    case 'hit':
      return eventAt(tick, 2, h.who, { n: h.x })
    case 'hold':
      return eventAt(tick, INPUT_ID, h.who, { dx: h.x })
    case 'clear':
      return eventAt(tick, 3, h.who)
    case 'crash':
      return eventAt(tick, 4, h.who)
    case 'pause':
      return askedAt(tick, 'pause', h.who, 'tea')
    case 'noise':
      return rawAt(tick, h.id, h.who, h.bytes)
  }
}

const timelineOf = (ticks: readonly (readonly Happening[])[]): Input[][] =>
  ticks.map((all, tick) => [...all.map((h) => inputOf(tick, h)), tickAt(tick)])

const runAll = <S extends object>(runner: Runner<S>, inputs: readonly (readonly Input[])[]) => {
  for (const tick of inputs) for (const input of tick) runner.take(input)
  return runner
}

describe('a runner', () => {
  test('comes to the same world from the same inputs, at every tick', () => {
    fc.assert(
      fc.property(happenings, (ticks) => {
        const [a, b] = [new Runner(game), new Runner(game)]
        for (const tick of timelineOf(ticks)) {
          for (const input of tick) {
            const failures = [a.take(input), b.take(input)]
            expect(failures[0]?.message).toBe(failures[1]?.message)
          }
          expect(a.digest()).toBe(b.digest())
        }
      }),
    )
  })

  test('goes back to what it kept, and forward again to the same world', () => {
    fc.assert(
      fc.property(happenings, fc.nat(), (ticks, when) => {
        const timeline = timelineOf(ticks)
        const at = when % timeline.length
        const runner = runAll(new Runner(game), timeline.slice(0, at))
        const kept = runner.keep()
        const before = runner.digest()
        const after = runAll(runner, timeline.slice(at)).digest()
        for (let again = 0; again < 2; again++) {
          runner.back(kept)
          expect(runner.digest()).toBe(before)
          expect(runAll(runner, timeline.slice(at)).digest()).toBe(after)
        }
      }),
    )
  })

  test('goes on from a snapshot as the one that gave it', () => {
    fc.assert(
      fc.property(happenings, fc.nat(), (ticks, when) => {
        const timeline = timelineOf(ticks)
        const at = when % timeline.length
        const first = runAll(new Runner(game), timeline.slice(0, at))
        const second = new Runner(game, { seed: 99 })
        expect(restoreWorld(second, saveWorld(first))).toBe(true)
        runAll(first, timeline.slice(at))
        runAll(second, timeline.slice(at))
        expect(firstDifference(first.whole(), second.whole())).toBeUndefined()
        expect(second.digest()).toBe(first.digest())
      }),
    )
  })

  test('sees in its digest every part of the world, not the state alone', () => {
    const still = app({
      id: 's@1',
      fps: 10,
      events: { draw: event(1) },
      input: { neutral: 0 },
      start: () => ({ n: 0 }),
      on: { draw: (_, __, t) => void t.random() },
    })
    const having = (...inputs: Input[]) => {
      const runner = new Runner(still)
      for (const input of [joinAt(0, 1), tickAt(0), ...inputs]) runner.take(input)
      return runner
    }
    const digests = [
      having(),
      having(eventAt(1, INPUT_ID, 1, 1)),
      having(joinAt(1, 2)),
      having(joinAt(1, 2, 'data')),
      having(dropAt(1, 1)),
      having(leaveAt(1, 1)),
      having(eventAt(1, 1, 1)),
      having(askedAt(1, 'end', 1)),
      having(tickAt(1)),
    ].map((runner) => runner.digest())
    const changed = having()
    changed.state.n = 1
    digests.push(changed.digest())
    expect(new Set(digests).size).toBe(digests.length)
    expect(having().digest()).toBe(digests[0])
  })

  test('draws other numbers from another seed, and the same from the same', () => {
    const rolls = (seed?: number) => new Runner(game, seed === undefined ? {} : { seed }).state.rolls
    expect(rolls(1)).toBe(rolls(1))
    expect(rolls()).toBe(rolls())
    expect(rolls(1)).not.toBe(rolls(2))
  })

  test('takes the inputs of the next tick only: a gap or a repetition is a broken invariant', () => {
    const runner = new Runner(game)
    expect(() => runner.take(tickAt(1))).toThrow('P5')
    runner.take(tickAt(0))
    expect(() => runner.take(tickAt(0))).toThrow('P5')
    expect(() => runner.take(joinAt(2, 1))).toThrow('P5')
  })
})

describe('a step', () => {
  test('knows its tick and its time', () => {
    const clock = app({
      id: 'c@1',
      fps: 30,
      start: () => ({ at: [] as number[] }),
      tick: (s, t) => void s.at.push(t.tick, t.now),
    })
    const runner = new Runner(clock)
    for (let tick = 0; tick < 4; tick++) runner.take(tickAt(tick))
    expect(runner.state.at).toEqual([0, 0, 1, 33, 2, 66, 3, 100])
  })

  test('has effects, each with a copy of its data, handed over once', () => {
    const runner = new Runner(game)
    runner.take(joinAt(0, 1))
    runner.take(eventAt(0, 1, 1, 3))
    runner.take(eventAt(0, 2, 1, { n: 0 }))
    const hp = runner.state.units[0]?.hp
    runner.take(eventAt(0, 2, 1, { n: 0 }))
    expect(runner.takeEffects()).toMatchObject([
      { tick: 0, name: 'hit', data: { hp } },
      { tick: 0, name: 'hit', data: { hp: (hp ?? 0) - 1 } },
    ])
    expect(runner.takeEffects()).toEqual([])
  })

  test('leaves no effect behind in the world, nor of a past that was taken back', () => {
    const runner = new Runner(game)
    runner.take(joinAt(0, 1))
    runner.take(eventAt(0, 1, 1, 3))
    const kept = runner.keep()
    runner.take(eventAt(0, 2, 1, { n: 0 }))
    runner.back(kept)
    expect(runner.takeEffects()).toEqual([])
  })

  test('may end the session: this tick is run to its end, and nothing after it', () => {
    const runner = new Runner(game)
    runner.take(joinAt(0, 1))
    runner.take(eventAt(0, 5, 1))
    runner.take(eventAt(0, 1, 1, 3))
    expect(runner.ended).toEqual({ tick: 0, result: { by: 1, units: 0 } })
    expect(runner.state.units).toHaveLength(1)
    runner.take(tickAt(0))
    const last = runner.digest()
    runner.take(eventAt(1, 1, 1, 3))
    runner.take(tickAt(1))
    expect(runner.digest()).toBe(last)
    expect(runner.tick).toBe(0)
  })

  test('is over when it is over: what it was given is of no use after it', () => {
    let kept: { random(): number; readonly tick: number } | undefined
    const keeper = app({
      id: 'k@1',
      fps: 10,
      start: () => ({}),
      tick(_, t) {
        kept = t
      },
    })
    new Runner(keeper).take(tickAt(0))
    expect(() => kept?.random()).toThrow('may not be kept')
    expect(() => kept?.tick).toThrow('may not be kept')
  })

  test('under guard may not look at a clock; the guard is down after it, whatever happened', () => {
    const bad = app({
      id: 'b@1',
      fps: 10,
      start: () => ({ at: 0 }),
      tick(s) {
        s.at = Date.now()
      },
    })
    const failure = new Runner(bad, { guard }).take(tickAt(0))
    expect(failure?.message).toContain('tick at tick 0 threw NotDeterministic: Date.now inside a step')
    expect(Date.now()).toBeGreaterThan(0)
    expect(new Runner(bad).take(tickAt(0))).toBeUndefined()
  })
})

describe('start', () => {
  test('that throws is an error that says so, with what it threw', () => {
    const broken = app({
      id: 'b@1',
      fps: 10,
      start(): object {
        throw new TypeError('no map')
      },
    })
    expect(() => new Runner(broken)).toThrow(/start\(\) threw.*TypeError: no map/)
  })

  test.each([[() => 3], [() => undefined], [() => null]])('must return an object: %o', (start) => {
    expect(() => new Runner(app({ id: 'b@1', fps: 10, start: start as unknown as () => object }))).toThrow(
      'start must return an object',
    )
  })
})

describe('an application with a state of its own making', () => {
  class World {
    readonly bodies: number[] = []
    step() {
      this.bodies.push(this.bodies.length)
    }
  }
  const physics = app({
    id: 'p@1',
    fps: 10,
    start: () => ({ world: new World() }),
    tick: (s) => s.world.step(),
    save: (s) => [...s.world.bodies],
    restore: (bodies) => {
      const world = new World()
      world.bodies.push(...bodies)
      return { world }
    },
  })

  test('is saved, restored, kept and compared by what it gives', () => {
    const runner = new Runner(physics)
    for (let tick = 0; tick < 3; tick++) runner.take(tickAt(tick))
    const kept = runner.keep()
    const copy = runner.copyOfState()
    runner.take(tickAt(3))
    expect(copy.world.bodies).toEqual([0, 1, 2])
    expect(copy.world).toBeInstanceOf(World)
    const other = new Runner(physics)
    expect(restoreWorld(other, saveWorld(runner))).toBe(true)
    expect(other.digest()).toBe(runner.digest())
    runner.back(kept)
    expect(runner.state.world.bodies).toEqual([0, 1, 2])
    expect(firstDifference(runner.whole(), other.whole())?.text).toContain('tick: 2 / 3')
  })
})

describe('a snapshot from elsewhere', () => {
  test('that is none changes nothing', () => {
    const runner = runAll(new Runner(game), timelineOf([[{ what: 'join', who: 1 }]]))
    const before = runner.digest()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat(), (noise, at) => {
        const damaged = saveWorld(runner)
        damaged[at % damaged.length] = (damaged[at % damaged.length] as number) ^ 0xff
        const other = new Runner(game)
        const fresh = other.digest()
        for (const bytes of [noise, damaged])
          if (!restoreWorld(other, bytes)) expect(other.digest()).toBe(fresh)
        expect(restoreWorld(runner, noise)).toBe(false)
        expect(runner.digest()).toBe(before)
      }),
    )
  })
})
