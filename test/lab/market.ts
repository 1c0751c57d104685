import { app, event } from '../../src/index.ts'

type Goods = 'wood' | 'stone'
interface Market {
  stock: Record<Goods, number>
  purses: Record<string, number>
}

/** Players take goods from a market that has ten of each, and get one more of each every second. */
export default app({
  id: 'market@1',
  fps: 20,
  players: { max: 8 },
  events: { take: event<Goods>(1, (p): p is Goods => p === 'wood' || p === 'stone') },
  start: (): Market => ({ stock: { wood: 10, stone: 10 }, purses: {} }),
  on: {
    join(s, e) {
      s.purses[e.player.id] = 5
    },
    leave(s, e) {
      delete s.purses[e.player.id]
    },
    take(s, e) {
      const coins = s.purses[e.player.id] ?? 0
      if (coins === 0 || s.stock[e.payload] === 0) return
      s.purses[e.player.id] = coins - 1
      s.stock[e.payload]--
    },
  },
  tick(s, t) {
    if (t.tick % 20 !== 0) return
    s.stock.wood++
    s.stock.stone++
  },
})
