import { createServer as createHttp } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerSettings } from '../../src/server/server.ts'
import { steadyPort } from '../steady-port.ts'
import { prefix, Reader, type ReaderOptions } from './reader.ts'

const open: Server[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

const serve = async (settings: ServerSettings = {}): Promise<Server> => {
  const server = await createServer(settings)
  open.push(server)
  return server
}

const addressOf = (server: Server, scheme: string): string =>
  server.addresses.find((address) => address.startsWith(`${scheme}:`)) ?? `no ${scheme}`

const ALL = { ws: 0, tcp: 0, udp: 0 } as const
const SCHEMES = Object.keys(ALL)

describe('a server on real sockets', () => {
  test('instances of one session come by WebSocket, TCP and UDP, and share every input', async () => {
    const server = await serve({ ...ALL, instances: 3 })
    const readers = await Promise.all(
      SCHEMES.map((scheme) => Reader.to(`${addressOf(server, scheme)}/lesson`)),
    )
    const [a, b, c] = readers as [Reader, Reader, Reader]
    for (const reader of readers) await reader.until(() => reader.inputs.length > 10)
    readers.forEach((reader, i) => {
      for (let n = 1; n <= 5; n++) expect(reader.seat.emit(10 * (i + 1) + n, new Uint8Array([i, n]))).toBe(n)
    })
    for (const reader of readers) await reader.until(() => reader.events.length === 18)
    expect(prefix(a.inputs, b.inputs)).toBe(true)
    expect(prefix(a.inputs, c.inputs)).toBe(true)
  })

  test.each(SCHEMES)('payloads of 0 bytes to 64 KiB go over %s, unchanged', async (scheme) => {
    const server = await serve({ [scheme]: 0, instances: 2 })
    const url = `${addressOf(server, scheme)}/large`
    const [a, b] = await Promise.all([Reader.to(url), Reader.to(url)])
    await a.until(() => a.inputs.length > 1)
    const sizes = [0, 1, 1_000, 65_536]
    for (const size of sizes)
      expect(a.seat.emit(1, new Uint8Array(size).fill(size % 251))).toBeTypeOf('number')
    await b.until(() => b.events.length === 2 + sizes.length)
    const got = b.events.slice(2).map((each) => {
      const bytes = each.split(':')[3]?.split('.') ?? []
      return { size: bytes.length, first: Number(bytes[0] ?? 0) }
    })
    expect(got).toEqual(sizes.map((size) => ({ size, first: size % 251 })))
    expect(a.seat.emit(1, new Uint8Array(65_537))).toBe('payload_too_large')
  })

  test('a port that is taken is named, with a way out', async () => {
    const server = await serve({ ws: 0 })
    const port = Number(new URL(addressOf(server, 'ws')).port)
    await expect(createServer({ ws: port })).rejects.toMatchObject({ code: 'port_in_use' })
    await expect(createServer({ ws: port })).rejects.toThrow(/take another one; 0 finds one/)
    const tcp = await serve({ tcp: 0 })
    const taken = Number(new URL(addressOf(tcp, 'tcp')).port)
    await expect(createServer({ ws: 0, tcp: taken })).rejects.toMatchObject({ code: 'port_in_use' })
  })

  test.each([
    ['an address that nobody listens at', 'ws://127.0.0.1:1/x', {}, 'refused'],
    ['a scheme that no transport has', 'gopher://127.0.0.1:1/x', {}, 'unknown_scheme'],
  ] as const)('%s is refused by name', async (_what, url, more: ReaderOptions, code) => {
    await expect(Reader.to(url, more)).rejects.toMatchObject({ code })
  })

  test('what a session refuses is told before admission, by name', async () => {
    const server = await serve({ ws: 0, sessions: { lesson: { fps: 25 } } })
    const url = addressOf(server, 'ws')
    await expect(Reader.to(`${url}/lesson`, { fps: 50 })).rejects.toMatchObject({
      code: 'fps_differs',
      retry: false,
    })
    await expect(Reader.to(`${url}/other`, { fps: 25 })).rejects.toMatchObject({ code: 'unknown_session' })
  })

  test('a wait for others can be given up', async () => {
    const server = await serve({ ws: 0 })
    const giveUp = new AbortController()
    giveUp.abort()
    const { openSeat } = await import('../../src/client/open.ts')
    const { dial } = await import('../../src/transport/dial.ts')
    const nobody = { happened: () => {}, due: () => {}, closed: () => {} }
    const options = { fps: 25, app: 'x', signal: giveUp.signal }
    await expect(openSeat(addressOf(server, 'ws'), options, dial, nobody)).rejects.toMatchObject({
      code: 'aborted',
    })
  })

  test("a server of one's own takes instances beside what else it does, and stays as it is", async () => {
    const own = createHttp((_request, answer) => answer.end('mine'))
    await expect(createServer({ http: own })).rejects.toMatchObject({ code: 'bad_request' })
    await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve))
    const server = await serve({ http: own, udp: 0 })
    expect(server.addresses.map((address) => address.split(':')[0])).toEqual(['ws', 'udp'])
    const [a, b] = await Promise.all(server.addresses.map((address) => Reader.to(`${address}/own`)))
    await a?.until(() => a.events.length === 2 && a.inputs.length > 5)
    const page = `http://127.0.0.1:${(own.address() as { port: number }).port}`
    expect(await (await fetch(page)).text()).toBe('mine')
    await server.close()
    await Promise.all([a, b].map((each) => each?.until(() => each.ended === 'closing')))
    expect(await (await fetch(page)).text()).toBe('mine')
    own.closeAllConnections()
    own.close()
  })

  test('at its end everybody is told, and the ports are free again', async () => {
    const [ws, tcp, udp] = [await steadyPort(), await steadyPort(), await steadyPort()]
    const server = await serve({ ws, tcp, udp })
    const readers = await Promise.all(SCHEMES.map((scheme) => Reader.to(`${addressOf(server, scheme)}/x`)))
    for (const reader of readers) await reader.until(() => reader.inputs.length > 1)
    await server.close()
    for (const reader of readers) await reader.until(() => reader.closedNow)
    expect(readers.map((reader) => reader.ended)).toEqual(['closing', 'closing', 'closing'])
    await serve({ ws, tcp, udp })
  })
})
