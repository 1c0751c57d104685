import { app, event } from '../../../src/index.ts'

interface Race {
  laps: { [car: string]: number }
  leader: string
}

/** Whoever comes first in the object leads: numbers of cars do not stay where they were put. */
export default app({
  id: 'key-order@1',
  fps: 20,
  events: { lap: event<number>(1) },
  start: (): Race => ({ laps: {}, leader: '' }),
  on: {
    lap(s, e) {
      const car = `#${e.payload}`
      s.laps[car] = (s.laps[car] ?? 0) + 1
      s.leader = Object.keys(s.laps).reduce((a, b) => ((s.laps[b] ?? 0) > (s.laps[a] ?? 0) ? b : a))
    },
  },
  // As numbers they are keys like 7 and 12, which an object lists by size.
  save: (s) => ({
    laps: Object.fromEntries(Object.entries(s.laps).map(([k, n]) => [k.slice(1), n])),
    leader: s.leader,
  }),
  restore: (v): Race => ({
    laps: Object.fromEntries(Object.entries(v.laps).map(([k, n]) => [`#${k}`, n])),
    leader: v.leader,
  }),
})

export const samples = { lap: [12, 7, 31] }
