import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import type { Micros } from '../../src/core/timeline/tick.ts'
import { Acceptor } from '../../src/core/wire/acceptor.ts'
import { Channel } from '../../src/core/wire/channel.ts'
import { KIND, OPEN_BYTES } from '../../src/core/wire/datagram.ts'
import { now } from '../../src/transport/clock.ts'
import type { Datagrams, Peer } from '../../src/transport/datagrams.ts'
import type { Connection, Listener, ListenOptions } from '../../src/transport/transport.ts'
import { dialUdp, listenUdp } from '../../src/transport/udp.ts'
import { steadyPort } from '../steady-port.ts'
import { standStill, turn } from '../until.ts'
import { aWhile, eventually, failureCode, Heard, valueIn } from './heard.ts'
import { limitsOf } from './limits.ts'
import { severed } from './severed.ts'
import { chance } from './transports.ts'

/** What is UDP's own, seen by a bare socket at the other end or by who stands between. */
const listeners: Listener[] = []
const sockets: Socket[] = []
const ends: Connection[] = []

afterEach(async () => {
  vi.useRealTimers()
  for (const end of ends.splice(0)) end.destroy()
  for (const socket of sockets.splice(0)) socket.close()
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

const listening = async (options: Partial<ListenOptions> = {}, port = 0) => {
  const accepted: { readonly connection: Connection; readonly heard: Heard }[] = []
  const onConnection = (connection: Connection) => accepted.push({ connection, heard: Heard.of(connection) })
  const listener = valueIn(await listenUdp(`udp://127.0.0.1:${port}`, { onConnection, ...options }))
  listeners.push(listener)
  return { accepted, listener, url: listener.addresses[0] as string }
}

/** From now on time goes on only by hand, while the sockets are the system's. */
const timeByHand = () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const pass = (time: Micros) => vi.advanceTimersByTime(time / 1_000)
  const until = async (holds: () => boolean) => {
    while (!holds()) await turn()
  }
  /** What is left would be woken by a clock that is gone. */
  const over = async (listener: Listener) => {
    for (const end of ends.splice(0)) end.destroy()
    await until(() => listener.connections === 0)
  }
  return { pass, until, over }
}

/** A socket of one's own that notes what comes. */
const bare = async () => {
  const socket = createSocket('udp4')
  sockets.push(socket)
  const came: { readonly bytes: Uint8Array; readonly from: RemoteInfo }[] = []
  socket.on('message', (bytes, from) => came.push({ bytes, from }))
  await once(socket.bind(0, '127.0.0.1'), 'listening')
  return { socket, came, port: socket.address().port }
}

/** Notes the datagrams of a connection, both ways. */
const noting = () => {
  const sent: Uint8Array[] = []
  const came: Uint8Array[] = []
  const around = (inner: Datagrams): Datagrams => {
    const outer: Datagrams = {
      at: inner.at,
      onDatagram: () => {},
      onRefused: () => {},
      send: (bytes: Uint8Array, to?: Peer) => {
        sent.push(bytes)
        inner.send(bytes, to)
      },
      close: () => inner.close(),
    }
    inner.onDatagram = (bytes, from) => {
      came.push(bytes)
      outer.onDatagram(bytes, from)
    }
    inner.onRefused = () => outer.onRefused()
    return outer
  }
  return { sent, came, around }
}

test('all that is sent in one turn leaves in as few datagrams as it fits', async () => {
  const { accepted, url } = await listening()
  const { sent, around } = noting()
  const connection = valueIn(await dialUdp(url, { around }))
  ends.push(connection)
  await eventually(() => accepted.length === 1)
  const before = sent.length
  for (let n = 0; n < 100; n++) connection.send(new Uint8Array(20))
  await new Promise((resolve) => process.nextTick(resolve))
  expect(sent.length - before).toBe(2)
  await accepted[0]?.heard.count(100)
})

test('nobody else gets into a connection, and who sends nonsense in its name changes nothing', async () => {
  const { accepted, listener, url } = await listening()
  const { sent, came, around } = noting()
  const connection = valueIn(await dialUdp(url, { around }))
  ends.push(connection)
  connection.send(Uint8Array.of(1))
  await accepted[0]?.heard.count(1)
  const { socket } = await bare()
  const port = Number(url.split(':')[2])
  const known = sent.find((bytes) => bytes[0] === KIND.data) as Uint8Array
  for (let n = 0; n < 50; n++) {
    const forged = chance(40)
    forged.set(known.subarray(0, 9))
    socket.send(forged, port, '127.0.0.1')
  }
  await aWhile()
  connection.send(Uint8Array.of(2))
  await accepted[0]?.heard.count(2)
  expect(accepted[0]?.heard.messages.map(([n]) => n)).toEqual([1, 2])
  expect(listener.connections).toBe(1)
  expect(came.length).toBeGreaterThan(0)
})

test('who has not shown that he is where he says gets no state, and less than he sent', async () => {
  const { accepted, listener, url } = await listening()
  const { socket, came } = await bare()
  const port = Number(url.split(':')[2])
  const opens = Channel.connect(now(), { id: 1, nonce: new Uint8Array(8) }).outgoing()
  expect(opens.map(({ length }) => length)).toEqual([OPEN_BYTES])
  for (let n = 0; n < 20; n++) socket.send(opens[0] as Uint8Array, port, '127.0.0.1')
  await eventually(() => came.length >= 20)
  expect(Math.max(...came.map(({ bytes }) => bytes.length))).toBeLessThan(OPEN_BYTES / 10)
  expect(came.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan((20 * OPEN_BYTES) / 10)
  expect(listener.connections).toBe(0)
  expect(accepted).toHaveLength(0)
})

test('who says that he is at port 0 gets no answer, and does no harm', async () => {
  let inner: Datagrams | undefined
  const around = (socket: Datagrams) => {
    inner = socket
    return socket
  }
  const options = { onConnection: () => {}, around }
  const listener = valueIn(await listenUdp('udp://127.0.0.1:0', options))
  listeners.push(listener)
  const [open] = Channel.connect(now(), { id: 1, nonce: new Uint8Array(8) }).outgoing()
  inner?.onDatagram(open as Uint8Array, { address: '127.0.0.1', port: 0 })
  ends.push(valueIn(await dialUdp(listener.addresses[0] as string)))
})

test('who has shown it, and then says nothing, is no connection, and is forgotten', async () => {
  const { pass, until, over } = timeByHand()
  const limits = limitsOf({ connections_max: 1 })
  const { accepted, listener, url } = await listening({ limits })
  const { socket, came } = await bare()
  const port = Number(url.split(':')[2])
  const client = Channel.connect(now(), { id: 1, nonce: chance(8) })
  for (const open of client.outgoing()) socket.send(open, port, '127.0.0.1')
  await until(() => came.length === 1)
  client.receive(now(), came[0]?.bytes as Uint8Array)
  for (const open of client.outgoing()) socket.send(open, port, '127.0.0.1')
  await until(() => came.length === 2)
  expect(came[1]?.bytes[0]).toBe(KIND.accept)
  // It was accepted, and takes the only place for a moment. Then that is free again.
  expect(accepted).toHaveLength(0)
  expect(failureCode(await dialUdp(url))).toBe('server_full')
  pass(limits.silence_max)
  await until(() => listener.strangers === 1)
  ends.push(valueIn(await dialUdp(url)))
  await until(() => accepted.length === 1)
  await over(listener)
})

test('an opening that comes again after its connection has ended makes none', async () => {
  const { accepted, listener, url } = await listening()
  const { sent, around } = noting()
  const connection = valueIn(await dialUdp(url, { around }))
  await eventually(() => accepted.length === 1)
  connection.close()
  await accepted[0]?.heard.ending()
  const { socket } = await bare()
  const port = Number(url.split(':')[2])
  for (const datagram of sent) socket.send(datagram, port, '127.0.0.1')
  await aWhile()
  expect(accepted).toHaveLength(1)
  expect(listener.connections).toBe(0)
})

test('who dials another version is told so', async () => {
  const { socket, port } = await bare()
  const acceptor = new Acceptor(new Uint8Array(16))
  socket.on('message', (bytes, from) => {
    const older = Uint8Array.from(bytes)
    older[0] = (2 << 4) | (KIND.open & 0x0f)
    const answer = acceptor.receive(now(), new Uint8Array(6), older)
    if (answer.kind === 'reply') socket.send(answer.bytes, from.port, from.address)
  })
  expect(failureCode(await dialUdp(`udp://127.0.0.1:${port}`))).toBe('version')
})

test('a host with several addresses is dialled at each, until somebody is there', async () => {
  const { url } = await listening()
  const at = (address: string, family: number) => ({ address, family })
  const dialled = (...addresses: { readonly address: string; readonly family: number }[]) =>
    dialUdp(url, { addressesOf: () => Promise.resolve(addresses) })
  ends.push(valueIn(await dialled(at('::1', 6), at('127.0.0.1', 4), at('127.0.0.2', 4))))
  ends.push(valueIn(await dialled(at('127.0.0.2', 4), at('127.0.0.1', 4))))
  expect(failureCode(await dialled(at('127.0.0.2', 4), at('127.0.0.3', 4)))).toBe('refused')
})

test('a program that stood still reads what came meanwhile before it takes anybody for silent', async () => {
  const limits = limitsOf({ silence_max: 500_000 })
  const { accepted, url } = await listening({ limits })
  const connection = valueIn(await dialUdp(url, { limits }))
  const heard = Heard.of(connection)
  await eventually(() => accepted.length === 1)
  const server = accepted[0] as (typeof accepted)[0]
  const talk = () => {
    connection.send(Uint8Array.of(1))
    server.connection.send(Uint8Array.of(2))
  }
  const talking = setInterval(talk, 50)
  await new Promise<void>((resolve) => {
    setImmediate(() => {
      talk()
      // Behind what was sent: it lies in the sockets then, and nobody reads it.
      process.nextTick(() => {
        standStill(700)
        resolve()
      })
    })
  })
  await aWhile()
  clearInterval(talking)
  expect([heard.endings, server.heard.endings]).toEqual([[], []])
  connection.close()
})

test('who talks on to a server that has been started anew is told at once', async () => {
  const { accepted, listener, url } = await listening({}, await steadyPort())
  const connection = valueIn(await dialUdp(url))
  const heard = Heard.of(connection)
  await eventually(() => accepted.length === 1)
  ends.push((accepted[0] as (typeof accepted)[0]).connection)
  // As if it had been killed: the socket is gone and says nothing.
  const { channels, datagrams } = listener as unknown as {
    readonly channels: { readonly datagrams: Datagrams }
    readonly datagrams: Datagrams
  }
  datagrams.send = () => {}
  channels.datagrams.send = () => {}
  await datagrams.close()
  const again = valueIn(await listenUdp(url, { onConnection: () => {} }))
  listeners.push(again)
  connection.send(Uint8Array.of(1))
  // Silence would be noticed too, after ten seconds, and be called by that name.
  expect(await heard.ending()).toBe('lost')
  expect(again.strangers).toBeGreaterThan(0)
})

test('nobody is taken for silent while what he said lies unread, though not a timer is late', async () => {
  const { pass, until, over } = timeByHand()
  const { accepted, listener, url } = await listening()
  const connection = valueIn(await dialUdp(url))
  ends.push(connection)
  const heard = Heard.of(connection)
  await until(() => accepted.length === 1)
  const server = accepted[0] as (typeof accepted)[0]
  // In one turn no socket is read.
  pass(limitsOf({}).silence_max)
  for (let n = 0; n < 100; n++) await turn()
  expect([heard.endings, server.heard.endings]).toEqual([[], []])
  connection.send(Uint8Array.of(1))
  await server.heard.count(1)
  await over(listener)
})

test('a connection that nobody answers any more ends as silent', async () => {
  const { pass, until, over } = timeByHand()
  const { accepted, listener, url } = await listening()
  const state = { isCut: false }
  const heard = Heard.of(valueIn(await dialUdp(url, { around: severed(state) })))
  await until(() => accepted.length === 1)
  state.isCut = true
  pass(limitsOf({}).silence_max - 1_000_000)
  for (let n = 0; n < 100; n++) await turn()
  expect(heard.endings).toEqual([])
  pass(1_000_000)
  expect(await heard.ending()).toBe('silent')
  await over(listener)
})
