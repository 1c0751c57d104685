import { app, event } from '../../../src/index.ts'

interface Auction {
  bids: Map<string, number>
  winner: string | undefined
}

/** The first of the highest bids wins, and the order of the bids is not what is saved. */
export default app({
  id: 'map-order@1',
  fps: 20,
  events: { bid: event<{ of: string; much: number }>(1), close: event(2) },
  start: (): Auction => ({ bids: new Map(), winner: undefined }),
  on: {
    bid(s, e) {
      s.bids.set(e.payload.of, e.payload.much)
    },
    close(s) {
      let most = -1
      for (const [who, much] of s.bids) {
        if (much <= most) continue
        most = much
        s.winner = who
      }
    },
  },
  save: (s) => ({ bids: [...s.bids].sort(([a], [b]) => (a < b ? -1 : 1)), winner: s.winner }),
  restore: (v): Auction => ({ bids: new Map(v.bids), winner: v.winner }),
})

export const samples = {
  bid: [
    { of: 'zoe', much: 3 },
    { of: 'ann', much: 3 },
    { of: 'max', much: 3 },
  ],
}
