import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { dialTcp, listenTcp } from '../../src/transport/tcp.ts'
import type { Connection, Listener, ListenOptions } from '../../src/transport/transport.ts'
import { eventually, failureCode, Heard, valueIn } from './heard.ts'
import { limitsOf } from './limits.ts'

/** What is TCP's own, seen by a bare socket at the other end. */
const GREETING = Uint8Array.of(...new TextEncoder().encode('sametick'), 1)
const GOODBYE = Uint8Array.of(255, 255, 255, 255)

const listeners: Listener[] = []
const sockets: Socket[] = []
const servers: Server[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

const listening = async (options: Partial<ListenOptions> = {}) => {
  const accepted: { readonly connection: Connection; readonly heard: Heard }[] = []
  const onConnection = (connection: Connection) => accepted.push({ connection, heard: Heard.of(connection) })
  const listener = valueIn(await listenTcp('tcp://127.0.0.1:0', { onConnection, ...options }))
  listeners.push(listener)
  const bare = async (...bytes: Uint8Array[]) => {
    const socket = connect({ host: '127.0.0.1', port: Number(listener.addresses[0]?.split(':')[2]) })
    socket.on('error', () => {})
    sockets.push(socket)
    await once(socket, 'connect')
    for (const part of bytes) socket.write(part)
    return socket
  }
  return { accepted, bare, listener }
}

/** A server that says these bytes to whoever comes, and no more. */
const saying = async (bytes: Uint8Array | string, thenEnds = false): Promise<string> => {
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    if (thenEnds) socket.end(bytes)
    else socket.write(bytes)
  })
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `tcp://127.0.0.1:${(server.address() as { port: number }).port}`
}

test('an end that dies says no goodbye, and is lost', async () => {
  const { accepted, bare } = await listening()
  const socket = await bare(GREETING, Uint8Array.of(1, 0, 0, 0, 7))
  await eventually(() => accepted.length === 1)
  // What the system says for a process that is gone.
  socket.end()
  expect(await accepted[0]?.heard.ending()).toBe('lost')
  expect(accepted[0]?.heard.messages).toHaveLength(1)
})

test('a goodbye is answered with one, and then with the end', async () => {
  const { accepted, bare } = await listening()
  const socket = await bare(GREETING, GOODBYE)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await once(socket, 'end')
  expect([...Buffer.concat(chunks)]).toEqual([...GREETING, ...GOODBYE])
  expect(await accepted[0]?.heard.ending()).toBe('closed')
})

test('who never answers a goodbye is cut off after a while', async () => {
  const { accepted, bare, listener } = await listening({ limits: limitsOf({ closing_max: 50_000 }) })
  const socket = await bare(GREETING)
  socket.pause()
  await eventually(() => accepted.length === 1)
  accepted[0]?.connection.close()
  expect(await accepted[0]?.heard.ending()).toBe('lost')
  expect(listener.connections).toBe(0)
})

test('who says a goodbye and then keeps the line open is cut off as well', async () => {
  const { accepted, bare, listener } = await listening({ limits: limitsOf({ closing_max: 50_000 }) })
  const socket = await bare(GREETING, GOODBYE)
  socket.allowHalfOpen = true
  expect(await eventually(() => accepted.length === 1)).toBeUndefined()
  expect(await accepted[0]?.heard.ending()).toBe('closed')
  // It does not get past this line if a socket is left.
  await listener.close()
})

test('who connects and does not greet is let go after a while, and was never a connection', async () => {
  const { accepted, bare, listener } = await listening({ limits: limitsOf({ opening_max: 50_000 }) })
  const socket = await bare(GREETING.subarray(0, 4))
  socket.resume()
  await once(socket, 'close')
  expect(accepted).toHaveLength(0)
  await eventually(() => listener.strangers === 1)
})

test('those who have not greeted yet count towards the connections that a listener may have', async () => {
  const { accepted, bare, listener } = await listening({ limits: limitsOf({ connections_max: 2 }) })
  await bare()
  await bare()
  await eventually(() => sockets.length === 2)
  expect(failureCode(await dialTcp(listener.addresses[0] as string))).toBe('server_full')
  expect(accepted).toHaveLength(0)
})

test.each([
  ['something that is not ours', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'not_sametick'],
  ['another version', Uint8Array.of(...new TextEncoder().encode('sametick'), 9), 'version'],
  ['one that is full', Uint8Array.of(...new TextEncoder().encode('sametick'), 0), 'server_full'],
])('who dials %s is told so', async (_, bytes, code) => {
  expect(failureCode(await dialTcp(await saying(bytes)))).toBe(code)
})

test('who dials something that hangs up is told that it broke', async () => {
  expect(failureCode(await dialTcp(await saying('same', true)))).toBe('lost')
})

test('a message that was begun and not ended is not delivered', async () => {
  const { accepted, bare } = await listening()
  const socket = await bare(GREETING, Uint8Array.of(100, 0, 0, 0, 1, 2, 3))
  await eventually(() => accepted.length === 1)
  socket.end()
  expect(await accepted[0]?.heard.ending()).toBe('lost')
  expect(accepted[0]?.heard.messages).toHaveLength(0)
})

test('IPv6 is shown in its brackets', async () => {
  const accepted: Connection[] = []
  const listening = await listenTcp('tcp://[::1]:0', { onConnection: (one) => accepted.push(one) })
  if (!listening.ok) return expect(listening.failure.code).toBe('address_not_here')
  listeners.push(listening.value)
  expect(listening.value.addresses[0]).toMatch(/^tcp:\/\/\[::1\]:\d+$/)
  const connection = valueIn(await dialTcp(listening.value.addresses[0] as string))
  await eventually(() => accepted.length === 1)
  expect(accepted[0]?.remote).toMatch(/^\[::1\]:\d+$/)
  connection.destroy()
})
