import { connect as connectSocket, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { openSeat } from '../../src/client/open.ts'
import { createServer } from '../../src/server/server.ts'
import type { Datagrams } from '../../src/transport/datagrams.ts'
import { TRANSPORT_LIMITS } from '../../src/transport/limits.ts'
import type { Connection } from '../../src/transport/transport.ts'
import { dialUdp } from '../../src/transport/udp.ts'

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** Says something, hears what comes of it, and from then on does nothing at all. */
const hangs = (address: string, words: string | Uint8Array, isAnswered: boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address.replace(/^\w+/, 'http'))
    const socket = connectSocket({ host: hostname, port: Number(port), allowHalfOpen: true }, () => {
      socket.write(words, () => (isAnswered ? undefined : resolve()))
    })
    sockets.push(socket)
    socket.on('error', reject)
    socket.once('data', () => {
      socket.pause()
      resolve()
    })
  })

const UPGRADE = [
  'GET /x HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Protocol: sametick.1',
  '',
  '',
].join('\r\n')

const HALF_A_REQUEST = 'GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n'

/** What both ends say first over TCP. */
const GREETING = Uint8Array.of(...new TextEncoder().encode('sametick'), 1)

/** A socket that is cut off once somebody says so: nothing gets in or out. */
const severed = (state: { isCut: boolean }) => (inner: Datagrams) => {
  const deaf: Datagrams = {
    at: inner.at,
    onDatagram: () => {},
    onRefused: () => {},
    send: (bytes, to) => (state.isCut ? undefined : inner.send(bytes, to)),
    close: () => inner.close(),
  }
  inner.onDatagram = (bytes, from) => (state.isCut ? undefined : deaf.onDatagram(bytes, from))
  return deaf
}

test('it ends soon whoever hangs, over each transport and in the middle of a request', async () => {
  const server = await createServer({ ws: 0, tcp: 0, udp: 0 })
  const [ws, tcp, udp] = server.addresses as [string, string, string]
  await hangs(ws, UPGRADE, true)
  await hangs(ws, HALF_A_REQUEST, false)
  await hangs(tcp, GREETING, true)
  const state = { isCut: false }
  const nobody = { happened: () => {}, due: () => {}, closed: () => {} }
  let cutOff: Connection | undefined
  const dial = async (url: string) => {
    const dialled = await dialUdp(url, { around: severed(state) })
    if (dialled.ok) cutOff = dialled.value
    return dialled
  }
  const seat = await openSeat(`${udp}/x`, { fps: 25, app: 'x' }, dial, nobody)
  state.isCut = true

  const from = performance.now()
  await server.close()
  // Every transport by itself waits for so long. Here nobody does, however busy the machine is.
  expect(performance.now() - from).toBeLessThan(TRANSPORT_LIMITS.closing_max / 1_000)
  seat.leave()
  cutOff?.destroy()
})
