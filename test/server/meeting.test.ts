import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { MEETING_LIMITS } from '../../src/core/meeting/limits.ts'
import { decode, encode, type MeetingMessage } from '../../src/core/meeting/messages.ts'
import { createServer, type Server } from '../../src/server/server.ts'
import { dial } from '../../src/transport/dial.ts'
import { MEETING_PROTOCOL } from '../../src/transport/websocket-codes.ts'
import { turn, until } from '../until.ts'
import { Reader } from './reader.ts'

/**
 * A meeting point under those who mean it no good. Two peers have nothing to do with them: after everything that
 * anybody does, what the one says still reaches the other, and a session beside it has gone on.
 */
let server: Server
let url = ''
let steady: Guest[] = []
let reader: Reader

class Guest {
  readonly heard: MeetingMessage[] = []
  isClosed = false
  readonly send: (bytes: Uint8Array) => void
  private constructor(send: (bytes: Uint8Array) => void) {
    this.send = send
  }

  static async to(address: string): Promise<Guest> {
    const dialled = await dial(address, { protocols: [MEETING_PROTOCOL] })
    if (!dialled.ok) throw new Error(dialled.failure.detail)
    const guest = new Guest((bytes) => dialled.value.send(bytes))
    dialled.value.attach({
      message: (bytes) => {
        const message = decode(bytes)
        if (typeof message === 'string') throw new Error(message)
        guest.heard.push(message)
        if (message.kind === 'beat') guest.send(encode.beat())
      },
      closed: () => {
        guest.isClosed = true
      },
    })
    return guest
  }

  enter(room: string, id: number): this {
    this.send(encode.enter({ room, fps: 50, app: 'a@1', id, key: id, linked: [] }))
    return this
  }

  of<K extends MeetingMessage['kind']>(kind: K): Extract<MeetingMessage, { kind: K }>[] {
    return this.heard.filter((m) => m.kind === kind) as Extract<MeetingMessage, { kind: K }>[]
  }

  get refusal(): string | undefined {
    return this.of('refused')[0]?.code
  }
}

beforeAll(async () => {
  server = await createServer({ sessions: (name) => (name === 'nowhere' ? undefined : {}), roomsMax: 3 })
  url = server.addresses[0] as string
  steady = [(await Guest.to(url)).enter('steady', 1), (await Guest.to(url)).enter('steady', 2)]
  reader = await Reader.to(`${url}/steady`)
})

let said = 0
const goesOn = async (): Promise<void> => {
  const [a, b] = steady as [Guest, Guest]
  await until(() => a.of('introduced').length > 0)
  a.send(encode.relay(a.of('introduced')[0]?.way ?? 0, true, Uint8Array.of(++said)))
  await until(() => b.of('relay').at(-1)?.bytes[0] === said)
  const { length } = reader.inputs
  reader.seat.emit(1)
  await reader.until(() => reader.inputs.length > length + 5)
  expect([reader.ended, a.refusal, b.refusal]).toEqual([undefined, undefined, undefined])
}

afterAll(async () => {
  reader.seat.leave()
  await server.close()
  await until(() => steady.every(({ isClosed }) => isClosed))
  // Everybody was told why.
  expect(steady.map(({ refusal }) => refusal)).toEqual(['closing', 'closing'])
})

describe('a meeting point goes on, and says why to whoever', () => {
  test.each([
    ['says nothing that can be read', new Uint8Array(60_000).fill(255), 'version'],
    ['says nothing at all', new Uint8Array(0), 'malformed'],
    [
      'breaks off',
      encode.enter({ room: 'x', fps: 50, app: 'a', id: 1, key: 1, linked: [] }).subarray(0, 9),
      'malformed',
    ],
    ['relays before it has entered', encode.relay(1, true, Uint8Array.of(1)), 'malformed'],
    [
      'wants a room that there is not',
      encode.enter({ room: 'nowhere', fps: 50, app: 'a@1', id: 7, key: 1, linked: [] }),
      'unknown_room',
    ],
    [
      'has the id of another',
      encode.enter({ room: 'steady', fps: 50, app: 'a@1', id: 1, key: 9, linked: [] }),
      'same_id',
    ],
    [
      'runs something else',
      encode.enter({ room: 'steady', fps: 25, app: 'a@1', id: 7, key: 1, linked: [] }),
      'fps_differs',
    ],
  ])('%s', async (_, bytes, code) => {
    const rude = await Guest.to(url)
    rude.send(bytes)
    await until(() => rude.isClosed)
    expect(rude.refusal).toBe(code)
    await goesOn()
  })

  test('opens more rooms than may be, until one is empty again', async () => {
    const others = [(await Guest.to(url)).enter('two', 1), (await Guest.to(url)).enter('three', 1)]
    await until(() => others.every((other) => other.of('welcome').length > 0))
    const late = (await Guest.to(url)).enter('four', 1)
    await until(() => late.isClosed)
    expect(late.refusal).toBe('server_full')
    for (const other of others) other.send(new Uint8Array(0))
    await until(() => server.rooms.all().length === 1)
    const later = (await Guest.to(url)).enter('four', 1)
    await until(() => later.of('welcome').length > 0)
    later.send(new Uint8Array(0))
    await goesOn()
  })

  test('relays to one of those that are there more than the window, whoever does not read it', async () => {
    const rude = (await Guest.to(url)).enter('steady', 66)
    await until(() => rude.of('introduced').length === 2)
    const way = rude.of('introduced').find(({ id }) => id === 1)?.way ?? 0
    const piece = encode.relay(way, false, new Uint8Array(MEETING_LIMITS.piece_bytes_max))
    for (let n = 0; n < 100; n++) rude.send(piece)
    await until(() => rude.isClosed)
    expect(rude.refusal).toBe('overflow')
    const got = steady[0]?.of('relay').filter((each) => each.way === way) ?? []
    expect(got.length * MEETING_LIMITS.piece_bytes_max).toBeLessThanOrEqual(MEETING_LIMITS.window_bytes)
    await goesOn()
  })

  test('says words without end', async () => {
    const rude = (await Guest.to(url)).enter('steady', 67)
    // A machine that is slow says in two seconds what may be said in them, and not so often.
    for (let bursts = 0; !rude.isClosed; bursts++) {
      expect(bursts).toBeLessThan(200)
      for (let n = 0; n < MEETING_LIMITS.words_burst; n++) rude.send(encode.near(1_000, n % 2 === 0))
      await turn()
    }
    expect(rude.refusal).toBe('overflow')
    await goesOn()
  })
})

test.each([
  ['a page from elsewhere', 'https://evil.example', 403],
  ['a page from this machine', 'http://localhost:8080', 101],
])('%s comes to the meeting point as it does to a session', async (_, origin, status) => {
  const socket = new WebSocket(`${url}/x`, [MEETING_PROTOCOL, 'sametick.1'], { origin })
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
    socket.on('open', () => resolve(101))
    socket.on('error', reject)
  })
  expect(answer).toBe(status)
  if (status === 101) expect(socket.protocol).toBe(MEETING_PROTOCOL)
  socket.terminate()
})
