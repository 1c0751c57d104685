import { connect as connectSocket, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { openSeat } from '../../src/client/open.ts'
import { createServer } from '../../src/server/server.ts'
import type { Connection } from '../../src/transport/transport.ts'
import { dialUdp } from '../../src/transport/udp.ts'
import { severed } from '../transport/severed.ts'

const sockets: Socket[] = []
afterEach(() => {
  vi.useRealTimers()
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

test('it ends within a second whoever hangs, over each transport and in the middle of a request', async () => {
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

  // By a clock that goes on for one second and then stands still: who waits for more of it waits for ever. That is
  // looked at for half a minute in which this program runs.
  const wait = setTimeout
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let isClosed = false
  void server.close().then(() => {
    isClosed = true
  })
  vi.advanceTimersByTime(1_000)
  for (let n = 0; n < 3_000 && !isClosed; n++) await new Promise((resolve) => wait(resolve, 10))
  expect(isClosed).toBe(true)
  seat.leave()
  cutOff?.destroy()
})
