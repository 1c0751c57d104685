import { cos, sin } from '../../../../src/deterministic/index.ts'
import { app, event } from '../../../../src/index.ts'

interface Drone {
  id: number
  x: number
  y: number
}

/** Drones that fly in circles. */
export default app({
  id: 'drones@1',
  fps: 30,
  events: { launch: event(1), speed: event<number>(2, (by) => typeof by === 'number' && by > 0) },
  start: () => ({ drones: [] as Drone[], angle: 0, speed: 1, nextId: 1 }),
  on: {
    launch(s) {
      s.drones.push({ id: s.nextId++, x: 0, y: 0 })
      if (s.drones.length > 8) s.drones.shift()
    },
    speed(s, e) {
      s.speed = e.payload
    },
  },
  tick(s) {
    s.angle += 0.02 * s.speed
    for (const drone of s.drones) {
      drone.x += cos(s.angle + drone.id)
      drone.y += sin(s.angle + drone.id)
    }
  },
})

export const samples = { speed: [1, 1.5, 3] }
