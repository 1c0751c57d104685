import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Inspection } from '../../src/page/demo.ts'
import { KEYS } from '../../src/page/rect.ts'
import type { SingleInspection } from '../../src/page/single.ts'
import { steadyPort } from '../steady-port.ts'
import { chromiumPath, HOW_TO_GET_ONE, launch, STEP_MS } from './chromium.ts'
import { type ServedPage, servePage } from './serving.ts'

declare global {
  interface Window {
    sametickDemo: Inspection
    sametickInstance: SingleInspection
  }
}

const path = chromiumPath()
let served: ServedPage
let browser: Browser
/** What went wrong in a page, and what it asked of others. */
const complaints: string[] = []

const visit = async (address = '/', options: BrowserContextOptions = {}): Promise<Page> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  context.setDefaultTimeout(STEP_MS)
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(`${error}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(served.url)) complaints.push(`asks for ${request.url()}`)
  })
  await page.goto(served.url + address)
  return page
}

/** The demo, with both instances running. */
const demo = async (options: BrowserContextOptions = {}): Promise<Page> => {
  const page = await visit('/', options)
  await page.waitForFunction(() => window.sametickDemo.isRunning && window.sametickDemo.compared > 10)
  return page
}

const leave = (page: Page): Promise<void> => page.context().close()

const agreement = (page: Page) =>
  page.evaluate(() => {
    const { compared, equal, differing, firstDifference } = window.sametickDemo
    return { compared, equal, differing, firstDifference }
  })

/** Presses a key and returns how A and B got the event of it, which this side has emitted. */
const press = async (page: Page, side: 'A' | 'B', key: string) => {
  const before = await page.evaluate((side) => window.sametickDemo.emitted(side).number, side)
  await page.keyboard.press(key)
  const { source, number } = await page.evaluate((side) => window.sametickDemo.emitted(side), side)
  expect(number).toBeGreaterThan(before)
  await page.waitForFunction(
    ({ source, number }) => {
      const { A, B } = window.sametickDemo.events
      return [A, B].every((events) => events.some((e) => e.source === source && e.number === number))
    },
    { source, number },
  )
  return page.evaluate(
    ({ source, number }) => {
      const { A, B } = window.sametickDemo.events
      const [inA, inB] = [A, B].map((events) =>
        events.find((e) => e.source === source && e.number === number),
      )
      return { inA, inB }
    },
    { source, number },
  )
}

/** What all inputs came to at A and at a third instance, after a tick that both remember, later than this one. */
const chains = async (page: Page, third: Page, after: number): Promise<readonly [number, number]> => {
  // Both remember ten seconds: what a slow machine has let them forget is asked again, by a later one.
  for (let forgotten = 0; forgotten < 20; forgotten++) {
    const later = await third.waitForFunction((after) => {
      const { local } = window.sametickInstance
      return local > after && local
    }, after)
    const tick = Number(await later.jsonValue())
    await page.waitForFunction((tick) => window.sametickDemo.local('A') >= tick, tick)
    const [inA, inThird] = await Promise.all([
      page.evaluate((tick) => window.sametickDemo.chain('A', tick), tick),
      third.evaluate((tick) => window.sametickInstance.chain(tick), tick),
    ])
    if (inA !== undefined && inThird !== undefined) return [inA, inThird]
  }
  throw new Error('There is no tick that both remember.')
}

const story = () => {
  beforeAll(async () => {
    served = await servePage(await steadyPort())
    browser = await launch(path as string)
  })

  afterAll(async () => {
    await browser.close()
    await served.close()
  })

  test('it moves without a click, and its copies without Sametick part', async () => {
    const page = await demo()
    await page.waitForFunction(() => window.sametickDemo.apart.most > 20)
    const { compared, equal, differing } = await agreement(page)
    expect(compared).toBeGreaterThan(0)
    expect([equal, differing]).toEqual([compared, 0])
    await leave(page)
  })

  test('a key that is pressed in one pane lands at the same tick in both', async () => {
    const page = await demo()
    for (const [side, key, id] of [
      ['A', 'ArrowRight', KEYS.right],
      ['A', 'ArrowDown', KEYS.down],
      ['A', 'Space', KEYS.hold],
      ['B', 'w', KEYS.up],
    ] as const) {
      const { inA, inB } = await press(page, side, key)
      expect(inA?.id).toBe(id)
      expect(inB).toEqual(inA)
    }
    expect(await agreement(page)).toMatchObject({ differing: 0, firstDifference: undefined })
    await leave(page)
  })

  test('arrows never scroll the page, and stay with a slider while that has the focus', async () => {
    const page = await demo({ viewport: { width: 390, height: 500 } })
    await press(page, 'A', 'ArrowDown')
    expect(await page.evaluate(() => window.scrollY)).toBe(0)
    const slider = page.getByRole('slider', { name: 'delay of A' })
    await slider.focus()
    const emitted = await page.evaluate(() => window.sametickDemo.emitted('A'))
    await slider.press('ArrowRight')
    expect(await slider.inputValue()).toBe('50')
    expect(await page.evaluate(() => window.sametickDemo.emitted('A'))).toEqual(emitted)
    await leave(page)
  })

  test.each(['gals', 'horizon', 'auto'])('in a session of its own, %s', async (discipline) => {
    const page = await demo()
    const first = await page.evaluate(() => window.sametickDemo.session)
    // Back and forth, so that the one that is chosen already is entered anew as well.
    await page.getByText(discipline === 'gals' ? 'horizon' : 'gals', { exact: true }).click()
    await page.getByText(discipline, { exact: true }).click()
    await page.waitForFunction(
      ({ discipline, first }) =>
        window.sametickDemo.session.endsWith(`-${discipline}`) &&
        window.sametickDemo.session !== first &&
        window.sametickDemo.isRunning,
      { discipline, first },
    )
    const { inA, inB } = await press(page, 'A', 'ArrowUp')
    expect(inB).toEqual(inA)
    expect((await agreement(page)).differing).toBe(0)
    await leave(page)
  })

  test('an instance that was stopped catches up, and has missed nothing', async () => {
    const page = await demo()
    // A click stops it for three seconds, which a slow machine may need to look: held, it stays stopped.
    await page.getByRole('button', { name: 'Stop A’s clock' }).hover()
    await page.mouse.down()
    const stopped = await page.evaluate(() => window.sametickDemo.local('A'))
    await page.waitForFunction((tick) => window.sametickDemo.local('B') > tick + 20, stopped)
    expect(await page.evaluate(() => window.sametickDemo.local('A'))).toBe(stopped)
    await page.mouse.up()
    await page.waitForFunction((tick) => window.sametickDemo.compared > tick + 160, stopped)
    expect((await agreement(page)).differing).toBe(0)
    await leave(page)
  })

  test('a third instance in another window shares the whole timeline, and goes where the session goes', async () => {
    const page = await demo()
    await page.keyboard.press('ArrowRight')
    const session = await page.evaluate(() => window.sametickDemo.session)
    const third = await visit(`/instance.html?session=${session}`, { viewport: { width: 390, height: 800 } })
    await third.waitForFunction(() => window.sametickInstance.local > 40)
    await third.keyboard.press('ArrowUp')
    // The first two sources are A and B.
    await page.waitForFunction(() => window.sametickDemo.events.A.some(({ source }) => source > 2))
    const tick = await page.evaluate(
      () => window.sametickDemo.events.A.find(({ source }) => source > 2)?.tick ?? 0,
    )
    const [inA, inThird] = await chains(page, third, tick)
    expect(inThird).toBe(inA)

    await page.getByText('horizon', { exact: true }).click()
    const next = await third.waitForFunction(
      (before) => window.sametickInstance.session !== before && window.sametickInstance.session,
      session,
    )
    expect(await next.jsonValue()).toMatch(/-horizon$/)
    // Whoever waited for it has gone there as well.
    await page.waitForFunction((next) => window.sametickDemo.session === next, await next.jsonValue())
    const [laterInA, laterInThird] = await chains(page, third, 20)
    expect(laterInThird).toBe(laterInA)
    expect((await agreement(page)).differing).toBe(0)
    await leave(third)
    await leave(page)
  })

  test('it comes back when the server does', async () => {
    const page = await demo({ reducedMotion: 'reduce', colorScheme: 'dark' })
    const first = await page.evaluate(() => window.sametickDemo.session)
    const port = Number(new URL(served.url).port)
    const told = complaints.length
    await served.close()
    await page.getByText('No connection').waitFor()
    served = await servePage(port)
    await page.waitForFunction(
      (first) => window.sametickDemo.session !== first && window.sametickDemo.compared > 10,
      first,
    )
    // That the server was away is all that the browser has to say about it.
    expect(complaints.splice(told).filter((each) => !each.startsWith('WebSocket connection to'))).toEqual([])
    await leave(page)
  })

  test('no page has complained, or asked anybody else for anything', () => {
    expect(complaints).toEqual([])
  })
}

if (path !== undefined) describe('the demo in a browser', story)
else
  test('the demo in a browser', (context) => {
    console.warn(HOW_TO_GET_ONE)
    context.skip(HOW_TO_GET_ONE)
  })
