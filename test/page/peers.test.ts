import type { Browser, Page } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loop, peers } from '../../src/node.ts'
import { createServer, type Server } from '../../src/server/index.ts'
import { steadyPort } from '../steady-port.ts'
import { chromiumPath, HOW_TO_GET_ONE, launch, STEP_MS } from './chromium.ts'
import { type Board, board, lookAt } from './peers.ts'

const path = chromiumPath()

/** Pages and a program that meet at a server and then talk to each other. */
const story = () => {
  let server: Server
  let port = 0
  let url = ''
  let browser: Browser
  const scripts = new Map<string, string>()
  const links: Board[] = []
  const complaints: string[] = []

  const serve = async (): Promise<void> => {
    server = await createServer({
      ws: port,
      pages: (request, answer) => {
        const script = scripts.get(request.url ?? '')
        answer.setHeader('content-type', script ? 'text/javascript' : 'text/html')
        answer.end(script ?? '<!doctype html><script type="module" src="page.js"></script>')
      },
    })
    url = server.addresses[0] as string
  }

  const opened = async (room: string, from = browser, prepare?: () => void): Promise<Page> => {
    const page = await from.newPage()
    page.setDefaultTimeout(STEP_MS)
    page.on('pageerror', (error) => complaints.push(String(error)))
    if (prepare) await page.addInitScript(prepare)
    await page.goto(url.replace('ws:', 'http:'))
    await page.evaluate((url) => peer.join(url), `${url}/${room}`)
    return page
  }

  const program = async (room: string): Promise<Board> => {
    const link = await peers(`${url}/${room}`, board)
    links.push(link)
    loop(link)
    return link
  }

  beforeAll(async () => {
    const bundle = await rolldown({
      input: { page: 'test/page/peers.ts' },
      platform: 'browser',
      logLevel: 'silent',
    })
    const { output } = await bundle.generate({ format: 'esm' })
    await bundle.close()
    for (const part of output) if (part.type === 'chunk') scripts.set(`/${part.fileName}`, part.code)
    port = await steadyPort()
    await serve()
    browser = await launch(path as string)
  })

  afterAll(async () => {
    for (const link of links) link.leave()
    await browser?.close()
    await server?.close()
    expect(complaints).toEqual([])
  })

  type Peer = Page | Board
  const isPage = (peer: Peer): peer is Page => 'goto' in peer
  const look = (peer: Peer) => (isPage(peer) ? peer.evaluate(() => globalThis.peer.look()) : lookAt(peer))
  const say = (peer: Peer, text: string): unknown =>
    isPage(peer)
      ? peer.evaluate((text) => void globalThis.peer.link.emit('say', text), text)
      : peer.emit('say', text)

  /** Looks until it holds of all; what never does is ended by the test's own time. */
  const until = async (
    all: readonly Peer[],
    holds: (looks: Awaited<ReturnType<typeof look>>[]) => boolean,
  ) => {
    while (!holds(await Promise.all(all.map(look)))) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const linked = (all: readonly Peer[], relayed: number) =>
    until(all, (looks) => looks.every((each) => each.links === all.length - 1 && each.relayed === relayed))
  const agree = (all: readonly Peer[], said: number) =>
    until(all, (looks) => new Set(looks.map(({ digest }) => digest)).size === 1 && looks[0]?.said === said)

  test('a page loads what makes direct channels only when it meets somebody', () => {
    expect([...scripts.keys()].length).toBeGreaterThan(1)
    expect(scripts.get('/page.js')).not.toContain('createDataChannel')
  })

  test('pages and a program come to talk to each other directly, whoever was there first; long messages too', async () => {
    const a = await opened('direct')
    const node = await program('direct')
    const b = await opened('direct')
    const all = [a, node, b]
    await linked(all, 0)
    const long = 'x'.repeat(60_000)
    for (const peer of all) await say(peer, long)
    for (let n = 0; n < 20; n++) for (const peer of all) await say(peer, `${n}`)
    await agree(all, 63)
    // The server ends, and they go on.
    await server.close()
    await until(all, (looks) => looks.every(({ links }) => links === 2))
    for (const peer of all) await say(peer, 'without a server')
    await agree(all, 66)
    // It is back, and so somebody new can come, and is linked with all of them.
    await serve()
    const late = await program('direct')
    await linked([...all, late], 0)
    await agree([...all, late], 66)
    await a.close()
    await linked([node, b, late], 0)
  })

  test('a page that has no WebRTC talks through the server', async () => {
    const without = await opened('relay', browser, () => {
      Object.defineProperty(globalThis, 'RTCPeerConnection', { value: undefined })
    })
    const all = [await opened('relay'), without, await program('relay')]
    await until(all, ([a, b, c]) => a?.relayed === 1 && b?.relayed === 2 && c?.relayed === 1)
    for (const peer of all) await say(peer, 'hello')
    await agree(all, 3)
  })

  test('where WebRTC finds no way, the server is the way', async () => {
    const blocked = await launch(path as string, '--webrtc-ip-handling-policy=disable_non_proxied_udp')
    try {
      const prepare = (): void => {
        const { RTCPeerConnection } = globalThis
        Object.assign(globalThis, {
          made: [],
          RTCPeerConnection: class extends RTCPeerConnection {
            constructor(options: RTCConfiguration) {
              super(options)
              ;(globalThis as unknown as { made: RTCPeerConnection[] }).made.push(this)
            }
          },
        })
      }
      const all = [await opened('blocked', blocked, prepare), await opened('blocked', blocked, prepare)]
      for (const page of all)
        await page.waitForFunction(() =>
          (globalThis as unknown as { made: RTCPeerConnection[] }).made.some(
            (each) => each.remoteDescription && each.iceGatheringState === 'complete',
          ),
        )
      for (const peer of all) await say(peer, 'hello')
      await agree(all, 2)
      await linked(all, 1)
    } finally {
      await blocked.close()
    }
  })
}

if (path !== undefined) describe('peers in a browser', story)
else
  test('peers in a browser', (context) => {
    console.warn(HOW_TO_GET_ONE)
    context.skip(HOW_TO_GET_ONE)
  })
