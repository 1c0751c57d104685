import { describe, expect, test } from 'vitest'
import { MILLISECOND, type Micros, SECOND, type Tick } from '../../../src/core/timeline/tick.ts'
import { FPS, type Player, press, type Stage, type StageOptions, stage } from './stage.ts'

const at = (sorted: readonly Tick[], share: number): Tick =>
  [...sorted].sort((a, b) => a - b)[Math.floor(share * (sorted.length - 1))] as Tick
const sum = (stage: Stage, name: string): number =>
  stage.players.reduce((all, { link }) => all + (link.stats()[name] as number), 0)
const shareRight = (stage: Stage): number =>
  sum(stage, 'predicted') / (sum(stage, 'predicted') + sum(stage, 'moved'))

/** All press keys for a while; then it is quiet, and everybody must have come to the state of who does not predict. */
const played = (options: StageOptions = {}, meanwhile: (stage: Stage) => void = () => undefined): Stage => {
  const until = options.until ?? 14 * SECOND
  const made = stage({ ...options, until })
  press(made, 2 * SECOND, until - 3 * SECOND)
  meanwhile(made)
  made.world.run(until + SECOND)
  expect(made.world.finish().violations).toEqual([])
  for (const { link } of made.players) {
    if (link.status.phase === 'ended') continue
    expect(link.runner.tick).toBeGreaterThan(FPS * (until / SECOND - 1.5))
    expect(link.runner.digest()).toBe(made.digests.get(link.runner.tick))
  }
  return made
}

describe('four who predict, 100 ms there and back, 10 ms of jitter, 60 ticks a second', () => {
  const made = played({ until: 45 * SECOND })

  test('see their own input at the next tick', () => {
    const { seen } = made
    expect(seen.length).toBeGreaterThan(300)
    // At the tick after the last that was run, so in the frame that runs it: the next one, or the one after it
    // while ticks are stretched.
    expect(Math.max(...seen.map(({ ticks }) => ticks))).toBe(1)
    const next = seen.filter(({ micros }) => micros <= SECOND / FPS + MILLISECOND)
    expect(next.length / seen.length).toBeGreaterThan(0.97)
    expect(Math.max(...seen.map(({ micros }) => micros))).toBeLessThanOrEqual((2 * SECOND) / FPS)
  })

  test('have it stamped as predicted in 99 of 100 cases and more', () => {
    expect(sum(made, 'predicted')).toBeGreaterThan(500)
    expect(shareRight(made)).toBeGreaterThanOrEqual(0.99)
  })

  test('are rolled back by others by a round trip and a tick or two', () => {
    const depths = made.players.flatMap((player) => player.depths)
    const figures = { median: at(depths, 0.5), p95: at(depths, 0.95), most: Math.max(...depths) }
    expect(figures.median).toBeLessThanOrEqual(8)
    expect(figures.p95).toBeLessThanOrEqual(9)
    expect(figures.most).toBeLessThanOrEqual(12)
  })

  test('hear each effect once, whatever was rolled back', () => {
    for (const { effects } of made.players) {
      expect(new Set(effects).size).toBe(effects.length)
      expect(effects.length).toBe(made.shots)
    }
  })
})

const wait = (made: Stage, moment: Micros, look: (player: Player) => void, i = 0): void =>
  made.world.at(moment, () => look(made.players[i] as Player))

test('whoever hears nothing guesses on for a tenth of a second and stands still, goes on, and agrees again', () => {
  const statuses: string[] = []
  const ticks: Tick[] = []
  played({}, (made) => {
    const { world, players } = made
    players[0]?.link.on('status', ({ phase }) => {
      if (world.now > 3 * SECOND) statuses.push(`${Math.round(world.now / 100_000)} ${phase}`)
    })
    world.at(5 * SECOND, () => world.cut((players[0] as Player).node, 6 * SECOND))
    for (let i = 0; i < 12; i++)
      wait(made, 5 * SECOND + i * 100 * MILLISECOND, ({ link }) => ticks.push(link.runner.tick))
  })
  expect(statuses[0]).toMatch(/^5[234] frozen$/)
  expect(statuses[1]).toMatch(/^6[01] running$/)
  // For what the ways take and a tenth of a second it goes on; then not one tick.
  expect((ticks[1] as Tick) - (ticks[0] as Tick)).toBeGreaterThanOrEqual(4)
  expect(ticks[5]).toBe(ticks[9])
})

