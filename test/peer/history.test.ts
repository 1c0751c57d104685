import { afterEach, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'
import { loop } from '../../src/app/loop.ts'
import { peers as nodePeers } from '../../src/peer/node.ts'
import { type Peers, type PeersLink, peersBy } from '../../src/peer/peers.ts'
import { TRANSPORT_LIMITS } from '../../src/transport/limits.ts'
import { MemoryNetwork } from '../../src/transport/memory.ts'

/** A past that is longer than what a connection may hold. */
const BYTES = 60_000
const COUNT = Math.ceil((1.3 * TRANSPORT_LIMITS.buffered_bytes_max) / BYTES)

const album = app({
  id: 'album@1',
  fps: 50,
  events: { picture: event<Uint8Array>(1) },
  start: () => ({ bytes: 0, pictures: 0 }),
  on: {
    picture(s, e) {
      s.pictures++
      s.bytes += e.payload.length
    },
  },
})
type Album = PeersLink<{ bytes: number; pictures: number }, typeof album.events, unknown>

const open: Album[] = []
afterEach(() => {
  for (const link of open.splice(0)) link.leave()
})
const started = (link: Album): Album => {
  open.push(link)
  loop(link)
  return link
}

const network = new MemoryNetwork()
const ways: [string, Peers, string][] = [
  ['within a program', peersBy(network.dial, network.listen), 'memory://long'],
  ['over TCP', nodePeers, 'tcp://127.0.0.1:0'],
  ['over WebSocket', nodePeers, 'ws://127.0.0.1:0'],
  ['over UDP', nodePeers, 'udp://127.0.0.1:0'],
]

test.each(ways)('who comes late gets all of a long past, %s', async (_, peers, at) => {
  const first = started(await peers({ listen: at }, album))
  const picture = new Uint8Array(BYTES)
  for (let i = 0; i < COUNT; i++) first.emit('picture', picture)
  while (first.state.pictures < COUNT) await new Promise((resolve) => setTimeout(resolve, 5))
  const late = started(await peers(first.addresses[0] as string, album))
  while (late.state.pictures < COUNT) {
    expect(late.neighbours).toEqual([first.me])
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(late.state.bytes).toBe(COUNT * BYTES)
})
