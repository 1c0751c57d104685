import { app, event } from 'sametick'

export const WIDTH = 800
export const HEIGHT = 480
export const RADIUS = 16
const COUNT = 22
/** How far a push reaches, and how hard it is in the middle. */
const REACH = 170
const PUSH = 13
/** What is left of the speed after a tick. */
const ROLL = 0.988

export interface Marble {
  x: number
  y: number
  vx: number
  vy: number
  /** Who pushed it last: the slot of a player, or none. */
  by: number
}

export interface Tray {
  readonly marbles: Marble[]
}

type Point = readonly [x: number, y: number]
const isPoint = (p: unknown): p is Point =>
  Array.isArray(p) && p.length === 2 && p.every((n) => typeof n === 'number' && n >= 0 && n <= WIDTH)

/** A tray of marbles. Whoever pushes sends all that are near away from there. */
export default app({
  id: 'marbles@1',
  fps: 50,
  events: { push: event(1, isPoint) },
  start: (): Tray => ({
    marbles: Array.from({ length: COUNT }, (_, i) => ({
      x: WIDTH / 2 + ((i % 6) - 2.5) * 2.3 * RADIUS,
      y: HEIGHT / 2 + (Math.floor(i / 6) - 1.5) * 2.3 * RADIUS,
      vx: 0,
      vy: 0,
      by: -1,
    })),
  }),
  on: {
    push({ marbles }, { payload: [x, y], player }, t) {
      for (const marble of marbles) {
        const [dx, dy] = [marble.x - x, marble.y - y]
        const distance = Math.sqrt(dx * dx + dy * dy)
        if (distance >= REACH) continue
        const push = (PUSH * (1 - distance / REACH)) / Math.max(1, distance)
        marble.vx += dx * push
        marble.vy += dy * push
        marble.by = player.slot
      }
      t.effect('push', { x, y, slot: player.slot })
    },
  },
  tick({ marbles }) {
    for (const marble of marbles) roll(marble)
    for (let i = 0; i < marbles.length; i++)
      for (let j = 0; j < i; j++) meet(marbles[i] as Marble, marbles[j] as Marble)
  },
})

const roll = (marble: Marble): void => {
  marble.x += marble.vx
  marble.y += marble.vy
  marble.vx *= ROLL
  marble.vy *= ROLL
  if (marble.x < RADIUS || marble.x > WIDTH - RADIUS) marble.vx = -marble.vx
  if (marble.y < RADIUS || marble.y > HEIGHT - RADIUS) marble.vy = -marble.vy
  marble.x = Math.min(WIDTH - RADIUS, Math.max(RADIUS, marble.x))
  marble.y = Math.min(HEIGHT - RADIUS, Math.max(RADIUS, marble.y))
}

/** Two of the same weight give each other what they have along the line between them. */
const meet = (a: Marble, b: Marble): void => {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const square = dx * dx + dy * dy
  if (square >= 4 * RADIUS * RADIUS || square === 0) return
  const distance = Math.sqrt(square)
  const [nx, ny] = [dx / distance, dy / distance]
  const closing = (a.vx - b.vx) * nx + (a.vy - b.vy) * ny
  if (closing > 0) {
    a.vx -= closing * nx
    a.vy -= closing * ny
    b.vx += closing * nx
    b.vy += closing * ny
  }
  const apart = (2 * RADIUS - distance) / 2
  a.x -= apart * nx
  a.y -= apart * ny
  b.x += apart * nx
  b.y += apart * ny
}