test('own events that came too late for their tick move, and nobody hears them twice', () => {
  const made = played({}, ({ world, players }) => {
    for (let s = 4; s < 11; s += 1.5)
      world.at(s * SECOND, () =>
        world.clog((players[0] as Player).node, s * SECOND + 150 * MILLISECOND, 'up'),
      )
  })
  expect(made.players[0]?.link.stats().moved).toBeGreaterThan(0)
  for (const { effects } of made.players) expect(new Set(effects).size).toBe(effects.length)
})

test('one stall of a way, with input all the while, does not make it run further ahead for good', () => {
  const needed: Micros[] = []
  played({ until: 20 * SECOND }, (made) => {
    const { world, players } = made
    world.at(4 * SECOND, () => world.clog((players[0] as Player).node, 5 * SECOND, 'up'))
    for (let i = 0; i < 20; i++)
      wait(made, (4 + i / 20) * SECOND, ({ link }) => void link.emit('shoot', 1_000 + i))
    for (const s of [3.9, 12])
      wait(made, s * SECOND, ({ link }) => needed.push(link.stats().neededMicros as number))
  })
  const [before = 0, after = 0] = needed
  expect(before).toBeGreaterThan(0)
  expect(after - before).toBeLessThan((2 * SECOND) / FPS)
})

describe('one stall in the first seconds', () => {
  /** How far ahead the first of them has to run, two seconds after what was a stall of one. */
  const needed = (stall: (world: Stage['world'], node: Player['node'], until: Micros) => void): Micros => {
    const made = stage({ until: 4 * SECOND })
    const { world, players } = made
    const { node, link } = players[0] as Player
    press(made, 2 * SECOND, 4 * SECOND)
    world.at(0.9 * SECOND, () => stall(world, node, 1.9 * SECOND))
    world.run(3.9 * SECOND)
    return link.stats().neededMicros as Micros
  }
  const without = needed(() => undefined)

  test.each([
    ['of the machine', (world, node, until) => world.pause(node, until)],
    ['of both ways', (world, node, until) => world.clog(node, until)],
    ['of the way down', (world, node, until) => world.clog(node, until, 'down')],
    ['of the way up', (world, node, until) => world.clog(node, until, 'up')],
  ] as [string, Parameters<typeof needed>[0]][])('%s is forgotten two seconds later', (_, stall) => {
    expect(without).toBeGreaterThan(100 * MILLISECOND)
    expect(Math.abs(needed(stall) - without)).toBeLessThan((2 * SECOND) / FPS)
  })
})

test('a budget bounds how many ticks are run again in one frame, and input goes on', () => {
  const budget = 5
  const made = played({ budget })
  for (const { perFrame } of made.players) expect(Math.max(...perFrame)).toBeLessThanOrEqual(budget)
  expect(Math.max(...made.players.flatMap(({ depths }) => depths))).toBeGreaterThan(budget)
  expect(shareRight(made)).toBeGreaterThan(0.97)
  const free = played({})
  expect(Math.max(...free.players.flatMap(({ perFrame }) => perFrame))).toBeGreaterThan(budget)
})

test('who may not run far enough ahead sees own input later, and guesses as well', () => {
  const made = played({ ahead: 100 * MILLISECOND, until: 20 * SECOND })
  expect(shareRight(made)).toBeGreaterThan(0.98)
  expect(Math.max(...made.seen.map(({ ticks }) => ticks))).toBeGreaterThan(4)
  expect(sum(made, 'aheadMicros')).toBe(4 * 100 * MILLISECOND)
})

test('in auto the session stays in horizon while somebody predicts: after a quiet time no guess is wrong', () => {
  const made = stage({ discipline: 'auto', until: 40 * SECOND })
  const { world, players } = made
  for (let s = 4; s <= 36; s += 8) {
    for (const [i, { link }] of players.entries())
      world.at(s * SECOND + i * 100 * MILLISECOND, () => void link.emit('shoot', s))
  }
  world.run(7.5 * SECOND)
  const before = sum(made, 'moved')
  world.run(41 * SECOND)
  expect(made.world.finish().violations).toEqual([])
  expect(sum(made, 'moved') - before).toBe(0)
  expect(sum(made, 'predicted')).toBeGreaterThanOrEqual(16)
})

test('in gals, where an event takes a round, it learns to run further ahead', () => {
  const made = played({ discipline: 'gals', until: 30 * SECOND, ahead: 500 * MILLISECOND })
  expect(shareRight(made)).toBeGreaterThan(0.8)
  for (const { link } of made.players) expect(link.stats().aheadMicros).toBeGreaterThan(220_000)
})

