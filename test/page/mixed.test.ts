import type { Browser, Page } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../src/node.ts'
import { createServer, type Server } from '../../src/server/index.ts'
import { until } from '../until.ts'
import { chromiumPath, HOW_TO_GET_ONE, launch, STEP_MS } from './chromium.ts'
import { digestOfMath, type Mixed, mixed, Seen } from './mixed.ts'

const path = chromiumPath()

/** A page and a program in one session: what the one does the other has done, to the last bit. */
const story = () => {
  let server: Server
  let browser: Browser
  let page: Page
  let link: Mixed
  const seen = new Seen()
  let timer: ReturnType<typeof setInterval>
  const complaints: string[] = []

  beforeAll(async () => {
    const bundle = await rolldown({ input: 'test/page/mixed.ts', platform: 'browser', logLevel: 'silent' })
    const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
    await bundle.close()
    server = await createServer({
      ...{ ws: 0, udp: 0 },
      pages: (request, answer) => {
        const isScript = request.url === '/page.js'
        answer.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
        answer.end(isScript ? output[0].code : '<!doctype html><script type="module" src="page.js"></script>')
      },
    })
    const [ws = '', udp = ''] = server.addresses
    browser = await launch(path as string)
    page = await browser.newPage()
    page.setDefaultTimeout(STEP_MS)
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(ws.replace('ws:', 'http:'))
    await page.evaluate((url) => window.underTest.join(url), `${ws}/mixed`)
    link = await connect(`${udp}/mixed`, mixed)
    timer = setInterval(() => {
      for (const { tick } of link.poll()) if (tick === link.stats().tick) seen.note(link)
    }, 5)
    await until(() => link.players.length === 2)
  })

  afterAll(async () => {
    clearInterval(timer)
    link.leave()
    await browser.close()
    await server.close()
  })

  /** Both have been looked at after the same ticks, some of them just now, and were equal each time. */
  const agree = async (): Promise<void> => {
    const from = link.stats().tick
    for (let common = 0; common < 5; ) {
      await page.waitForTimeout(50)
      const theirs = await page.evaluate(
        (from) => [...window.underTest.seen.digests].filter(([tick]) => tick >= from),
        from,
      )
      const both = theirs.filter(([tick]) => seen.digests.has(tick))
      for (const [tick, digest] of both) expect([tick, digest]).toEqual([tick, seen.digests.get(tick)])
      common = both.length
    }
    expect(complaints).toEqual([])
  }

  test('payloads of 0 bytes to 64 KiB go from each to each, and the states are the same', async () => {
    const sizes = [0, 1, 255, 1_200, 40_000, 65_533]
    for (const n of sizes) {
      link.emit('bytes', new Uint8Array(n).fill(n % 251))
      await page.evaluate((n) => void window.underTest.link.emit('bytes', new Uint8Array(n).fill(n % 241)), n)
    }
    link.emit('bytes')
    await page.evaluate(() => void window.underTest.link.emit('say', { ü: ['größer', -0, 1.5, null] }))
    await until(() => link.state.got.length === 2 * sizes.length + 2)
    await page.waitForFunction((n) => window.underTest.link.state.got.length === n, 2 * sizes.length + 2)
    const [here, there] = [link.state.got, await page.evaluate(() => window.underTest.link.state.got)]
    expect(there).toEqual(here)
    expect(here.filter((each) => each.startsWith(`${link.me}:`)).map((each) => each.split(' ')[1])).toEqual([
      ...sizes.map(String),
      'none',
    ])
    await agree()
  })

  test('it is drawn once an animation frame, between two ticks', async () => {
    // A page that is slow, or waits for others, may be drawn at the end of a tick for long.
    await page.waitForFunction(() => {
      const { renders, alphas } = window.underTest
      return renders > 60 && alphas.filter((alpha) => alpha > 0.05 && alpha < 0.95).length > 10
    })
    const { frames, renders, alphas } = await page.evaluate(() => {
      const { frames, renders, alphas } = window.underTest
      return { frames, renders, alphas }
    })
    expect(renders).toBeLessThanOrEqual(frames)
    expect(Math.min(...alphas)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...alphas)).toBeLessThanOrEqual(1)
  })

  test('a page that nobody sees draws nothing and hurts nobody; shown again, it is where the others are', async () => {
    const show = (isShown: boolean) =>
      page.evaluate((isShown) => {
        Object.defineProperty(document, 'hidden', { value: !isShown, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
        return window.underTest.renders
      }, isShown)
    const renders = await show(false)
    const { tick } = link.stats()
    link.emit('say', 'hidden')
    await until(() => link.state.got.at(-1)?.includes('hidden') === true && link.stats().tick > tick + 60)
    await page.waitForFunction(() => window.underTest.link.state.got.at(-1)?.includes('hidden'))
    expect(await show(true)).toBe(renders)
    await agree()
  })

  test('a page that the browser has frozen delays others by a lease at most, and catches up', async () => {
    const browserSide = await page.context().newCDPSession(page)
    await browserSide.send('Page.setWebLifecycleState', { state: 'frozen' })
    const { tick } = link.stats()
    // Longer than a lease: whoever were waited for would hold this up.
    await until(() => link.stats().tick > tick + 150)
    link.emit('say', 'frozen')
    await until(() => link.state.got.at(-1)?.includes('frozen') === true)
    expect(link.players.length).toBe(2)
    await browserSide.send('Page.setWebLifecycleState', { state: 'active' })
    await page.waitForFunction(() => window.underTest.link.state.got.at(-1)?.includes('frozen'))
    await page.waitForFunction(() => window.underTest.link.status.phase === 'running')
    await agree()
  })

  test('mathematics has the same bits in both engines', async () => {
    expect(await page.evaluate(() => window.underTest.digestOfMath())).toBe(digestOfMath())
  })
}

if (path !== undefined) describe('a page and a program', story)
else
  test('a page and a program', (context) => {
    console.warn(HOW_TO_GET_ONE)
    context.skip(HOW_TO_GET_ONE)
  })
