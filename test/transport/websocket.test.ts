import { createServer, request, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Connection, Listener } from '../../src/transport/transport.ts'
import {
  attachWebSocket,
  dialWebSocket,
  listenWebSocket,
  type WebSocketOptions,
} from '../../src/transport/websocket.ts'
import { SUBPROTOCOL } from '../../src/transport/websocket-codes.ts'
import { eventually, failureCode, Heard, valueIn } from './heard.ts'
import { limitsOf } from './limits.ts'

/** What is WebSocket's own: the request that opens it, the pages that may ask for it, and its other frames. */
const listeners: Listener[] = []
const servers: Server[] = []
const sockets: (WebSocket | Socket)[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) 'terminate' in socket ? socket.terminate() : socket.destroy()
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
  for (const server of servers.splice(0)) server.close()
})

const noting = () => {
  const accepted: { readonly connection: Connection; readonly heard: Heard }[] = []
  const onConnection = (connection: Connection) => accepted.push({ connection, heard: Heard.of(connection) })
  return { accepted, onConnection }
}

const listening = async (options: Partial<WebSocketOptions> = {}) => {
  const { accepted, onConnection } = noting()
  const listener = valueIn(await listenWebSocket('ws://127.0.0.1:0', { onConnection, ...options }))
  listeners.push(listener)
  return { accepted, listener, url: listener.addresses[0] as string }
}

/** A client of one's own; resolves with 101 or with why it may not. */
const bare = (
  url: string,
  headers: Record<string, string> = {},
  protocol: string | string[] = SUBPROTOCOL,
) => {
  const socket = new WebSocket(url, protocol, { headers })
  sockets.push(socket)
  return new Promise<{ readonly socket: WebSocket; readonly status: number }>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => resolve({ socket, status: 101 }))
    socket.on('unexpected-response', (_, { statusCode = 0 }) => resolve({ socket, status: statusCode }))
  })
}

const codeOf = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.on('close', resolve))

/** A server on this machine, with pages of its own. */
const paged = async () => {
  const server = createServer((_, answer) => answer.end('a page'))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as { port: number }).port }
}

const get = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('error', reject).end()
  })

test('a page from elsewhere is turned away, and one from here or by name is not', async () => {
  const { accepted, listener, url } = await listening({ origins: ['https://play.example'] })
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1.evil.example'])
    expect((await bare(url, { origin })).status).toBe(403)
  expect([accepted.length, listener.strangers]).toEqual([0, 3])
  for (const origin of ['https://play.example', 'http://localhost:5173', url.replace('ws:', 'http:')])
    expect((await bare(url, { origin })).status).toBe(101)
  await eventually(() => accepted.length === 3)
})

test('a page whose name was made to lead to this machine is turned away', async () => {
  const { url } = await listening()
  const port = url.split(':')[2]
  const headers = { origin: `http://evil.example:${port}`, host: `evil.example:${port}` }
  expect((await bare(url, headers)).status).toBe(403)
})

test('who asks for another protocol, or none, is turned away', async () => {
  const { accepted, listener, url } = await listening()
  for (const protocol of [[], 'chat', 'sametick.9', `x${SUBPROTOCOL}`])
    expect((await bare(url, {}, protocol)).status).toBe(400)
  expect((await bare(url, {}, ['chat', SUBPROTOCOL])).socket.protocol).toBe(SUBPROTOCOL)
  await eventually(() => accepted.length === 1)
  expect(listener.strangers).toBe(4)
})

test('a text is no message', async () => {
  const { accepted, url } = await listening()
  const { socket } = await bare(url)
  const code = codeOf(socket)
  socket.send(new Uint8Array(3))
  socket.send('text')
  expect(await code).toBe(4001)
  expect(await accepted[0]?.heard.ending()).toBe('malformed')
  expect(accepted[0]?.heard.messages).toHaveLength(1)
})

test('who sends too long a message is told why, as soon as its length is seen', async () => {
  const { accepted, url } = await listening()
  const { socket } = await bare(url)
  const code = codeOf(socket)
  // A frame that says it has a gigabyte, of which nothing follows.
  const raw = (socket as unknown as { readonly _socket: Socket })._socket
  raw.write(Uint8Array.of(0x82, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4))
  expect(await accepted[0]?.heard.ending()).toBe('malformed')
  expect(await code).toBe(1009)
})

