import { app, event } from '../../../src/index.ts'

interface Scale {
  weights: Map<number, number>
  total: number
}

/** Adds up tenths in the order of a Map that is saved by number: the last bits of the sum follow the order. */
export default app({
  id: 'sum@1',
  fps: 20,
  events: { put: event<{ on: number; grams: number }>(1), weigh: event(2) },
  start: (): Scale => ({ weights: new Map(), total: 0 }),
  on: {
    put(s, e) {
      s.weights.set(e.payload.on, e.payload.grams)
    },
    weigh(s) {
      let total = 0
      for (const grams of s.weights.values()) total += grams
      s.total = total
    },
  },
  save: (s) => ({ weights: [...s.weights].sort(([a], [b]) => a - b), total: s.total }),
  restore: (v): Scale => ({ weights: new Map(v.weights), total: v.total }),
})

export const samples = {
  put: [
    { on: 3, grams: 0.1 },
    { on: 2, grams: 0.2 },
    { on: 1, grams: 0.3 },
    { on: 4, grams: 0.7 },
  ],
}
