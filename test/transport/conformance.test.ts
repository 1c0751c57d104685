import { afterEach, describe, expect, test } from 'vitest'
import type { Connection, DialOptions, Listener, ListenOptions } from '../../src/transport/transport.ts'
import { steadyPort } from '../steady-port.ts'
import { standStill } from '../until.ts'
import { aWhile, eventually, failureCode, Heard, valueIn } from './heard.ts'
import { limitsOf } from './limits.ts'
import { chance, patterned, type Subject, subjects } from './transports.ts'

/** What every transport keeps, whatever carries it. Each promise of `transport.ts` is a test here. */
const MESSAGE_BYTES_MAX = limitsOf({}).message_bytes_max
const LENGTHS = [
  ...[
    0, 1, 2, 3, 4, 5, 63, 125, 126, 127, 128, 255, 256, 1_000, 1_151, 1_152, 1_153, 1_200, 4_095, 4_096,
    4_097,
  ],
  ...[16_379, 16_380, 16_384, 65_535, 65_536, 65_537, MESSAGE_BYTES_MAX],
]

const listeners: Listener[] = []
const ends: Connection[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) end.destroy()
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

/** A listener and all that it accepts, in order. */
const listening = async (subject: Subject, options: Partial<ListenOptions> = {}, at = subject.url) => {
  const accepted: { readonly connection: Connection; readonly heard: Heard }[] = []
  const onConnection = (connection: Connection) => {
    ends.push(connection)
    accepted.push({ connection, heard: Heard.of(connection) })
  }
  const listener = valueIn(await subject.listen(at, { onConnection, ...options }))
  listeners.push(listener)
  const url = listener.addresses[0] as string
  const dialled = async (own?: DialOptions) => {
    const connection = valueIn(await subject.dial(url, own))
    ends.push(connection)
    return { connection, heard: Heard.of(connection) }
  }
  return { listener, url, accepted, dialled }
}

/** A connection: its client's end and its server's. */
const pair = async (subject: Subject, options: Partial<ListenOptions> = {}, own?: DialOptions) => {
  const place = await listening(subject, options)
  const client = await place.dialled(own)
  await eventually(() => place.accepted.length > 0)
  const server = place.accepted[0] as (typeof place.accepted)[number]
  return { ...place, client, server }
}

