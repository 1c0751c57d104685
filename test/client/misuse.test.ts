import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer as createTcp, type Server as TcpServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { createBridge } from '../../src/bridge/index.ts'
import { app, connect, event, loop, mid_connect, mid_disconnect, mid_wait } from '../../src/node.ts'
import { createServer, type Server } from '../../src/server/index.ts'
import { Reader } from '../server/reader.ts'

const FPS = 100
/** Counts, and throws where it is told to. */
const counter = app({
  id: 'counter@1',
  fps: FPS,
  events: { add: event<number>(1, Number.isInteger), throws: event<string>(2) },
  start: () => ({ sum: 0, ticks: 0 }),
  on: {
    add(s, e) {
      s.sum += e.payload
    },
    throws(_s, e) {
      throw new Error(e.payload)
    },
  },
  tick(s) {
    s.ticks++
  },
})

let server: Server
const links: { leave(): void }[] = []
const rejections: unknown[] = []
const note = (reason: unknown): unknown => rejections.push(reason)
/** What is there and never says anything: over TCP, WebSocket and UDP. */
let mute: TcpServer
let deaf: WebSocketServer
let silent: Socket
const portOf = (listening: { address(): unknown }): number => (listening.address() as { port: number }).port

beforeAll(async () => {
  process.on('unhandledRejection', note)
  server = await createServer({ ws: 0, udp: 0 })
  mute = createTcp(() => {}).listen(0, '127.0.0.1')
  deaf = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: ([name]) => name ?? false })
  silent = createSocket('udp4').bind(0, '127.0.0.1')
  await Promise.all([mute, deaf, silent].map((each) => once(each, 'listening')))
})

afterEach(() => {
  for (const link of links.splice(0)) link.leave()
})

afterAll(async () => {
  for (const client of deaf.clients) client.terminate()
  deaf.close()
  mute.close()
  silent.close()
  await server.close()
  process.off('unhandledRejection', note)
  expect(rejections).toEqual([])
})

const join = async (name: string, scheme = 'ws') => {
  const url = server.addresses.find((address) => address.startsWith(`${scheme}:`))
  const link = await connect(`${url}/${name}`, counter)
  links.push(link)
  return link
}
type Joined = Awaited<ReturnType<typeof join>>

