import { app, event } from '../../../src/index.ts'

/** A die that every machine throws for itself. */
export default app({
  id: 'random@1',
  fps: 20,
  events: { roll: event(1) },
  start: () => ({ pips: [] as number[] }),
  on: {
    roll(s) {
      s.pips.push(1 + Math.floor(6 * Math.random()))
      if (s.pips.length > 20) s.pips.shift()
    },
  },
})
