import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect, createServer, type Socket } from 'node:net'
import { Random } from '../../src/core/random.ts'
import { Impairment } from '../../src/transport/impaired.ts'
import { impairedDatagrams } from '../../src/transport/impaired-datagrams.ts'
import { MemoryNetwork } from '../../src/transport/memory.ts'
import { dialTcp, listenTcp } from '../../src/transport/tcp.ts'
import { type Dial, done, type EndingCode, type Listen } from '../../src/transport/transport.ts'
import { dialUdp, listenUdp } from '../../src/transport/udp.ts'
import { dialWebSocket, listenWebSocket } from '../../src/transport/websocket.ts'

/** A transport as the conformance suite sees it. */
export interface Subject {
  readonly name: string
  /** Where to listen, at a port that is free. */
  readonly url: string
  readonly listen: Listen
  readonly dial: Dial
  /** What the other end hears when a connection is cut off. */
  readonly broken: readonly EndingCode[]
  /** What it hears when a connection is closed in order. */
  readonly closed: readonly EndingCode[]
  /** Present if it goes through the system, where anybody may send anything. */
  readonly outside?: Outside
}

export interface Outside {
  /** Sends bytes to a listener as somebody who knows nothing, and goes. */
  stranger(url: string, bytes: Uint8Array): Promise<void>
  /** Somebody who is there and never says a word. */
  deaf(): Promise<{ readonly url: string; close(): void }>
  /** What it is called to start a listener in a process of its own. */
  readonly scheme: string
}

const portOf = (url: string): number => Number(/:(\d+)$/.exec(url)?.[1])

const overTcp = (scheme: string): Outside => ({
  scheme,
  stranger: (url, bytes) =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: portOf(url) }, () => socket.end(bytes))
      socket.on('error', () => {})
      socket.on('close', () => resolve())
      socket.resume()
    }),
  deaf: () =>
    new Promise((resolve) => {
      const sockets = new Set<Socket>()
      const server = createServer((socket) => sockets.add(socket.on('error', () => {})))
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number }
        resolve({
          url: `${scheme}://127.0.0.1:${port}`,
          close: () => {
            for (const socket of sockets) socket.destroy()
            server.close()
          },
        })
      })
    }),
})

const overUdp: Outside = {
  scheme: 'udp',
  stranger: (url, bytes) =>
    new Promise((resolve) => {
      const socket = createSocket('udp4')
      socket.send(bytes, portOf(url), '127.0.0.1', () => socket.close(() => resolve()))
    }),
  deaf: () =>
    new Promise((resolve) => {
      const socket = createSocket('udp4')
      socket.bind(0, '127.0.0.1', () =>
        resolve({ url: `udp://127.0.0.1:${socket.address().port}`, close: () => void socket.close() }),
      )
    }),
}

const LOST: readonly EndingCode[] = ['lost']
const CLOSED: readonly EndingCode[] = ['closed']

/** The same transport, its clients behind a bad way. */
const impairedMemory = (): Subject => {
  const network = new MemoryNetwork()
  const impairment = new Impairment(new Random(7), { base: 1_000, jitter: 1_000, loss: 0.1, resend: 4_000 })
  const dial: Dial = async (url, options) => {
    const dialled = await network.dial(url, options)
    return dialled.ok ? done(impairment.around(dialled.value, options?.limits)) : dialled
  }
  return {
    name: 'impaired around memory',
    url: 'memory://',
    listen: network.listen,
    dial,
    broken: LOST,
    closed: CLOSED,
  }
}

/** A fifth of all datagrams lost, in each direction, many doubled and all of them out of order. */
const BAD = { base: 1_000, jitter: 2_000, loss: 0.2, duplicate: 0.1, reorder: 0.2 }

export const subjects = (): Subject[] => {
  const network = new MemoryNetwork()
  let seed = 1
  return [
    {
      name: 'memory',
      url: 'memory://',
      listen: network.listen,
      dial: network.dial,
      broken: LOST,
      closed: CLOSED,
    },
    impairedMemory(),
    {
      name: 'tcp',
      url: 'tcp://127.0.0.1:0',
      listen: listenTcp,
      dial: dialTcp,
      broken: LOST,
      closed: CLOSED,
      outside: overTcp('tcp'),
    },
    {
      name: 'websocket',
      url: 'ws://127.0.0.1:0',
      listen: listenWebSocket,
      dial: dialWebSocket,
      broken: LOST,
      closed: CLOSED,
      outside: overTcp('ws'),
    },
    {
      name: 'udp',
      url: 'udp://127.0.0.1:0',
      listen: listenUdp,
      dial: dialUdp,
      broken: LOST,
      closed: CLOSED,
      outside: overUdp,
    },
    {
      name: 'udp, impaired',
      url: 'udp://127.0.0.1:0',
      listen: listenUdp,
      dial: (url, options) =>
        dialUdp(url, { ...options, around: impairedDatagrams(new Random(seed++), BAD) }),
      // What ends a connection is lost as often as anything. One time in 600 all four words of a close are: then the
      // other hears nothing any more, or from the listener that nobody is there.
      broken: ['lost', 'silent'],
      closed: ['closed', 'silent', 'lost'],
      outside: overUdp,
    },
  ]
}

/** Bytes that tell which message they are and whether they are whole. */
export const patterned = (length: number, number: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (number * 31 + i * 7 + (i >> 8)) & 0xff
  return bytes
}

export const chance = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