test('a handler that throws is told once, when its tick is certain, and no guess that was wrong is told', () => {
  const failures: string[][] = []
  const made = played({ until: 12 * SECOND }, ({ world, players }) => {
    for (const [i, { link }] of players.entries()) {
      failures[i] = []
      link.on('failure', ({ event, tick }) => {
        expect(tick).toBeLessThanOrEqual(link.stats().confirmed as number)
        failures[i]?.push(`${event} ${tick}`)
      })
    }
    for (let i = 0; i < 8; i++)
      world.at(3 * SECOND + i * 700 * MILLISECOND, () => void players[i % 4]?.link.emit('bad'))
  })
  expect(failures[0]).toHaveLength(8)
  for (const told of failures) expect(told).toEqual(failures[0])
  expect(made.players).toHaveLength(4)
})

test('the end of a session is where it is certain, with what was said there', () => {
  const made = stage({ until: 10 * SECOND })
  const { world, players, digests } = made
  world.at(5 * SECOND, () => {
    players[1]?.link.emit('over')
    players[2]?.link.emit('shoot', 7)
  })
  world.run(12 * SECOND)
  for (const { link } of players) {
    expect(link.status).toMatchObject({ phase: 'ended', why: 'end', result: 'over' })
    expect(link.runner.digest()).toBe(digests.get(link.runner.tick))
  }
})

test('what is not taken vanishes, and whoever is turned away has a state that all others had', () => {
  const made = stage({ until: 10 * SECOND, limits: { unstamped_max: 3 } })
  const { world, players, digests } = made
  const denied: string[] = []
  world.at(5 * SECOND, () => {
    for (let i = 0; i < 6; i++)
      void players[0]?.link
        .emit('shoot', i)
        .landed.then((landing) => denied.push(landing.ok ? 'ok' : landing.error.code))
  })
  world.at(5.05 * SECOND, () => expect(players[0]?.link.state.shots).toHaveLength(6))
  world.run(6 * SECOND)
  const { link, node } = players[0] as Player
  expect(link.state.shots).toHaveLength(3)
  expect(link.runner.digest()).toBe(digests.get(link.runner.tick) ?? link.runner.digest())
  world.at(7 * SECOND, () => void link.emit('shoot', 9))
  world.at(7 * SECOND + 30 * MILLISECOND, () => world.disconnect(node, 0, 0))
  world.run(11 * SECOND)
  expect(link.status).toMatchObject({ phase: 'ended', why: 'lost' })
  expect(link.runner.tick).toBe(link.stats().confirmed)
  expect(link.runner.digest()).toBe(digests.get(link.runner.tick))
})

test('a newcomer runs through what was before it, and predicts from then on', () => {
  const made = played({ until: 14 * SECOND, late: 7 * SECOND })
  const late = made.players.at(-1) as Player
  expect(late.link.players).toHaveLength(5)
  expect(late.depths.length).toBeGreaterThan(10)
  // What was certain was run once: the way to the present is no rollback.
  expect(late.link.stats().farthest).toBeLessThan(30)
})

test('whoever would have to hold more than it may to go back ends, with a state that all others had', () => {
  const way = { base: 100 * MILLISECOND, jitter: 5 * MILLISECOND }
  const crowd = (pending_max: number): Stage => {
    const options = { players: 2, way, ahead: 500 * MILLISECOND, until: 6 * SECOND }
    const made = stage({ ...options, limits: { lead_max: 30 * MILLISECOND }, held: { pending_max } })
    const { world, plain, players } = made
    for (let i = 0; i < 60; i++)
      world.at(3 * SECOND + Math.round((i * SECOND) / FPS), () => {
        for (let n = 0; n < 8; n++) world.emit(plain, 1, Uint8Array.of(n))
      })
    const pending: number[] = []
    for (let at = 3 * SECOND; at < 5 * SECOND; at += 2 * MILLISECOND)
      for (const { node } of players)
        world.at(at, () => pending.push(node.machine.sizes().pending?.size ?? 0))
    world.run(7 * SECOND)
    expect(world.finish().violations).toEqual([])
    expect(Math.max(...pending)).toBeLessThan(32)
    return made
  }
  // What is to come is never too much: with nothing to go back to nobody would have ended.
  const { players, digests } = crowd(32)
  for (const { link } of players) {
    expect(link.status).toMatchObject({ phase: 'ended', why: 'overflow' })
    expect(link.runner.tick).toBe(link.stats().confirmed)
    expect(link.runner.digest()).toBe(digests.get(link.runner.tick))
  }
  for (const { link } of crowd(64).players) expect(link.status.phase).not.toBe('ended')
})
