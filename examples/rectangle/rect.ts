import { app, event } from 'sametick'

const WAYS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1], stop: [0, 0] } as const
export type Way = keyof typeof WAYS

/** What the program is. There is no network in it: it starts, reacts to events, and goes on at every tick. */
export default app({
  id: 'rectangle@1',
  fps: 40,
  events: { steer: event(1, (way): way is Way => typeof way === 'string' && Object.hasOwn(WAYS, way)) },
  start: () => ({ x: 300, y: 180, vx: 1, vy: 0, steered: 0 }),
  on: {
    steer(s, { payload, player }) {
      ;[s.vx, s.vy] = WAYS[payload]
      s.steered = player.slot
    },
  },
  tick(s) {
    s.x = (s.x + 4 * s.vx + 640) % 640
    s.y = (s.y + 4 * s.vy + 400) % 400
  },
})
