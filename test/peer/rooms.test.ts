import { afterEach, describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'
import { loop } from '../../src/app/loop.ts'
import { digest } from '../../src/core/timeline/digest.ts'
import { type Direct, noWay } from '../../src/peer/channel.ts'
import { direct } from '../../src/peer/direct-node.ts'
import { peers } from '../../src/peer/node.ts'
import { type PeersLink, type PeersOptions, peersBy, type Where } from '../../src/peer/peers.ts'
import type { Relayed } from '../../src/peer/room.ts'
import { createServer, type Server, type ServerSettings } from '../../src/server/server.ts'
import { dial } from '../../src/transport/dial.ts'
import { listen } from '../../src/transport/listen.ts'
import { steadyPort } from '../steady-port.ts'
import { until } from '../until.ts'

/** Peers that meet at a server, which runs no timeline of theirs. */
const board = app({
  id: 'board@1',
  fps: 50,
  events: { say: event<string>(1) },
  start: () => ({ said: [] as string[], members: 0 }),
  on: {
    say(s, e) {
      s.said.push(e.payload)
    },
    join(s) {
      s.members++
    },
    leave(s) {
      s.members--
    },
  },
})
type Board = PeersLink<{ said: string[]; members: number }, typeof board.events, unknown>

const servers: Server[] = []
const open: Board[] = []

const serving = async (settings: ServerSettings = {}): Promise<{ server: Server; url: string }> => {
  const server = await createServer(settings)
  servers.push(server)
  return { server, url: `${server.addresses.find((address) => address.startsWith('ws'))}/room-7` }
}

const directly: PeersOptions = {}

const came = async (url: Where, options: PeersOptions = { direct: false }): Promise<Board> => {
  const link = await peers(url, board, options)
  open.push(link)
  loop(link)
  return link
}

afterEach(async () => {
  for (const link of open.splice(0)) link.leave()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const agree = (links: readonly Board[], count: number): Promise<void> =>
  until(() => {
    const digests = new Set(links.map(({ state }) => digest(state)))
    return digests.size === 1 && links.every(({ state }) => state.said.length === count)
  })

/** Absent on machines for which it has no binary; then peers in Node talk through the server. */
const hasWebRtc = (await direct()) !== undefined
const HOW_TO_GET_IT = 'Direct links in Node were not tested, they need a package: npm i node-datachannel'

describe('peers that meet at a server', () => {
  test('agree, each linked with each, and the server says who is there', async () => {
    const { server, url } = await serving()
    const a = await came(url)
    expect([a.neighbours, a.addresses]).toEqual([[], [url]])
    const b = await came(url)
    const c = await came(url)
    await until(() => [a, b, c].every(({ neighbours }) => neighbours.length === 2))
    for (const link of [a, b, c]) for (let i = 0; i < 5; i++) link.emit('say', `${link.me} ${i}`)
    await agree([a, b, c], 15)
    await until(() => c.state.members === 3)
    expect(c.stats()).toMatchObject({ links: 2, relayed: 2 })
    expect(server.rooms.all()).toEqual([{ name: 'room-7', peers: 3 }])
    expect(server.sessions.all()).toEqual([])
    a.leave()
    await until(() => [b, c].every(({ state, neighbours }) => state.members === 2 && neighbours.length === 1))
    expect([b.neighbours, c.neighbours]).toEqual([[c.me], [b.me]])
    await until(() => server.rooms.all()[0]?.peers === 2)
  })

  test('come and go, and merge what each did alone', async () => {
    const { url } = await serving()
    const a = await came(url)
    const b = await came(url)
    await until(() => a.state.members === 2)
    b.unlink(url)
    await until(() => a.neighbours.length === 0)
    expect([b.addresses, a.addresses]).toEqual([[], [url]])
    a.emit('say', 'alone')
    b.emit('say', 'as well')
    await until(() => a.state.said.length === 1 && b.state.said.length === 1)
    expect(await b.link(url)).toBe(a.me)
    await agree([a, b], 2)
  })

  test('are in a room once, however often they ask for it, at once or one after the other', async () => {
    const { server, url } = await serving()
    const a = await came(url)
    const b = await came({ listen: 'tcp://127.0.0.1:0' })
    const controller = new AbortController()
    const given = b.link(url, { signal: controller.signal })
    const all = [b.link(url), b.link(url, { keep: true }), b.link(url)]
    controller.abort()
    await expect(given).rejects.toMatchObject({ code: 'aborted' })
    expect(await Promise.all(all)).toEqual([a.me, a.me, a.me])
    // And it goes on as it is: nobody is parted by it.
    expect(await b.link(url)).toBe(a.me)
    b.emit('say', 'still there')
    await agree([a, b], 1)
    expect([b.neighbours, b.addresses.at(-1), b.stats().relayed]).toEqual([[a.me], url, 1])
    expect(server.rooms.all()).toEqual([{ name: 'room-7', peers: 2 }])
    // Whoever goes out and comes back at once does not meet itself.
    for (let times = 0; times < 3; times++) {
      b.unlink(url)
      expect(await b.link(url)).toBe(a.me)
    }
    await until(() => a.neighbours.length === 1 && b.neighbours.length === 1)
  })

  test('may part from one, and are not introduced to that one again', async () => {
    const { url } = await serving()
    const [a, b, c] = [await came(url), await came(url), await came(url)] as const
    await until(() => [a, b, c].every(({ neighbours }) => neighbours.length === 2))
    a.unlink(b.me)
    await until(() => a.neighbours.length === 1 && b.neighbours.length === 1)
    a.emit('say', 'by c')
    await agree([a, b, c], 1)
  })

  test('carry what is long, and all that somebody has missed', async () => {
    const { url } = await serving()
    const a = await came(url)
    const long = 'x'.repeat(60_000)
    for (let n = 0; n < 30; n++) a.emit('say', `${n} ${long}`)
    const b = await came(url)
    b.emit('say', 'short')
    await agree([a, b], 31)
  })

  test('go on with those that they reach otherwise when the server ends, and meet there again when it is back', async () => {
    const ws = await steadyPort()
    const { server, url } = await serving({ ws })
    const listening = await came({ listen: 'tcp://127.0.0.1:0' })
    const a = await came([listening.addresses[0] as string, url])
    expect(await listening.link(url)).toBe(a.me)
    const b = await came(url)
    await until(() => [a, b, listening].every(({ neighbours }) => neighbours.length === 2))
    // Those that were linked already were not introduced once more.
    expect([a, b, listening].map((link) => link.stats().relayed)).toEqual([1, 2, 1])
    await server.close()
    await until(() => b.neighbours.length === 0 && a.addresses.length === 0)
    expect(b.status.phase).not.toBe('ended')
    b.emit('say', 'alone')
    a.emit('say', 'with another')
    await agree([a, listening], 1)
    await serving({ ws })
    await until(() => [a, b, listening].every(({ neighbours }) => neighbours.length === 2))
    await agree([a, b, listening], 2)
    const late = await came(url)
    await agree([a, b, listening, late], 2)
  })

  test('come to talk directly, and go on alone when the server ends', async (context) => {
    if (!hasWebRtc) console.warn(HOW_TO_GET_IT)
    if (!hasWebRtc) return context.skip(HOW_TO_GET_IT)
    const { server, url } = await serving()
    const all = [await came(url, directly), await came(url, directly), await came(url, directly)] as const
    const heard: number[] = []
    all[2].on('neighbours', () => heard.push(all[2].relayed.length))
    await until(() => all.every((link) => link.neighbours.length === 2 && link.stats().relayed === 0))
    await until(() => heard.at(-1) === 0)
    // What is said now arrives after all that went by the server: of that nothing is on its way when the server ends.
    for (const link of all) link.emit('say', 'directly')
    await agree(all, 3)
    await server.close()
    await until(() => all.every(({ addresses }) => addresses.length === 0))
    for (const link of all) link.emit('say', 'x'.repeat(60_000))
    await agree(all, 6)
    all[0].leave()
    await until(() => all[1].neighbours.length === 1 && all[2].neighbours.length === 1)
  })

  const fails: (() => void)[] = []
  test.each<[string, Direct, RegExp]>([
    ['where there is no WebRTC', async () => undefined, /npm install node-datachannel/],
    [
      'where it cannot be loaded',
      () => Promise.reject(new Error('offline')),
      /could not be loaded: .*offline/,
    ],
    [
      'where it finds no way',
      async () =>
        ({ failed }) => {
          fails.push(() => failed(noWay('There is none.')))
          return { hear: () => {}, close: () => {} }
        },
      /There is none/,
    ],
  ])('go on through the server %s, and who asks is told why', async (_, none, hint) => {
    const { url } = await serving()
    const byThat = peersBy(dial, listen, none)
    const [a, b] = [await byThat(url, board), await byThat(url, board)]
    open.push(a, b)
    loop(a)
    loop(b)
    await until(() => a.neighbours.length === 1 && a.relayed.length === 1)
    // What is found out once somebody listens is told.
    const isOpen = a.relayed[0]?.why === undefined
    const heard: (readonly number[])[] = []
    a.on('neighbours', (neighbours) => heard.push(neighbours))
    await until(() => {
      for (const fail of fails.splice(0)) fail()
      return [a, b].every(({ relayed }) => relayed[0]?.why !== undefined)
    })
    await until(() => heard.length > 0 || !isOpen)
    expect(heard).toEqual(isOpen ? [[b.me]] : [])
    const [{ id, why }] = a.relayed as [Relayed]
    expect([id, why?.code, hint.test(why?.hint ?? '')]).toEqual([b.me, 'no_direct_way', true])
    for (const link of [a, b]) link.emit('say', 'all the same')
    await agree([a, b], 2)
  })

  test('wait for a server that is not there yet, if they are to keep the link', async () => {
    const ws = await steadyPort()
    const { server, url } = await serving({ ws })
    await server.close()
    await expect(came(url)).rejects.toMatchObject({ code: 'refused', retry: true })
    const waiting = came(url, { keep: true, direct: false })
    await serving({ ws })
    expect((await waiting).addresses).toEqual([url])
  })

  test.each([
    ['another FPS', {}, { fps: 25 }, 'fps_differs', 'There it is 50, here 25.'],
    ['another version', {}, { id: 'board@2' }, 'app_differs', 'There it is board@1, here board@2.'],
    ['a room that there is not', { sessions: {} }, {}, 'unknown_room', ''],
    [
      'a room of another application',
      { app: 'chess@1' },
      {},
      'app_differs',
      'There it is chess@1, here board@1.',
    ],
  ])('are refused with %s, by name and once', async (_, settings, more, code, hint) => {
    const { url } = await serving(settings)
    if (Object.keys(settings).length === 0) await came(url)
    const other = app({ id: 'board@1', fps: 50, start: () => ({}), ...more })
    await expect(peers(url, other)).rejects.toMatchObject({ code, hint, retry: false })
  })

  test('are refused where there are too many rooms, or none at all', async () => {
    const { url } = await serving({ roomsMax: 1 })
    await came(url)
    await expect(came(`${url}-2`)).rejects.toMatchObject({ code: 'server_full', retry: true })
    const none = await serving({ roomsMax: 0 })
    await expect(came(none.url)).rejects.toMatchObject({ code: 'malformed' })
  })

  test('give up by a signal, and leave nothing behind', async () => {
    const { server, url } = await serving()
    const controller = new AbortController()
    const coming = came(url, { signal: controller.signal, direct: false })
    controller.abort()
    await expect(coming).rejects.toMatchObject({ code: 'aborted' })
    await until(() => server.rooms.all().length === 0)
  })
})
