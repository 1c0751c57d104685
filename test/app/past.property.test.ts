import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { App } from '../../src/app/app.ts'
import { type Events, INPUT_ID } from '../../src/app/event.ts'
import { DRIVEN, type Link } from '../../src/app/link.ts'
import { loop } from '../../src/app/loop.ts'
import { past } from '../../src/app/past.ts'
import { encodePayload } from '../../src/app/payload.ts'
import { RewindingLink } from '../../src/app/rewinding-link.ts'
import { SourceLink } from '../../src/app/source-link.ts'
import { firstDifference } from '../../src/core/timeline/difference.ts'
import { digest } from '../../src/core/timeline/digest.ts'
import type { Input } from '../../src/core/timeline/event.ts'
import { game } from './game.ts'
import { backAt, dropAt, eventAt, joinAt, leaveAt } from './inputs.ts'
import { byHand, LateSource, walker, walkerInMemory } from './past-stage.ts'
import { ScriptedSource } from './scripted.ts'

const FPS = 50
const share = fc.double({ min: 0, max: 1, noNaN: true })

/** What somebody does who looks at a past, in any order. A share is a place in its range. */
const looks = [
  { weight: 4, arbitrary: fc.record({ at: share }) },
  { weight: 6, arbitrary: fc.record({ near: fc.integer({ min: -9, max: 9 }) }) },
  { weight: 3, arbitrary: fc.record({ rewind: share }) },
  { weight: 2, arbitrary: fc.record({ speed: fc.constantFrom(-4, -1, -0.25, 0, 0.25, 1, 4, 40) }) },
  { weight: 1, arbitrary: fc.record({ live: fc.constant(true) }) },
  { weight: 8, arbitrary: fc.record({ ms: fc.integer({ min: 1, max: 900 }) }) },
]

type Look =
  | { at: number }
  | { near: number }
  | { rewind: number }
  | { speed: number }
  | { live: boolean }
  | { ms: number }

/** One who looks at the past of a link, and remembers what was asked and drawn since the past changed last. */
const watcher = <S extends object, E extends Events, I>(
  link: Link<S, E, I>,
  advance: (ms: number) => void,
) => {
  const { hand, drive } = byHand()
  let seen: { tick: number; digest: number; state: unknown }[] = []
  let asked = 0
  const see = (tick: number, state: S): void => void seen.push({ tick, digest: digest(state), state })
  const l = loop(link, { drive, past: past(), render: (s) => see(l.showing, s) })
  return {
    l,
    frame: () => hand.frame(),
    forget: () => {
      seen = []
    },
    do: (step: Look): void => {
      const { from, to } = l.range
      const place = (part: number): number => from + Math.round(part * (to - from))
      if ('at' in step || 'near' in step) {
        asked = 'at' in step ? place(step.at) : Math.min(to, Math.max(from, asked + step.near))
        see(asked, l.at(asked))
      } else if ('rewind' in step) l.rewind(place(step.rewind))
      else if ('speed' in step) l.play({ speed: step.speed })
      else if ('live' in step) l.live()
      else {
        advance(step.ms)
        hand.frame()
      }
    },
    /** Whether all of it is what a run from tick 0 comes to. */
    check: (states: readonly S[]): number => {
      for (const { tick, digest: was, state } of seen) {
        const right = states[tick + 1] as S
        if (digest(right) !== was)
          expect(`tick ${tick}: ${firstDifference(state, right)?.text ?? 'was changed since'}`).toBe('')
      }
      return seen.length
    },
  }
}

/** The states of a run that nobody looks back at: the first is that before tick 0. */
const statesOf = <S extends object, E extends Events, I>(
  link: SourceLink<S, E, I>,
  ticks: number,
): { states: S[]; digest: number } => {
  const states = [link.runner.copyOfState()]
  link.on('failure', () => undefined)
  while (states.length < ticks + 2 && link[DRIVEN].run()) states.push(link.runner.copyOfState())
  return { states, digest: link.runner.digest() }
}

const WORDS = ['spawn', 'hit', 'clear', 'crash', 'hold', 'join', 'leave', 'drop', 'back'] as const

/** What happens in a session: written down beforehand. */
const happenings = fc.array(
  fc.record({
    tick: fc.integer({ min: 0, max: 300 }),
    what: fc.constantFrom(...WORDS),
    value: fc.integer({ min: 0, max: 20 }),
    player: fc.constantFrom(1, 2, 3),
  }),
  { maxLength: 60 },
)

