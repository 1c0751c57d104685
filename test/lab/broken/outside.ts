import { app, event } from '../../../src/index.ts'

let turns = 0

/** Counts beside its state. Whoever joins later begins to count at nought. */
export default app({
  id: 'outside@1',
  fps: 20,
  events: { turn: event(1) },
  start: () => ({ turn: 0 }),
  on: {
    turn(s) {
      turns++
      s.turn = turns
    },
  },
})
