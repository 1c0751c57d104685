import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Random } from '../../src/core/random.ts'
import { decode, encode } from '../../src/core/session/messages.ts'
import { createServer, type Server } from '../../src/server/server.ts'
import { dial } from '../../src/transport/dial.ts'
import type { Connection, EndingCode } from '../../src/transport/transport.ts'
import { prefix, Reader } from './reader.ts'

/**
 * One server, and on it a session that has nothing to do with what else happens there: after everything that
 * anybody does, it has gone on, and at the end its instances agree and none of them was let go.
 */
let server: Server
let steady: Reader[]
const others: { leave(): void }[] = []

const at = (scheme: string): string =>
  server.addresses.find((address) => address.startsWith(`${scheme}:`)) as string

beforeAll(async () => {
  server = await createServer({
    ...{ ws: 0, tcp: 0, udp: 0 },
    sessions: (name) => (name === 'nowhere' ? undefined : name === 'small' ? { members: 1 } : {}),
    sessionsMax: 5,
  })
  steady = await Promise.all(['ws', 'tcp', 'udp'].map((scheme) => Reader.to(`${at(scheme)}/steady`)))
})

afterEach(async () => {
  for (const other of others.splice(0)) other.leave()
  for (const reader of steady) {
    const { length } = reader.inputs
    reader.seat.emit(1)
    await reader.until(() => reader.inputs.length > length + 5)
    expect(reader.ended).toBeUndefined()
  }
})

afterAll(async () => {
  const [a, b, c] = steady as [Reader, Reader, Reader]
  expect(prefix(a.inputs, b.inputs) && prefix(a.inputs, c.inputs)).toBe(true)
  expect(a.events.filter((each) => each.includes(':-4:'))).toEqual([])
  await server.close()
})

const join = async (path: string, options = {}): Promise<Reader> => {
  const reader = await Reader.to(path, options)
  others.push(reader.seat)
  return reader
}

/** A connection on which anything may be said, and what it is answered. */
const rude = async (url: string) => {
  const dialled = await dial(url)
  if (!dialled.ok) throw new Error(dialled.failure.detail)
  const connection: Connection = dialled.value
  const heard: Uint8Array[] = []
  const ended = new Promise<EndingCode>((closed) =>
    connection.attach({ message: (bytes) => heard.push(bytes), closed }),
  )
  const refusal = async (): Promise<string> => {
    await ended
    const last = decode(heard[heard.length - 1] ?? new Uint8Array(0))
    return typeof last !== 'string' && last.kind === 'refuse' ? last.code : `no refusal: ${last}`
  }
  return { connection, heard, ended, refusal }
}

const HELLO = encode.hello(100, 'test@1', 'rude', 0, new Uint8Array(0))

describe('before admission', () => {
  test.each([
    ['another FPS', 'steady', { fps: 50 }, 'fps_differs', 'It runs at 100 FPS.'],
    ['another application', 'steady', { app: 'other@1' }, 'app_differs', 'It runs test@1.'],
    [
      'a session that there is not',
      'nowhere',
      {},
      'unknown_session',
      'There is no session of that name here.',
    ],
    ['an FPS that none has', 'x', { fps: 100_000 }, 'bad_request', 'from 1 to 1000'],
    ['a session for more than may be', 'x', { instances: 5_000 }, 'bad_request', '1 to 1024 instances'],
    ['a name that is too long', 'x'.repeat(257), {}, 'bad_url', '257 bytes of 256'],
  ])('%s is refused by name, once', async (_, session, options, code, words) => {
    const refused = join(`${at('ws')}/${session}`, options)
    await expect(refused).rejects.toMatchObject({ code, retry: false })
    const { message } = (await refused.catch((error: unknown) => error)) as Error
    expect(message).toContain(words)
    expect(message.split('. ').length).toBe(new Set(message.split('. ')).size)
  })

  test('a full session and a full server are refused, and may be tried again', async () => {
    await join(`${at('ws')}/small`)
    const full = { code: 'session_full', retry: true, hint: 'It takes 1.' }
    await expect(join(`${at('udp')}/small`)).rejects.toMatchObject(full)
    // The steady one, the small one, and three more: those that nobody is in any more give way.
    const more = await Promise.all([1, 2, 3].map((i) => join(`${at('tcp')}/${i}`)))
    await expect(join(`${at('ws')}/4`)).rejects.toMatchObject({ code: 'server_full', retry: true })
    more[0]?.seat.leave()
    await more[1]?.until(() => server.sessions.all().some((session) => session.size === 0))
    await join(`${at('ws')}/4`)
  })

  test.each(['ws', 'tcp', 'udp'])('what is no hello is answered with a reason, over %s', async (scheme) => {
    for (const [bytes, code] of [
      [Uint8Array.from([2, ...HELLO.subarray(1)]), 'version'],
      [HELLO.subarray(0, HELLO.length - 1), 'malformed'],
      [Uint8Array.from([...HELLO, 0]), 'malformed'],
      [encode.emit(1, 0, -1, 1, new Uint8Array(0)), 'malformed'],
      [new Uint8Array(0), 'malformed'],
      [new Uint8Array(60_000).fill(255), 'version'],
    ] as const) {
      const { connection, refusal } = await rude(at(scheme))
      connection.send(bytes)
      expect(await refusal()).toBe(code)
    }
  })

  test('a server from the future is named as such', async () => {
    const fake = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      handleProtocols: ([name]) => name ?? false,
    })
    await once(fake, 'listening')
    fake.on('connection', (socket) => socket.on('message', () => socket.send(Uint8Array.of(2, 33, 1))))
    const { port } = fake.address() as { port: number }
    await expect(Reader.to(`ws://127.0.0.1:${port}/x`)).rejects.toMatchObject({ code: 'version' })
    for (const client of fake.clients) client.terminate()
    await new Promise((resolve) => fake.close(resolve))
  })
})

