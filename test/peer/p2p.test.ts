import { expect, test } from 'vitest'
import { P2P_EVT_NEXT, P2P_EVT_START, P2P_EVT_TICK, type P2pEvent, p2pBy } from '../../src/peer/p2p.ts'
import { peersBy } from '../../src/peer/peers.ts'
import { MemoryNetwork } from '../../src/transport/memory.ts'
import { until } from '../until.ts'

/** The paper's rectangle: keys change its direction, ticks move it. */
const P2P_EVT_KEY = P2P_EVT_NEXT
const UP = 1
const DIRECTIONS = [
  [0, 0],
  [0, -1],
  [1, 0],
] as const

const cb_sim = (G: { x: number; y: number; dx: number; dy: number; keys: number }, evt: P2pEvent): void => {
  switch (evt.id) {
    case P2P_EVT_START:
      G.x = G.y = G.dx = G.dy = 0
      break
    case P2P_EVT_TICK:
      G.x += G.dx
      G.y += G.dy
      break
    case P2P_EVT_KEY: {
      G.keys++
      ;[G.dx, G.dy] = DIRECTIONS[evt.pay[0] ?? 0] ?? DIRECTIONS[0]
    }
  }
}

// What is dialled as tcp://host:port is a name in memory here.
const network = new MemoryNetwork()
const inMemory = (url: string) => url.replace('tcp://127.0.0.1:', 'memory://')
const peers = peersBy(
  (url, options) => network.dial(inMemory(url), options),
  (url, options) => network.listen(inMemory(url), options),
)

const program = (me: number, port: number, other: number) => {
  const p2p = p2pBy(peers)
  const stop = new AbortController()
  const said: string[] = []
  const keys: P2pEvent[] = []
  const seen = { x: 0, y: 0, dx: 0, dy: 0, keys: 0 }
  const G = { x: 9, y: 9, dx: 9, dy: 9, keys: 0 }
  const over = p2p.p2p_loop(
    me,
    50,
    G,
    {
      cb_ini: (begins) => {
        said.push(begins ? 'begins' : 'ends')
        if (begins && me > 1) p2p.p2p_link(other, '127.0.0.1', 5000 + other)
      },
      cb_sim,
      cb_ren: (state) => Object.assign(seen, state),
      cb_evt: () => keys.shift(),
    },
    { port, signal: stop.signal },
  )
  return { p2p, over, stop, said, keys, seen, G }
}

test("the paper's rectangle: three peers on a line, and a key of one is a key of all", async () => {
  const [a, b, c] = [program(1, 5001, 0), program(2, 5002, 1), program(3, 5003, 2)]
  c.keys.push({ id: P2P_EVT_KEY, pay: [UP] })
  await until(() => [a, b, c].every(({ seen }) => seen.keys === 1 && seen.y < 0))
  expect([a, b, c].map(({ seen }) => seen.x)).toEqual([0, 0, 0])
  // The state that was handed in is a form, and nothing else.
  expect(a.G).toEqual({ x: 9, y: 9, dx: 9, dy: 9, keys: 0 })

  // Unlinked it goes on alone, and what it did is everybody's when it is linked again.
  c.p2p.p2p_unlink(2)
  c.keys.push({ id: P2P_EVT_KEY, pay: [2] })
  await until(() => c.seen.keys === 2)
  expect(a.seen.keys).toBe(1)
  c.p2p.p2p_link(2, '127.0.0.1', 5002)
  await until(() => [a, b, c].every(({ seen }) => seen.keys === 2 && seen.x > 0))

  await expect(a.p2p.p2p_loop(1, 50, {}, { cb_sim: () => undefined })).rejects.toMatchObject({
    code: 'link_driven',
  })
  for (const each of [a, b, c]) each.stop.abort()
  await Promise.all([a, b, c].map(({ over }) => over))
  expect(a.said).toEqual(['begins', 'ends'])
})

test('a number that is none is refused', async () => {
  const { p2p_loop } = p2pBy(peers)
  await expect(p2p_loop(0, 50, {}, { cb_sim: () => undefined })).rejects.toMatchObject({
    code: 'bad_request',
  })
})
