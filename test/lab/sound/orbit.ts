import { cos, sin } from '../../../src/deterministic/index.ts'
import { app, event } from '../../../src/index.ts'

interface Body {
  readonly name: string
  angle: number
  x: number
  y: number
}

/** Everything that looks dangerous and is not: sines of the library, chance of the step, a settled order, a Map. */
export default app({
  id: 'orbit@1',
  fps: 30,
  events: { push: event<{ n: number; by: number }>(1), shuffle: event(2) },
  input: { neutral: { left: false, right: false } },
  start: (t) => ({
    bodies: new Map<string, Body>(),
    ranking: [] as string[],
    chance: t.random(),
    sum: 0,
    trail: new Float64Array(16),
  }),
  on: {
    join: (s, e) =>
      void s.bodies.set(`p${e.player.id}`, { name: `p${e.player.id}`, angle: e.player.id, x: 0, y: 0 }),
    leave: (s, e) => void s.bodies.delete(`p${e.player.id}`),
    push(s, e) {
      const body = [...s.bodies.values()][e.payload.n % s.bodies.size]
      if (body) body.angle += e.payload.by
    },
    shuffle(s, _e, t) {
      s.ranking = [...s.bodies.values()]
        .sort((a, b) => a.angle - b.angle || (a.name < b.name ? -1 : 1))
        .map(({ name }) => name)
      s.chance = t.random()
    },
  },
  tick(s, t) {
    s.sum = 0
    for (const player of t.players) {
      const held = t.input(player)
      const body = s.bodies.get(`p${player.id}`)
      if (body) body.angle += (held.left ? -0.01 : 0) + (held.right ? 0.01 : 0)
    }
    for (const body of s.bodies.values()) {
      body.x = 100 * cos(body.angle)
      body.y = 100 * sin(body.angle)
      s.sum += Math.sqrt(body.x * body.x + body.y * body.y) / 3
    }
    s.trail[t.tick % 16] = s.sum
  },
})

export const samples = {
  push: [
    { n: 0, by: 0.1 },
    { n: 1, by: -0.2 },
  ],
}

export const render = (s: { bodies: Map<string, Body> }): number =>
  [...s.bodies.values()].length + Math.sin(1)