describe('a member', () => {
  test.each([
    ['breaks off in a message', encode.emit(1, 0, -1, 1, new Uint8Array(9)).subarray(0, 8)],
    ['says what only a sequencer says', encode.grant(5, 0)],
    ['says hello twice', HELLO],
    ['counts its events wrongly', encode.emit(7, 0, -1, 1, new Uint8Array(0))],
    ['uses an id that is not its own', encode.emit(1, 0, -1, 0, new Uint8Array(0))],
  ])('that %s is told, let go, and gone from the timeline of the others', async (what, bytes) => {
    // In a session of its own: a newcomer to an old one hears of all who were there before.
    const witness = await join(`${at('ws')}/${what}`)
    const { connection, heard, refusal } = await rude(at('tcp'))
    connection.send(encode.hello(100, 'test@1', what, 0, new Uint8Array(0)))
    await witness.until(() => witness.events.filter((each) => each.includes(':-1:')).length === 2)
    expect(heard.length).toBeGreaterThan(0)
    connection.send(bytes)
    expect(await refusal()).toBe('malformed')
    await witness.until(() => witness.events.some((each) => each.includes(':-4:')))
  })

  test('that sends more than a message may have is cut off', async () => {
    const socket = new WebSocket(`${at('ws')}/x`, 'sametick.1')
    await once(socket, 'open')
    expect(socket.extensions).toBe('')
    socket.send(new Uint8Array(65_536 + 257))
    const [code] = (await once(socket, 'close')) as [number]
    expect(code).toBe(1009)
  })
})

test('datagrams of noise get no more than they brought, and leave nothing behind', async () => {
  const socket = createSocket('udp4')
  const { port } = new URL(at('udp').replace('udp', 'http'))
  const random = new Random(5)
  let [sent, got] = [0, 0]
  socket.on('message', (bytes) => {
    got += bytes.length
  })
  for (let i = 0; i < 500; i++) {
    const noise = Uint8Array.from({ length: random.below(1_400) }, () => random.below(256))
    // Every other one begins as ours do.
    if (i % 2 === 0 && noise.length > 3) noise.set([0x73, 1, i % 8])
    sent += noise.length
    await new Promise((resolve) => socket.send(noise, Number(port), '127.0.0.1', resolve))
  }
  // One that is answered comes after all of them, and so do the answers before.
  const last = await join(`${at('udp')}/last`)
  await last.until(() => last.inputs.length > 3)
  expect(got).toBeLessThanOrEqual(sent)
  socket.close()
})

test.each([
  ['a page from elsewhere', 'https://evil.example', 403],
  ['a page from this machine', 'http://localhost:8080', 101],
])('%s', async (_, origin, status) => {
  const socket = new WebSocket(`${at('ws')}/x`, 'sametick.1', { origin })
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
    socket.on('open', () => resolve(101))
    socket.on('error', reject)
  })
  expect(answer).toBe(status)
  socket.terminate()
})

test.each([
  [{ ws: 70_000 }, 'ws is 70000: give it a port from 0 to 65535.'],
  [{ fps: 0 }, 'fps is 0: give it a whole number from 1 to 1000.'],
  [{ instances: 1.5 }, 'instances is 1.5'],
  [{ members: 0 }, 'members is 0'],
  [{ instances: 3, members: 2 }, 'instances is 3: give it no more than its members, 2'],
  [{ members: 2, sessions: { a: { instances: 3 } } }, "sessions['a'].instances is 3"],
  [{ discipline: 'fast' as 'gals' }, 'discipline is fast: give it one of gals, horizon, auto.'],
  [{ origins: ['play.example'] }, 'origins is play.example: give it an origin as browsers name it'],
  [{ sessions: { lesson: { fps: 2_000 } } }, "sessions['lesson'].fps is 2000"],
  [{ k: Number.NaN }, 'k is NaN: give it a number from 0.'],
])('a server that no session could run on is not opened: %o', async (settings, words) => {
  await expect(createServer(settings)).rejects.toMatchObject({
    code: 'bad_request',
    hint: expect.stringContaining(words),
  })
})
