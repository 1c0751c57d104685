import { app, event } from '../../../src/index.ts'

const V = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] } as const
type Dir = keyof typeof V

/** The rectangle of the paper, as the README has it. */
export default app({
  id: 'rect@1',
  fps: 40,
  events: { steer: event<Dir>(1, (p) => Object.hasOwn(V, String(p))) },
  start: () => ({ x: 10, y: 10, vx: 0, vy: 0 }),
  on: {
    steer(s, e) {
      const [vx, vy] = V[e.payload]
      s.vx = vx
      s.vy = vy
    },
  },
  tick(s) {
    s.x += 5 * s.vx
    s.y += 5 * s.vy
  },
})

export const samples = { steer: ['left', 'right', 'up', 'down'] }

export const render = (s: { x: number; y: number }): string => `${s.x} ${s.y} ${Date.now()}`
