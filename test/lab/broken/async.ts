import { app, event } from '../../../src/index.ts'

const price = (of: number): Promise<number> => Promise.resolve(of * 3)

/** A handler that waits for an answer, and changes the state when it is there. */
export default app({
  id: 'async@1',
  fps: 20,
  events: { buy: event<number>(1) },
  start: () => ({ money: 1000, pending: 0 }),
  on: {
    async buy(s, e) {
      s.pending++
      s.money -= await price(e.payload)
      s.pending--
    },
  },
})

export const samples = { buy: [1, 2, 3] }
