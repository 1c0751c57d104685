import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { rolldown } from 'rolldown'
import { chromiumPath, launch } from '../../page/chromium.ts'
import { type Door, Report } from '../door.ts'

const INSTANCE = fileURLToPath(new URL('./instance.ts', import.meta.url))

interface Ready {
  readonly browser: Browser
  readonly server: Server
  readonly page: string
}

/** The instance as one file, on a page of its own, and a browser to open it. */
const makeReady = async (): Promise<Ready> => {
  const bundle = await rolldown({ input: INSTANCE, platform: 'browser', logLevel: 'silent' })
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
  await bundle.close()
  const html = `<!doctype html><meta charset="utf-8"><script type="module">${output[0].code}</script>`
  const server = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(html))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await launch(chromiumPath() ?? '')
  return { browser, server, page: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

let ready: Promise<Ready> | undefined
const whenReady = (): Promise<Ready> => {
  ready ??= makeReady()
  return ready
}

export const browser: Door = {
  name: 'browser',
  missing: () =>
    chromiumPath() === undefined
      ? 'That needs a browser: apt-get install chromium, or name one: CHROMIUM=/path/to/chrome'
      : undefined,
  prepare: async () => void (await whenReady()),
  start: async ({ url, fps, ticks, seed }) => {
    const { browser: open, page: address } = await whenReady()
    const context = await open.newContext()
    const page = await context.newPage()
    const report = new Report()
    const ended = new Promise<boolean>((resolve) => {
      page.on('console', (message) => {
        const line = message.text()
        report.line(line)
        if (line === 'done' || line.startsWith('failed')) resolve(line === 'done')
      })
      page.on('pageerror', (error) => report.line(`failed: ${error.message}`))
      page.on('close', () => resolve(false))
    })
    const told = new URLSearchParams({ url, fps: `${fps}`, ticks: `${ticks}`, seed: `${seed}` })
    await page.goto(`${address}?${told}`)
    const kill = (): void => void context.close().catch(() => {})
    return { digests: report.digests, said: report.said, ended, kill }
  },
  close: async () => {
    if (ready === undefined) return
    const { browser: open, server } = await ready
    ready = undefined
    await open.close()
    server.close()
  },
}
