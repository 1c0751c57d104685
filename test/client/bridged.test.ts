import { createServer as listen, type Server as TcpServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type Bridge, createBridge } from '../../src/bridge/index.ts'
import { tell } from '../../src/bridge/messages.ts'
import { openBridged } from '../../src/client/bridged.ts'
import { connectBy } from '../../src/client/connect.ts'
import { midBy } from '../../src/client/mid.ts'
import { mid_connect as inBrowser } from '../../src/client/mid-browser.ts'
import { createServer, type Server } from '../../src/server/server.ts'
import { dial } from '../../src/transport/dial.ts'
import { FirstProgram, LocalProgram } from '../bridge/program.ts'
import { until } from '../until.ts'

const connect = connectBy(dial)
const servers: Server[] = []
const bridges: Bridge[] = []
const listeners: TcpServer[] = []
afterEach(async () => {
  for (const bridge of bridges.splice(0)) await bridge.close()
  for (const server of servers.splice(0)) await server.close()
  for (const server of listeners.splice(0)) server.close()
})

const open = async (): Promise<number> => {
  const server = await createServer({ discipline: 'horizon' })
  servers.push(server)
  const bridge = await createBridge({ server: `${server.addresses[0]}/mid`, ports: [0] })
  bridges.push(bridge)
  return bridge.ports[0] as number
}

const program = () => midBy(connect, openBridged)

/** The next event, ticks passed over. */
const event = async ({ mid_wait }: ReturnType<typeof program>) => {
  for (;;) {
    const input = await mid_wait()
    if (input[1] !== 0) return input
  }
}

describe('mid_connect(port, fps)', () => {
  test('takes part through a bridge on this machine, with any payload', async () => {
    const port = await open()
    const [a, b] = [program(), program()]
    await a.mid_connect(port, 100)
    expect(await a.mid_wait()).toEqual([0, 0, undefined])
    expect(await a.mid_wait()).toEqual([10, 0, undefined])
    await b.mid_connect(port, 100)
    b.mid_emit(4, { key: 'up', at: [1, 2] })
    const [now, ...rest] = await event(a)
    expect(rest).toEqual([4, { key: 'up', at: [1, 2] }])
    // Both get it at the same time, and the tick after it.
    expect(await event(b)).toEqual([now, ...rest])
    expect(await a.mid_wait()).toEqual([now, 0, undefined])
    const first = new FirstProgram(port)
    await first.self()
    first.emit(9, 1, 2, 3)
    expect((await event(a)).slice(1)).toEqual([9, [1, 2, 3]])
    a.mid_disconnect()
    await expect(a.mid_wait()).rejects.toMatchObject({ code: 'not_admitted' })
    b.mid_disconnect()
  })

  test('one that does not wait stands still after its window, and goes on from there', async () => {
    const port = await open()
    const { mid_connect, mid_wait, mid_disconnect } = program()
    await mid_connect(port, 100)
    const other = new LocalProgram(port)
    await until(() => bridges[0]?.programs[0]?.tick === 24)
    await other.until('input', ({ tick }) => tick > 60)
    expect(bridges[0]?.programs[0]).toMatchObject({ player: 1, tick: 24 })
    for (let tick = 0; tick < 100; tick++) expect(await mid_wait()).toEqual([10 * tick, 0, undefined])
    mid_disconnect()
    await other.until('input', ({ evt }) => evt === -4)
  })

  test('what is refused is refused as by the session itself', async () => {
    const port = await open()
    const { mid_connect, mid_emit, mid_disconnect } = program()
    await mid_connect(port, 100)
    const other = program()
    await expect(other.mid_connect(port, 50)).rejects.toMatchObject({ code: 'fps_differs', hint: '100' })
    await expect(other.mid_connect(1, 50)).rejects.toMatchObject({ code: 'refused', retry: true })
    await expect(other.mid_connect(port, 0)).rejects.toMatchObject({ code: 'bad_request' })
    await expect(other.mid_connect(0, 50)).rejects.toMatchObject({ code: 'bad_url' })
    await expect(inBrowser(port, 50)).rejects.toMatchObject({ code: 'bad_url' })
    expect(() => mid_emit(0)).toThrow('whole number from 1')
    expect(() => mid_emit(1, () => 0)).toThrow('function')
    mid_disconnect()
  })

  test('a bridge that closes ends whoever waits, with its reason', async () => {
    const port = await open()
    const a = program()
    await a.mid_connect(port, 100)
    const waiting = event(a)
    const closed = expect(waiting).rejects.toMatchObject({ code: 'closing' })
    await bridges.splice(0)[0]?.close()
    await closed
    await expect(a.mid_wait()).rejects.toMatchObject({ code: 'closing' })
    a.mid_emit(1)
    a.mid_disconnect()
  })

  test('a signal gives up while it waits for admission, and something else at the port is named', async () => {
    const silent = listen((socket) => void socket.on('error', () => {}))
    const chatty = listen((socket) => void socket.on('error', () => {}).write('HTTP/1.1 400\r\n\r\n'))
    const closing = listen((socket) => void socket.end(tell('welcome', { player: 1, fps: 1 }).subarray(0, 5)))
    const ports: number[] = []
    for (const server of [silent, chatty, closing]) {
      listeners.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      ports.push((server.address() as { port: number }).port)
    }
    const giveUp = new AbortController()
    const { mid_connect } = program()
    const aborted = expect(
      mid_connect(ports[0] as number, 50, { signal: giveUp.signal }),
    ).rejects.toMatchObject({
      code: 'aborted',
    })
    giveUp.abort()
    await aborted
    await expect(mid_connect(ports[0] as number, 50, { signal: giveUp.signal })).rejects.toMatchObject({
      code: 'aborted',
    })
    await expect(mid_connect(ports[1] as number, 50)).rejects.toMatchObject({ code: 'not_sametick' })
    await expect(mid_connect(ports[2] as number, 50)).rejects.toMatchObject({ code: 'lost' })
  })
})
