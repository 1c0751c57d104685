import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'

export interface Unit {
  owner: number
  x: number
  hp: number
}

export interface Game {
  units: Unit[]
  /** The same object as in `units`, as games have it. */
  leader: Unit | undefined
  log: string[]
  rolls: number
  grid: Float64Array
  seen: Map<number, { since: number }>
}

/** A game with everything in its state that a state may have, and every kind of input. */
export const game = app({
  id: 'game@1',
  fps: 50,
  events: {
    spawn: event<number>(1, (x) => typeof x === 'number' && x >= 0),
    hit: event<{ n: number }>(2),
    clear: event(3),
    crash: event(4),
    stop: event(5),
  },
  input: { neutral: { dx: 0 }, check: (v) => Math.abs((v as { dx: number }).dx) <= 1 },
  start: (t): Game => ({
    units: [],
    leader: undefined,
    log: [`start ${t.tick}`],
    rolls: t.random(),
    grid: new Float64Array(8),
    seen: new Map(),
  }),
  on: {
    spawn(s, e, t) {
      const unit = { owner: e.player.id, x: e.payload, hp: 10 + t.random() }
      s.units.push(unit)
      s.leader ??= unit
    },
    hit(s, e, t) {
      const unit = s.units[e.payload.n % (s.units.length || 1)]
      if (!unit) return
      unit.hp--
      t.effect('hit', unit)
    },
    clear(s) {
      s.units.length = 0
      s.leader = undefined
    },
    crash(s) {
      s.log.push('before the crash')
      throw new RangeError('boom')
    },
    stop(s, e, t) {
      t.end({ by: e.player.id, units: s.units.length })
    },
    join(s, e, t) {
      s.log.push(`join ${e.player.id} ${JSON.stringify(e.player.data)} at ${t.now}`)
      s.seen.set(e.player.id, { since: t.tick })
    },
    drop: (s, e) => void s.log.push(`drop ${e.player.id} ${e.player.here}`),
    back: (s, e) => void s.log.push(`back ${e.player.id} ${e.player.here}`),
    leave(s, e) {
      s.log.push(`leave ${e.player.id} ${e.why}`)
      s.seen.delete(e.player.id)
    },
    pause: (s, e) => void s.log.push(`pause ${e.player?.id} ${e.data}`),
  },
  tick(s, t) {
    for (const player of t.players) {
      const { dx } = t.input(player)
      for (const unit of s.units) if (unit.owner === player.id) unit.x += dx
    }
    if (s.leader) s.leader.x += t.random() / 8
    s.grid[t.tick % 8] = s.leader?.x ?? -0
    s.rolls = t.random()
  },
})
