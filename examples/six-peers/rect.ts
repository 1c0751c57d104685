import { app, event } from 'sametick'

export const WAYS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1], hold: [0, 0] } as const
export type Way = keyof typeof WAYS

export const isWay = (way: unknown): way is Way => typeof way === 'string' && Object.hasOwn(WAYS, way)

export const FPS = 50
export const WORLD = { width: 320, height: 200 } as const
/** In a tick: 100 px a second. */
const SPEED = 2

/** What the program is. It knows of no peers: it starts, reacts to events, and goes on at every tick. */
export default app({
  id: 'six-peers@1',
  fps: FPS,
  events: { steer: event(1, isWay) },
  start: () => ({ x: 60, y: 100, vx: 1, vy: 0, by: 0, presses: 0 }),
  on: {
    steer(s, { payload, player }) {
      ;[s.vx, s.vy] = WAYS[payload]
      s.by = player.id
      s.presses++
    },
  },
  tick(s) {
    s.x = (s.x + SPEED * s.vx + WORLD.width) % WORLD.width
    s.y = (s.y + SPEED * s.vy + WORLD.height) % WORLD.height
  },
})

export interface Point {
  readonly x: number
  readonly y: number
}

/** How far it is from one place to another, the shorter way round. */
export const wayRound = (from: number, to: number, size: number): number => {
  const straight = to - from
  if (straight > size / 2) return straight - size
  return straight < -size / 2 ? straight + size : straight
}

/** Where it is to be seen between two ticks. */
export const between = (before: Point, after: Point, alpha: number): Point => ({
  x: (before.x + wayRound(before.x, after.x, WORLD.width) * alpha + WORLD.width) % WORLD.width,
  y: (before.y + wayRound(before.y, after.y, WORLD.height) * alpha + WORLD.height) % WORLD.height,
})
