import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildPages } from '../../examples/common/build.ts'
import { pageAt, serveExamples } from '../../examples/common/serve.ts'
import type { Server } from '../../src/server/server.ts'
import { chromiumPath, HOW_TO_GET_ONE, launch, STEP_MS } from '../page/chromium.ts'
import type { Watched } from './watched.ts'

declare global {
  var watched: Watched
}

const WATCHED = fileURLToPath(new URL('./watched.ts', import.meta.url))
const source = (room: string): string => fileURLToPath(new URL(`../../src/${room}/index.ts`, import.meta.url))
/** What examples import when they are tested: the source, and never what somebody has built. */
export const FROM_SOURCE = {
  sametick$: WATCHED,
  'sametick/deterministic': source('deterministic'),
  'sametick/transport': source('transport'),
}

/** Where something is in a page, as a browser says it. */
export type Box = Readonly<Record<'x' | 'y' | 'width' | 'height', number>>

export const PHONE = { viewport: { width: 300, height: 500 }, hasTouch: true, isMobile: true } as const

/** The pages of the examples, a server for them, and a browser that visits them. */
export class Visitors {
  readonly folder: string
  readonly server: Server
  readonly browser: Browser
  /** What went wrong in a page, and what it asked of others. */
  readonly complaints: string[] = []

  private constructor(folder: string, server: Server, browser: Browser) {
    this.folder = folder
    this.server = server
    this.browser = browser
  }

  static async by(path: string): Promise<Visitors> {
    const folder = await mkdtemp(join(tmpdir(), 'sametick-examples-'))
    await buildPages(folder, FROM_SOURCE)
    return new Visitors(folder, await serveExamples(folder), await launch(path))
  }

  async end(): Promise<void> {
    await this.browser.close()
    await this.server.close()
    await rm(this.folder, { recursive: true })
  }

  /** What waits for a page of it waits for a slow machine as well, and ends what hangs. */
  async context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext(options)
    context.setDefaultTimeout(STEP_MS)
    return context
  }

  async visit(
    name: string,
    query = '',
    options: BrowserContextOptions = {},
    at: Server = this.server,
  ): Promise<Page> {
    const address = pageAt(at.addresses[0] as string)
    const context = await this.context({ viewport: { width: 400, height: 320 }, ...options })
    const page = await context.newPage()
    page.on('pageerror', (error) => this.complaints.push(`${error}`))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(address)) this.complaints.push(`asks for ${request.url()}`)
    })
    // A page whose program ends in an error never begins: it is not waited for, the error is what went wrong.
    const failed = new Promise<never>((_, fail) => page.once('pageerror', fail))
    failed.catch(() => undefined)
    await page.goto(`${address}${name}/${query}`)
    await Promise.race([page.waitForFunction(() => globalThis.watched?.tick > 3), failed])
    return page
  }
}

/**
 * Tests of examples in a browser, with visitors of their own; in the end no page may have complained. Where there is
 * no browser one test is left out, and says how to get one.
 */
export const inBrowser = (
  name: string,
  story: (visit: Visitors['visit'], visitors: () => Visitors) => void,
): void => {
  const path = chromiumPath()
  if (path === undefined) {
    test(`${name} in a browser`, (context) => {
      console.warn(HOW_TO_GET_ONE)
      context.skip(HOW_TO_GET_ONE)
    })
    return
  }
  describe(`${name} in a browser`, () => {
    let visitors: Visitors

    beforeAll(async () => {
      visitors = await Visitors.by(path)
    })

    afterAll(() => visitors.end())

    story(
      (...to) => visitors.visit(...to),
      () => visitors,
    )

    test('no page has complained, or asked anybody else for anything', () => {
      expect(visitors.complaints).toEqual([])
    })
  })
}

export const close = (...pages: Page[]) => Promise.all(pages.map((page) => page.context().close()))

/** Waits until a page has seen such an event, and returns the first that it sees from a tick on. */
export const seen = async (page: Page, name: string, from = 0) => {
  const found = await page.waitForFunction(
    ({ name, from }) => watched.events.find((event) => event.name === name && event.tick >= from),
    { name, from },
  )
  return (await found.jsonValue()) as Watched['events'][number]
}

export const tickOf = (page: Page): Promise<number> => page.evaluate(() => watched.tick)

/** The digests of all pages, at the ticks that all of them have run; waits until there is one beyond `tick`. */
export const agreed = async (pages: readonly Page[], tick: number): Promise<number> => {
  for (const page of pages) await page.waitForFunction((tick) => watched.tick > tick, tick)
  const digests = await Promise.all(pages.map((page) => page.evaluate(() => [...watched.digests])))
  const [first = [], ...others] = digests
  const maps = others.map((each) => new Map(each))
  const common = first.filter(([tick]) => maps.every((map) => map.has(tick)))
  for (const map of maps) expect(common.filter(([tick, digest]) => map.get(tick) !== digest)).toEqual([])
  return common.length
}

export const touch = (page: Page, type: string, pointerId: number, clientX: number, clientY: number) =>
  page.evaluate(
    (event) => {
      const canvas = document.querySelector('canvas') as HTMLCanvasElement
      // A finger that does not exist cannot be captured.
      canvas.setPointerCapture = () => undefined
      canvas.dispatchEvent(new PointerEvent(event.type, { ...event, pointerType: 'touch', bubbles: true }))
    },
    { type, pointerId, clientX, clientY },
  )
