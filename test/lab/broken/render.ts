import { app, event } from '../../../src/index.ts'

interface Puff {
  x: number
  age: number
}

const smoke = app({
  id: 'render@1',
  fps: 20,
  events: { puff: event<number>(1) },
  start: () => ({ puffs: [] as Puff[] }),
  on: {
    puff(s, e) {
      s.puffs.push({ x: e.payload, age: 0 })
      if (s.puffs.length > 5) s.puffs.shift()
    },
  },
})

export default smoke

/** Draws smoke, and lets it grow old while it draws. */
export const render = (s: { puffs: Puff[] }): string => {
  for (const puff of s.puffs) puff.age++
  return s.puffs.map((puff) => '.'.repeat(puff.age % 10)).join(' ')
}

export const samples = { puff: [1, 2, 3] }
