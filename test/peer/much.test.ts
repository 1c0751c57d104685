import { afterEach, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'
import { loop } from '../../src/app/loop.ts'
import { LIMITS } from '../../src/core/limits.ts'
import { peers } from '../../src/peer/node.ts'
import type { PeersLink } from '../../src/peer/peers.ts'

/** More than a connection and what may wait beside it hold together: 70 MiB of pictures. */
const gallery = app({
  id: 'gallery@1',
  fps: 50,
  events: { hang: event<Uint8Array>(1) },
  start: () => ({ pictures: 0 }),
  on: {
    hang(s) {
      s.pictures++
    },
  },
})
const PICTURES = 1_130
type Gallery = PeersLink<{ pictures: number }, typeof gallery.events, unknown>

const open: Gallery[] = []
const started = <T extends Gallery>(link: T): T => {
  open.push(link)
  loop(link)
  return link
}
afterEach(() => {
  for (const link of open.splice(0)) link.leave()
})

test('whoever lacks more than 64 MiB gets it all the same, over one link', async () => {
  const forget = Number.POSITIVE_INFINITY
  const one = started(await peers({ listen: 'tcp://127.0.0.1:0' }, gallery, { forget }))
  const picture = new Uint8Array(LIMITS.payload_bytes_max - 16)
  for (let i = 0; i < PICTURES; i++) one.emit('hang', picture)
  const other = started(await peers(one.addresses[0] as string, gallery, { forget }))
  while (other.state.pictures < PICTURES) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(other.neighbours).toEqual([one.me])
})
