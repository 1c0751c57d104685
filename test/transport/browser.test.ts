import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { rolldown } from 'rolldown'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Connection, Listener } from '../../src/transport/transport.ts'
import { listenWebSocket } from '../../src/transport/websocket.ts'
import { dialBrowser, type SocketClass } from '../../src/transport/websocket-browser.ts'
import { steadyPort } from '../steady-port.ts'
import { eventually, failureCode, Heard, valueIn } from './heard.ts'
import { limitsOf } from './limits.ts'

/** What a page uses: WebSockets as browsers have them, and nothing of Node. */
const socketClass = WebSocket as unknown as SocketClass

const listeners: Listener[] = []

afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

const listening = async (port = 0) => {
  const accepted: { readonly connection: Connection; readonly heard: Heard }[] = []
  const onConnection = (connection: Connection) => accepted.push({ connection, heard: Heard.of(connection) })
  const listener = valueIn(await listenWebSocket(`ws://127.0.0.1:${port}`, { onConnection }))
  listeners.push(listener)
  return { accepted, url: listener.addresses[0] as string }
}

const pair = async () => {
  const { accepted, url } = await listening()
  const connection = valueIn(await dialBrowser(url, { socketClass }))
  await eventually(() => accepted.length === 1)
  return {
    accepted,
    url,
    connection,
    heard: Heard.of(connection),
    server: accepted[0] as (typeof accepted)[0],
  }
}

test('messages go both ways, and a close is heard', async () => {
  const { connection, heard, server } = await pair()
  for (let n = 0; n < 50; n++) {
    connection.send(new Uint8Array(n).fill(n))
    server.connection.send(new Uint8Array(65_536 + n).fill(n))
  }
  await Promise.all([heard.count(50), server.heard.count(50)])
  expect(server.heard.messages.map(({ length }) => length)).toEqual(Array.from({ length: 50 }, (_, n) => n))
  expect(heard.messages.map(({ length }) => length)).toEqual(Array.from({ length: 50 }, (_, n) => 65_536 + n))
  expect(heard.messages[49]?.every((byte) => byte === 49)).toBe(true)
  connection.send(Uint8Array.of(1))
  connection.close()
  expect(await server.heard.ending()).toBe('closed')
  expect(server.heard.messages).toHaveLength(51)
  expect(await heard.ending()).toBe('closed')
})

test('who destroys is told so, and the other that it is lost', async () => {
  const { connection, heard, server } = await pair()
  connection.destroy()
  expect(await heard.ending()).toBe('destroyed')
  expect(await server.heard.ending()).toBe('lost')
})

test('a server that breaks off is lost', async () => {
  const { heard, server } = await pair()
  server.connection.destroy()
  expect(await heard.ending()).toBe('lost')
})

test('a longer message than may be ends the connection', async () => {
  const { accepted, url } = await listening()
  const limits = limitsOf({ message_bytes_max: 100 })
  const heard = Heard.of(valueIn(await dialBrowser(url, { socketClass, limits })))
  await eventually(() => accepted.length === 1)
  accepted[0]?.connection.send(new Uint8Array(100))
  accepted[0]?.connection.send(new Uint8Array(101))
  expect(await heard.ending()).toBe('malformed')
  expect(heard.messages).toHaveLength(1)
  expect(await accepted[0]?.heard.ending()).toBe('lost')
})

test('a place where nobody listens refuses, and a signal gives up', async () => {
  const { url } = await listening(await steadyPort())
  await listeners.splice(0)[0]?.close()
  expect(failureCode(await dialBrowser(url, { socketClass }))).toBe('refused')
  expect(failureCode(await dialBrowser(url, { socketClass, signal: AbortSignal.abort() }))).toBe('aborted')
  expect(failureCode(await dialBrowser('tcp://127.0.0.1:1', { socketClass }))).toBe('unknown_scheme')
})

test('a browser is not asked to send by a socket that is closing, before it tells that it is: it would complain', async () => {
  const sent: number[] = []
  let made: Socket | undefined
  class Socket {
    readyState = 0
    bufferedAmount = 0
    protocol = ''
    onopen = (): void => {}
    onclose = (_event: { code: number }): void => {}
    constructor() {
      made = this
    }
    send = ([byte]: Uint8Array) => sent.push(byte as number)
    close = (): void => {}
  }
  const dialling = dialBrowser('ws://127.0.0.1:1', { socketClass: Socket as unknown as SocketClass })
  const socket = made as unknown as Socket
  socket.readyState = WebSocket.OPEN
  socket.onopen()
  const connection = valueIn(await dialling)
  const heard = Heard.of(connection)
  connection.send(Uint8Array.of(1))
  for (const state of [WebSocket.CLOSING, WebSocket.CLOSED]) {
    socket.readyState = state
    connection.send(Uint8Array.of(2))
  }
  socket.onclose({ code: 1000 })
  expect(await heard.ending()).toBe('closed')
  expect(sent).toEqual([1])
})

