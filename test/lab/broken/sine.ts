import { app, event } from '../../../src/index.ts'

interface Ship {
  x: number
  angle: number
}

const ahead = (angle: number): number => 3 * Math.sin(angle)

/** Ships that turn, and move by a sine whose last bit is each engine's own. */
export default app({
  id: 'sine@1',
  fps: 20,
  events: { turn: event<number>(1, (by) => typeof by === 'number' && Math.abs(by) < 1) },
  start: () => ({ ships: new Map<number, Ship>() }),
  on: {
    join: (s, e) => void s.ships.set(e.player.id, { x: 0, angle: 0 }),
    leave: (s, e) => void s.ships.delete(e.player.id),
    turn(s, e) {
      const ship = s.ships.get(e.player.id)
      if (ship) ship.angle += e.payload
    },
  },
  tick(s) {
    for (const ship of s.ships.values()) ship.x += ahead(ship.angle)
  },
})

export const samples = { turn: [0.1, -0.1, 0.25] }