test('a message in fragments is one message', async () => {
  const { accepted, url } = await listening()
  const { socket } = await bare(url)
  socket.send(Uint8Array.of(1, 2), { fin: false, binary: true })
  socket.send(Uint8Array.of(3), { fin: true, binary: true })
  await eventually(() => accepted[0]?.heard.messages.length === 1)
  expect(accepted[0]?.heard.messages.map((bytes) => [...bytes])).toEqual([[1, 2, 3]])
})

test.each([
  [1000, 'closed'],
  [1001, 'closed'],
  [1011, 'lost'],
  [4000, 'lost'],
])('the number %i at the end means %s', async (code, ending) => {
  const { accepted, url } = await listening()
  const { socket } = await bare(url)
  socket.close(code)
  expect(await accepted[0]?.heard.ending()).toBe(ending)
})

test('who never answers a close is cut off after a while', async () => {
  const { accepted, url } = await listening({ limits: limitsOf({ closing_max: 50_000 }) })
  const { socket } = await bare(url)
  await eventually(() => accepted.length === 1)
  socket.pause()
  accepted[0]?.connection.close()
  expect(await accepted[0]?.heard.ending()).toBe('lost')
})

test('who asks for a page is told that there is none, and counted', async () => {
  const { listener, url } = await listening()
  expect(await get(Number(url.split(':')[2]))).toBe(426)
  expect(listener.strangers).toBe(1)
})

test('who connects and asks for nothing is let go after a while', async () => {
  const { listener, url } = await listening({ limits: limitsOf({ opening_max: 50_000 }) })
  const socket = connect({ host: '127.0.0.1', port: Number(url.split(':')[2]) })
  sockets.push(socket)
  socket.resume()
  await new Promise((resolve) => socket.on('close', resolve))
  expect(listener.connections).toBe(0)
})

test('a server with pages of its own keeps them, also when the listener is closed', async () => {
  const { server, port } = await paged()
  const { accepted, onConnection } = noting()
  const listener = attachWebSocket(server, { onConnection })
  const url = `ws://127.0.0.1:${port}`
  expect(listener.addresses).toEqual([url])
  expect(await get(port)).toBe(200)
  const heard = Heard.of(valueIn(await dialWebSocket(`${url}/room-7?token=1`)))
  await eventually(() => accepted.length === 1)
  await listener.close()
  expect(await heard.ending()).toBe('closed')
  expect(await get(port)).toBe(200)
  expect(failureCode(await dialWebSocket(url))).not.toBe('none')
})

test('http leads to the same place as ws', async () => {
  const { accepted, url } = await listening()
  valueIn(await dialWebSocket(url.replace('ws:', 'http:'))).close()
  await eventually(() => accepted.length === 1)
})

test.each([
  [200, 'not_sametick'],
  [404, 'not_sametick'],
  [401, 'turned_away'],
  [403, 'turned_away'],
  [503, 'server_full'],
])('who dials a server that answers %i is told %s', async (status, code) => {
  const server = createServer((_, answer) => answer.writeHead(status).end())
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  expect(failureCode(await dialWebSocket(`ws://127.0.0.1:${port}`))).toBe(code)
})

test("what is asked of another who takes WebSockets at the same server is left alone, and is this one's without", async () => {
  const { server, port } = await paged()
  const { accepted, onConnection } = noting()
  listeners.push(attachWebSocket(server, { onConnection }))
  const url = `ws://127.0.0.1:${port}`
  expect((await bare(url, {}, 'chat')).status).toBe(400)
  const other = new WebSocketServer({ noServer: true })
  const heard: string[] = []
  server.on('upgrade', (request, socket, head) => {
    if (request.headers['sec-websocket-protocol'] !== 'chat') return
    other.handleUpgrade(request, socket, head, (ws) => ws.on('message', (data) => heard.push(`${data}`)))
  })
  // Pages of that other one may come from anywhere.
  const { socket, status } = await bare(url, { origin: 'https://elsewhere.example' }, 'chat')
  expect(status).toBe(101)
  socket.send('hello')
  await eventually(() => heard.length === 1)
  expect((await bare(url)).status).toBe(101)
  expect((await bare(url, { origin: 'https://elsewhere.example' })).status).toBe(403)
  await eventually(() => accepted.length === 1)
})

test('who was turned away and does not go holds up nobody who ends', async () => {
  const closing_max = 600_000_000
  const { listener, url } = await listening({ limits: limitsOf({ closing_max }) })
  const { port } = new URL(url)
  const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
  sockets.push(socket)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  expect(listener.strangers).toBe(1)
  await listener.close()
})