const until = async (all: readonly Joined[], holds: () => boolean): Promise<void> => {
  while (!holds()) {
    for (const link of all) link.poll()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

describe('what a program does wrong', () => {
  test('is told where it does so, and its link and all others go on', async () => {
    const [a, b] = [await join('wrong'), await join('wrong', 'udp')]
    await until([a, b], () => a.players.length === 2)
    expect(() => a.emit('add', 'x'.repeat(65_536) as never)).toThrow(
      expect.objectContaining({ code: 'payload_too_large' }),
    )
    expect(() => a.emit('add', (() => 0) as never)).toThrow(
      expect.objectContaining({ code: 'payload_refused' }),
    )
    expect(() => a.emit('nothing' as never)).toThrow(expect.objectContaining({ code: 'unknown_event' }))
    const refused = await a.emit('add', 0.5).landed
    expect(refused).toMatchObject({ ok: false, error: { code: 'check_failed' } })
    expect(() => a.pause('x'.repeat(2_000))).toThrow(expect.objectContaining({ code: 'payload_too_large' }))
    a.emit('add', 3)
    await until([a, b], () => a.state.sum === 3 && b.state.sum === 3)
  })

  test('a handler that throws is named, with tick and state, in every instance; all go on alike', async () => {
    const [a, b] = [await join('throws'), await join('throws')]
    const told: string[] = []
    a.on('failure', ({ message }) => told.push(message))
    await until([a], () => a.players.length === 2)
    const { landed } = a.emit('throws', 'oh')
    await until([a], () => told.length === 1)
    const landing = await landed
    const tick = landing.ok ? landing.tick : -1
    expect(told[0]).toMatch(
      new RegExp(`^on\\.throws at tick ${tick} threw Error: oh\\. State: \\{ ?sum: 0, ticks: ${tick} ?\\}`),
    )
    // Where nobody listens, whoever drives the link is thrown it, and may go on.
    let thrown: unknown
    while (thrown === undefined) {
      try {
        b.poll()
      } catch (error) {
        thrown = error
      }
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect((thrown as Error).message).toBe(told[0])
    a.emit('add', 1)
    await until([a, b], () => a.state.sum === 1 && b.state.sum === 1)
    expect([a.stats().failed, b.stats().failed]).toEqual([1, 1])
  })

  test('a second reader of a link is refused, whichever comes first', async () => {
    const link = await join('readers')
    const driven = expect.objectContaining({ code: 'link_driven' })
    const running = loop(link)
    expect(() => link.poll()).toThrow(driven)
    expect(() => loop(link)).toThrow(driven)
    await expect(link.inputs().next()).rejects.toEqual(driven)
    running.stop()
    link.poll()
    expect(() => loop(link)).toThrow(driven)
  })

  test('what comes after the end is refused, and no error', async () => {
    const link = await join('end')
    link.leave()
    expect(await link.emit('add', 1).landed).toMatchObject({ ok: false, error: { code: 'session_ended' } })
    link.pause()
    link.leave()
    for await (const input of link) expect(input).toBeUndefined()
    expect(link.poll()).toEqual([])
  })

  test('an address of no known kind is answered with those that are', async () => {
    const unknown = { code: 'unknown_scheme', hint: expect.stringContaining('ws://') }
    await expect(connect('gopher://127.0.0.1/x', counter)).rejects.toMatchObject(unknown)
    await expect(mid_connect('gopher://127.0.0.1/x', 25)).rejects.toMatchObject(unknown)
    await expect(connect('', counter)).rejects.toMatchObject({ code: 'unknown_scheme' })
    await expect(connect('ws://', counter)).rejects.toMatchObject({ code: 'bad_url' })
    const much = connect('ws://127.0.0.1:1/x', counter, { as: 'x'.repeat(2_000) })
    await expect(much).rejects.toMatchObject({ code: 'payload_too_large' })
  })
})

test('a payload that is a trap is void in every instance: neither memory nor the session suffers', async () => {
  const [a, b] = [await join('trap'), await join('trap')]
  const [url] = server.addresses
  const rogue = await Reader.to(`${url}/trap`, { app: 'counter@1', fps: FPS })
  links.push(rogue.seat)
  await until([a, b], () => a.players.length === 3)
  const traps = [
    'dd ff ff ff ff',
    'df ff ff ff ff a1 61',
    'c1',
    'd4 01 00',
    `${'91'.repeat(60_000)}`,
    'a3 ed a0 80',
  ]
  for (const trap of traps) rogue.seat.emit(1, Buffer.from(trap.replaceAll(' ', ''), 'hex'))
  rogue.seat.emit(99, new Uint8Array(0))
  a.emit('add', 7)
  await until([a, b], () => a.state.sum === 7 && b.state.sum === 7)
  await until([a, b], () => [a, b].every((each) => each.stats().voided === traps.length + 1))
})

describe('a signal gives up', () => {
  const soon = (): AbortSignal => {
    const giveUp = new AbortController()
    setImmediate(() => giveUp.abort())
    return giveUp.signal
  }
  const aborted = { code: 'aborted' }

  test.each([
    ['before anything', () => AbortSignal.abort(), () => `ws://127.0.0.1:${portOf(mute)}`],
    ['while a connection is opened', soon, () => `ws://127.0.0.1:${portOf(mute)}`],
    ['while one is opened over TCP', soon, () => `tcp://127.0.0.1:${portOf(mute)}`],
    ['while one is opened over UDP', soon, () => `udp://127.0.0.1:${portOf(silent)}`],
    ['while the session admits nobody', soon, () => `ws://127.0.0.1:${portOf(deaf)}`],
  ])('%s', async (_, signal, url) => {
    await expect(connect(`${url()}/x`, counter, { signal: signal() })).rejects.toMatchObject(aborted)
    await expect(mid_connect(`${url()}/x`, 25, { signal: signal() })).rejects.toMatchObject(aborted)
  })

  test('while no input comes, and none is lost by it', async () => {
    const [url] = server.addresses
    const link = await connect(`${url}/inputs`, { id: 'inputs@1', fps: 1 }, { instances: 2 })
    links.push(link)
    await expect(link.inputs({ signal: soon() }).next()).rejects.toMatchObject(aborted)
    // It may be read by another then.
    link.poll()

    // Nothing can come before the session has all that it waits for.
    const mid = { id: 'mid@1', fps: 5 }
    links.push(await connect(`${url}/mid`, mid, { instances: 3 }))
    await mid_connect(`${url}/mid`, 5)
    for (let i = 0; i < 3; i++) await expect(mid_wait({ signal: soon() })).rejects.toMatchObject(aborted)
    links.push(await connect(`${url}/mid`, mid))
    const first = await mid_wait()
    expect(first).toEqual([0, 0, undefined])
    const waiting = mid_wait()
    await expect(mid_wait()).rejects.toMatchObject({ code: 'link_driven' })
    expect(await waiting).toEqual([200, 0, undefined])
    mid_disconnect()
  })
})

test('a promise that is left alone never ends the process', async () => {
  const nowhere = 'ws://127.0.0.1:1/x'
  void connect(nowhere, counter)
  void connect('gopher://x', counter)
  void mid_connect(nowhere, 25)
  void mid_wait()
  void mid_wait({ signal: AbortSignal.abort() })
  void createServer({ ws: 70_000 })
  void createServer({ ws: Number(new URL(server.addresses[0] as string).port) })
  void createBridge({ server: nowhere, ports: [portOf(mute)] })
  const link = await join('alone')
  link.emit('add', 0.5)
  link.emit('add', 1)
  loop(link)
  link.leave()
  // Each has come to its end by the time that one which comes later has.
  await expect(connect(nowhere, counter)).rejects.toMatchObject({ code: 'refused' })
  await expect(createServer({ tcp: portOf(mute) })).rejects.toMatchObject({ code: 'port_in_use' })
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(rejections).toEqual([])
})