const inputOf = (tick: number, what: (typeof WORDS)[number], value: number, player: number): Input => {
  switch (what) {
    case 'spawn':
      return eventAt(tick, 1, player, value)
    case 'hit':
      return eventAt(tick, 2, player, { n: value })
    case 'clear':
      return eventAt(tick, 3, player)
    case 'crash':
      return eventAt(tick, 4, player)
    case 'hold':
      return eventAt(tick, INPUT_ID, player, { dx: (value % 3) - 1 })
    case 'join':
      return joinAt(tick, player, value)
    case 'leave':
      return leaveAt(tick, player)
    case 'drop':
      return dropAt(tick, player)
    case 'back':
      return backAt(tick, player)
  }
}

describe('a past gives at every tick what a run from tick 0 comes to, in whatever order one looks', () => {
  test('in lockstep, and who goes back to the present is where those are who never looked', () => {
    let looked = 0
    fc.assert(
      fc.property(
        happenings,
        fc.array(fc.oneof(...looks), { minLength: 10, maxLength: 80, size: 'max' }),
        (all, steps) => {
          const inputs = [joinAt(0, 1), joinAt(0, 2)]
          for (const { tick, what, value, player } of [...all].sort((a, b) => a.tick - b.tick))
            inputs.push(inputOf(tick, what, value, player))
          const source = new ScriptedSource(FPS).put(...inputs)
          const link = new SourceLink(game, source)
          link.on('failure', () => undefined)
          const watch = watcher(link, (ms) => void source.advance(ms))
          for (const step of steps) watch.do(step)
          watch.l.live()
          watch.frame()

          const { micros } = source
          const other = new ScriptedSource(FPS).put(...inputs).advance(micros / 1000)
          const plain = statesOf(new SourceLink(game, other), link.runner.tick)
          looked += watch.check(plain.states)
          expect(link.runner.digest()).toBe(plain.digest)
        },
      ),
      { numRuns: 80 },
    )
    expect(looked).toBeGreaterThan(1_000)
  })

  /** Events for ticks so far from the present, most of them long run. */
  const late = fc.record({
    to: fc.integer({ min: -120, max: 4 }),
    value: fc.integer({ min: 0, max: 9 }),
    source: fc.constantFrom(7, 2),
  })

  test.each([
    ['objects', walker as unknown as App<object, Events, unknown>],
    ['one buffer', walkerInMemory as unknown as App<object, Events, unknown>],
  ])('where it changes under the feet of who looks, with a state of %s', (_, app) => {
    let looked = 0
    let rolledBack = 0
    let halfway = 0
    fc.assert(
      fc.property(
        fc.array(fc.oneof(...looks, { weight: 6, arbitrary: late }), {
          minLength: 20,
          maxLength: 100,
          size: 'max',
        }),
        (steps) => {
          const source = new LateSource()
          const puts: [tick: number, payload: Uint8Array, source: number][] = []
          const begin = (of: LateSource): RewindingLink<object, Events, unknown> => {
            for (const member of [7, 2]) of.join(0, member)
            return new RewindingLink(app, of)
          }
          const link = begin(source)
          const watch = watcher(link, (ms) => {
            source.micros += ms * 1000
          })
          const plain = () => {
            const other = new LateSource()
            const of = begin(other)
            for (const [tick, payload, from] of puts) other.put(tick, 1, payload, from)
            other.micros = source.micros
            return statesOf(of, link.runner.tick)
          }
          for (const step of steps) {
            if (!('to' in step)) {
              watch.do(step)
              continue
            }
            // What was seen is what was known until now: what is late is run in the next frame.
            looked += watch.check(plain().states)
            watch.forget()
            const tick = Math.max(0, link.runner.tick + step.to)
            const payload = encodePayload(step.value)
            puts.push([tick, payload, step.source])
            source.put(tick, 1, payload, step.source)
            source.micros += 20_000
            // Only the first part of the way back to the present: who looks now looks in the midst of it.
            link[DRIVEN].run()
            if (link[DRIVEN].travels()) halfway++
          }
          watch.l.live()
          watch.frame()
          const { states, digest: right } = plain()
          looked += watch.check(states)
          expect(link.runner.digest()).toBe(right)
          rolledBack += link.stats().rollbacks as number
        },
      ),
      { numRuns: 40 },
    )
    expect(looked).toBeGreaterThan(800)
    expect(rolledBack).toBeGreaterThan(200)
    expect(halfway).toBeGreaterThan(50)
  })
})
