import { app, event } from '../../../src/index.ts'

/** A bomb whose fuse burns by the clock of the machine. */
export default app({
  id: 'date@1',
  fps: 20,
  events: { light: event(1) },
  start: () => ({ litAt: 0, bombs: 0 }),
  on: {
    light(s) {
      s.bombs++
      s.litAt = Date.now()
    },
  },
})