test('where a page may not make a socket it is told to use another', async () => {
  const refusing = class {
    constructor() {
      throw new Error('SecurityError')
    }
  } as unknown as SocketClass
  expect(failureCode(await dialBrowser('ws://127.0.0.1:1', { socketClass: refusing }))).toBe('turned_away')
})

/** All that a page needs of the transports, in one file. */
const bundled = async (): Promise<{ readonly code: string; readonly imports: readonly string[] }> => {
  const input = '\0page'
  const at = (file: string) => fileURLToPath(new URL(`../../src/transport/${file}`, import.meta.url))
  const page = ['dial-browser.ts', 'impaired.ts', 'memory.ts', '../core/random.ts']
    .map((file) => `export * from ${JSON.stringify(at(file))}`)
    .join('\n')
  const bundle = await rolldown({
    input,
    platform: 'browser',
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === input ? id : undefined),
        load: (id) => (id === input ? page : undefined),
      },
    ],
  })
  const { output } = await bundle.generate({ format: 'iife', name: 'sametick' })
  await bundle.close()
  expect(output).toHaveLength(1)
  const [{ code, imports }] = output
  return { code, imports }
}

test("a page's bundle holds nothing of Node, and runs where there is nothing of it", async () => {
  const { code, imports } = await bundled()
  expect(imports).toEqual([])
  expect(code).not.toMatch(/node:|require\(|\bprocess\b|\bBuffer\b/)
  const { accepted, url } = await listening()
  const page = createContext({
    ...{ WebSocket, URL, TextEncoder, TextDecoder, MessageChannel, performance, AbortSignal },
    ...{ setTimeout, clearTimeout, queueMicrotask, ArrayBuffer, Uint8Array },
  })
  runInContext(`${code}; this.sametick = sametick`, page)
  const { sametick } = page as unknown as {
    sametick: typeof import('../../src/transport/dial-browser.ts') &
      typeof import('../../src/transport/memory.ts') &
      typeof import('../../src/transport/impaired.ts') &
      typeof import('../../src/core/random.ts')
  }
  const impairment = new sametick.Impairment(new sametick.Random(1), { base: 1_000 })
  const heard = Heard.of(impairment.around(valueIn(await sametick.dial(url))))
  await eventually(() => accepted.length === 1)
  accepted[0]?.connection.send(Uint8Array.of(7))
  await heard.count(1)
  const [one, other] = sametick.memoryPair()
  const [, ofOther] = [Heard.of(one), Heard.of(other)]
  one.send(Uint8Array.of(8))
  await ofOther.count(1)
  one.close()
  expect(await ofOther.ending()).toBe('closed')
})

test('it speaks with a WebSocket that another made, as browsers do', async () => {
  const { accepted, url } = await listening()
  const script = `
    import { dial } from ${JSON.stringify(new URL('../../src/transport/dial-browser.ts', import.meta.url))}
    const dialled = await dial(${JSON.stringify(url)})
    if (!dialled.ok) throw new Error(dialled.failure.hint)
    dialled.value.attach({
      message: (bytes) => { dialled.value.send(bytes); if (bytes.length === 0) dialled.value.close() },
      closed: (why) => console.log(why, dialled.value.buffered),
    })`
  const loader = fileURLToPath(new URL('../ts.mjs', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--experimental-websocket', '--no-warnings', '--import', loader, '--input-type=module', '-e', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  // From the start: it may be gone before anybody here has looked again.
  const gone = once(child, 'close')
  const said: string[] = []
  child.stdout.on('data', (text) => said.push(String(text)))
  await eventually(() => accepted.length === 1 || child.exitCode !== null)
  const server = accepted[0] as (typeof accepted)[0]
  server.connection.send(new Uint8Array(60_000).fill(5))
  server.connection.send(new Uint8Array(0))
  await server.heard.count(2)
  expect(server.heard.messages.map(({ length }) => length)).toEqual([60_000, 0])
  expect(await server.heard.ending()).toBe('closed')
  await gone
  expect(said.join('')).toBe('closed 0\n')
})