describe.each(subjects())('$name', (subject) => {
  test('messages of every length arrive whole and in order, both ways', async () => {
    const { client, server } = await pair(subject)
    const messages = LENGTHS.map(patterned)
    for (const message of messages) {
      expect(client.connection.send(message)).toBe(true)
      expect(server.connection.send(message)).toBe(true)
    }
    await Promise.all([client.heard.count(LENGTHS.length), server.heard.count(LENGTHS.length)])
    // Read at the end: what was delivered first may not have been written over since.
    expect(server.heard.messages.map((bytes) => [...bytes])).toEqual(messages.map((bytes) => [...bytes]))
    expect(client.heard.messages.map((bytes) => [...bytes])).toEqual(messages.map((bytes) => [...bytes]))
  })

  test('thousands of small messages arrive in order, both ways at once', async () => {
    const { client, server } = await pair(subject)
    const COUNT = 5_000
    const numbered = (n: number) => Uint8Array.of(n, n >> 8, n >> 16, ...new Array(n % 20).fill(n & 0xff))
    for (let n = 0; n < COUNT; n++) {
      client.connection.send(numbered(n))
      server.connection.send(numbered(n))
      if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all([client.heard.count(COUNT), server.heard.count(COUNT)])
    for (const { messages } of [client.heard, server.heard]) {
      expect(messages).toHaveLength(COUNT)
      for (let n = 0; n < COUNT; n++) expect(messages[n]).toEqual(numbered(n))
    }
  })

  test('who answers within a message is answered in turn', async () => {
    const { client, server } = await pair(subject)
    server.heard.onMessage = (bytes) => server.connection.send(bytes)
    client.heard.onMessage = ([n = 0]) => n < 30 && client.connection.send(Uint8Array.of(n + 1))
    client.connection.send(Uint8Array.of(0))
    await client.heard.count(31)
    expect(client.heard.messages.map(([n]) => n)).toEqual(Array.from({ length: 31 }, (_, n) => n))
  })

  test('what comes before there is an owner is kept for him, and so is the end', async () => {
    const early: Connection[] = []
    const { dialled } = await listening(subject, {
      onConnection: (connection) => {
        ends.push(connection)
        early.push(connection)
      },
    })
    const { connection } = await dialled()
    for (let n = 0; n < 10; n++) connection.send(Uint8Array.of(n))
    connection.close()
    await eventually(() => early.length > 0)
    await aWhile()
    const heard = Heard.of(early[0] as Connection)
    expect(heard.messages).toHaveLength(0)
    expect(subject.closed).toContain(await heard.ending())
    expect(heard.messages.map(([n]) => n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('who closes has all that was sent arrive, and both are told once', async () => {
    const { client, server } = await pair(subject)
    const COUNT = 500
    for (let n = 0; n < COUNT; n++) client.connection.send(patterned(100, n))
    client.connection.close()
    const ending = await server.heard.ending()
    expect(subject.closed).toContain(ending)
    expect(server.heard.messages).toHaveLength(COUNT)
    expect(await client.heard.ending()).toBe('closed')
    await aWhile()
    expect([client.heard.endings, server.heard.endings]).toEqual([['closed'], [ending]])
  })

  test('nothing is taken or told after a close', async () => {
    const { client, server } = await pair(subject)
    const flood = setInterval(() => server.connection.send(Uint8Array.of(1)), 1)
    await client.heard.count(10)
    const had = client.heard.messages.length
    client.connection.close()
    expect(client.connection.send(Uint8Array.of(2))).toBe(false)
    client.connection.close()
    await client.heard.ending()
    await server.heard.ending()
    expect(server.connection.send(Uint8Array.of(3))).toBe(false)
    await aWhile()
    clearInterval(flood)
    expect(client.heard.messages).toHaveLength(had)
    expect(server.heard.messages).toHaveLength(0)
    expect([client.heard.late, server.heard.late]).toEqual([0, 0])
    expect([client.heard.endings.length, server.heard.endings.length]).toEqual([1, 1])
    expect([client.connection.buffered, server.connection.buffered]).toEqual([0, 0])
  })

  test('who destroys is told so a little later, and the other that it is lost', async () => {
    const { client, server } = await pair(subject)
    client.connection.send(Uint8Array.of(1))
    await server.heard.count(1)
    server.connection.destroy()
    expect(server.heard.endings).toEqual([])
    expect(server.connection.send(Uint8Array.of(2))).toBe(false)
    server.connection.destroy()
    expect(await server.heard.ending()).toBe('destroyed')
    expect(subject.broken).toContain(await client.heard.ending())
    await aWhile()
    expect([client.heard.endings.length, server.heard.endings.length]).toEqual([1, 1])
  })

  test('who destroys within a message hears no other', async () => {
    const { client, server } = await pair(subject)
    server.heard.onMessage = () => server.connection.destroy()
    for (let n = 0; n < 100; n++) client.connection.send(Uint8Array.of(n))
    expect(await server.heard.ending()).toBe('destroyed')
    await aWhile()
    expect(server.heard.messages).toHaveLength(1)
    expect(server.heard.late).toBe(0)
  })

  test('who is closed while nobody has told him yet that all has arrived still hears of a close', async () => {
    const { client, server } = await pair(subject)
    server.heard.onMessage = () => server.connection.close()
    client.connection.send(Uint8Array.of(1))
    expect(subject.closed).toContain(await client.heard.ending())
    expect(await server.heard.ending()).toBe('closed')
  })

  test('both may close at once', async () => {
    const { client, server } = await pair(subject)
    client.connection.close()
    server.connection.close()
    expect(await Promise.all([client.heard.ending(), server.heard.ending()])).toEqual(['closed', 'closed'])
  })

  test('who stands still while he closes has not waited too long for the other', async () => {
    const { client } = await pair(subject, {}, { limits: limitsOf({ closing_max: 200_000 }) })
    client.connection.close()
    standStill(300)
    expect(await client.heard.ending()).toBe('closed')
  })

  test('a longer message than may be ends its connection, and no other', async () => {
    const { client, server, accepted, dialled } = await pair(
      subject,
      {},
      { limits: limitsOf({ message_bytes_max: 1_048_576 }) },
    )
    const other = await dialled()
    await eventually(() => accepted.length > 1)
    client.connection.send(Uint8Array.of(1))
    client.connection.send(patterned(MESSAGE_BYTES_MAX + 1, 1))
    client.connection.send(Uint8Array.of(2))
    expect(await server.heard.ending()).toBe('malformed')
    expect(subject.broken).toContain(await client.heard.ending())
    expect(server.heard.messages.map((bytes) => bytes.length)).toEqual([1])
    other.connection.send(Uint8Array.of(3))
    await accepted[1]?.heard.count(1)
    expect(other.heard.endings).toEqual([])
  })

  test('to send a longer message than may be is a mistake of the program', async () => {
    const { client } = await pair(subject)
    expect(() => client.connection.send(new Uint8Array(MESSAGE_BYTES_MAX + 1))).toThrow('P8')
    expect(client.heard.endings).toEqual([])
  })

  test('what is sent counts as buffered until it leaves, and too much of it ends the connection', async () => {
    const { client, server } = await pair(subject)
    const block = patterned(60_000, 1)
    client.connection.send(block)
    expect(client.connection.buffered).toBeGreaterThanOrEqual(block.length)
    await server.heard.count(1)
    await eventually(() => client.connection.buffered === 0)
    // In one turn nothing can leave.
    let sent = 0
    while (sent < 1_000 && client.connection.send(block)) sent++
    expect(sent * block.length).toBeLessThanOrEqual(limitsOf({}).buffered_bytes_max)
    expect((sent + 1) * block.length).toBeGreaterThan(limitsOf({}).buffered_bytes_max - block.length)
    expect(client.heard.endings).toEqual([])
    expect(await client.heard.ending()).toBe('overflow')
    expect(subject.broken).toContain(await server.heard.ending())
  })

  test('many connections at once do not meet', async () => {
    const { accepted, dialled, listener } = await listening(subject)
    const COUNT = 60
    const clients = await Promise.all(Array.from({ length: COUNT }, () => dialled()))
    await eventually(() => accepted.length === COUNT)
    expect(listener.connections).toBe(COUNT)
    for (const { connection, heard } of accepted) heard.onMessage = (bytes) => connection.send(bytes)
    for (const [i, { connection }] of clients.entries())
      for (let n = 0; n < 20; n++) connection.send(Uint8Array.of(i, n))
    await Promise.all(clients.map(({ heard }) => heard.count(20)))
    for (const [i, { heard }] of clients.entries())
      expect(heard.messages.map((bytes) => [...bytes])).toEqual(Array.from({ length: 20 }, (_, n) => [i, n]))
    for (const { connection } of clients.slice(10)) connection.close()
    await eventually(() => listener.connections === 10)
  })

  test('a listener takes as many connections as it may, and one more when one has gone', async () => {
    const { accepted, dialled, url, listener } = await listening(subject, {
      limits: limitsOf({ connections_max: 3 }),
    })
    const clients = [await dialled(), await dialled(), await dialled()]
    await eventually(() => accepted.length === 3)
    expect(failureCode(await subject.dial(url))).toBe('server_full')
    clients[0]?.connection.close()
    await eventually(() => listener.connections === 2)
    await dialled()
    await eventually(() => accepted.length === 4)
  })

  test('a listener that closes has all that was sent arrive, and then nobody listens', async () => {
    const at = subject.url.replace(/:0$/, `:${await steadyPort()}`)
    const { accepted, dialled, listener, url } = await listening(subject, {}, at)
    const clients = [await dialled(), await dialled(), await dialled()]
    await eventually(() => accepted.length === 3)
    for (const { connection } of accepted) for (let n = 0; n < 300; n++) connection.send(patterned(200, n))
    await listener.close()
    for (const { heard } of clients) {
      expect(subject.closed).toContain(await heard.ending())
      expect(heard.messages).toHaveLength(300)
    }
    for (const { heard } of accepted) expect(heard.endings).toEqual(['closed'])
    expect(failureCode(await subject.dial(url))).toBe('refused')
    const again = valueIn(await subject.listen(url, { onConnection: () => {} }))
    listeners.push(again)
    expect(again.addresses).toEqual([url])
  })

  test('an address that is taken is not taken twice', async () => {
    const { url } = await listening(subject)
    const result = await subject.listen(url, { onConnection: () => {} })
    expect(failureCode(result)).toBe('port_in_use')
    expect(!result.ok && result.failure.hint).toMatch(/^Another program has that port/)
  })

  test('a signal gives up before anything is begun', async () => {
    const { accepted, url } = await listening(subject)
    expect(failureCode(await subject.dial(url, { signal: AbortSignal.abort() }))).toBe('aborted')
    await aWhile()
    expect(accepted).toHaveLength(0)
  })

  test('a signal that comes when the connection is open changes nothing', async () => {
    const controller = new AbortController()
    const { client, server } = await pair(subject, {}, { signal: controller.signal })
    controller.abort()
    client.connection.send(Uint8Array.of(1))
    await server.heard.count(1)
    expect(client.heard.endings).toEqual([])
  })

  test('an address of another kind, or none, is named as such', async () => {
    for (const url of ['', 'nonsense', 'gopher://127.0.0.1:70', '//127.0.0.1:70']) {
      const result = await subject.dial(url)
      expect(['unknown_scheme', 'refused']).toContain(failureCode(result))
      expect(['unknown_scheme', 'bad_url']).toContain(
        failureCode(await subject.listen(url, { onConnection: () => {} })),
      )
    }
  })

  const { outside } = subject
  if (outside === undefined) return

  test('strangers are counted, and nothing is kept of them', async () => {
    const { accepted, dialled, listener, url } = await listening(subject)
    const { connection } = await dialled()
    await eventually(() => accepted.length === 1)
    const openings = ['', 'x', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'sametick\x02', '\x10\0\0\0\0'].map(
      (text) => new TextEncoder().encode(text),
    )
    const garbage = [1, 4, 5, 9, 14, 100, 1_199, 1_200, 1_201, 20_000].map(chance)
    for (const bytes of [...openings, ...garbage]) await outside.stranger(url, bytes)
    await eventually(() => listener.strangers >= garbage.length)
    expect(accepted).toHaveLength(1)
    expect(listener.connections).toBe(1)
    connection.send(Uint8Array.of(1))
    await accepted[0]?.heard.count(1)
  })

  test('a signal gives up while nobody answers, and so does time', async () => {
    const deaf = await outside.deaf()
    const controller = new AbortController()
    const dialled = subject.dial(deaf.url, { signal: controller.signal })
    await aWhile()
    controller.abort()
    expect(failureCode(await dialled)).toBe('aborted')
    const limits = limitsOf({ opening_max: 100_000 })
    expect(failureCode(await subject.dial(deaf.url, { limits }))).toBe('timeout')
    deaf.close()
  })

  test('a host that has no address is named as such', async () => {
    // No part of a name may be as long: the system knows without asking any network.
    const url = `${outside.scheme}://${'x'.repeat(64)}.invalid:9`
    expect(failureCode(await subject.dial(url))).toBe('not_found')
    expect(failureCode(await subject.listen(url, { onConnection: () => {} }))).toBe('not_found')
  })

  test('an address of another machine cannot be listened at', async () => {
    const result = await subject.listen(`${outside.scheme}://192.0.2.1:0`, { onConnection: () => {} })
    expect(failureCode(result)).toBe('address_not_here')
  })
})
