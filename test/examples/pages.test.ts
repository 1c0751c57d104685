import { expect, test } from 'vitest'
import { pageNames } from '../../examples/common/build.ts'
import { pageAt, serveExamples } from '../../examples/common/serve.ts'
import { draw, same, strokesIn } from './drawers.ts'
import { Program } from './program.ts'
import { agreed, type Box, close, inBrowser, seen, tickOf } from './visitors.ts'

/** Every page opens, and two who visit it agree. Their longer stories are in `test/pages`: `npm run pages`. */
inBrowser('the examples', (visit, visitors) => {
  test('the first page leads to every example that is a page', async () => {
    const page = await (await visitors().context()).newPage()
    await page.goto(pageAt(visitors().server.addresses[0] as string))
    const links = await page
      .getByRole('link')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')))
    expect(links.sort()).toEqual((await pageNames()).map((name) => `${name}/`))
    await close(page)
  })

  test('the rectangle: a key in one window turns it at the same tick in both', async () => {
    const [a, b] = await Promise.all([visit('rectangle'), visit('rectangle')])
    await a.keyboard.press('ArrowDown')
    const inA = await seen(a, 'steer')
    expect(inA.payload).toBe('down')
    expect(await seen(b, 'steer')).toEqual(inA)
    await b.getByRole('button', { name: 'Left' }).click()
    const inB = await seen(b, 'steer', inA.tick + 1)
    expect(inB.payload).toBe('left')
    expect(await seen(a, 'steer', inA.tick + 1)).toEqual(inB)
    expect(await agreed([a, b], inB.tick + 5)).toBeGreaterThan(10)
    await a.getByText(/^tick \d+, 2 here$/).waitFor()
    await close(a, b)
  })

  test('a terminal steers the same rectangle, and draws it where the page does', async () => {
    // On a server of its own, where nobody has steered before.
    const own = await serveExamples(visitors().folder)
    const page = await visit('rectangle', '', {}, own)
    const terminal = new Program('terminal', own.addresses)
    const joined = await seen(page, 'join', 1)
    terminal.write('\u001b[A')
    const steered = await seen(page, 'steer')
    expect(steered).toMatchObject({ by: joined.by, payload: 'up' })
    const drawn = await terminal.said(
      /tick (\d+):[^█]*\[(\d+);(\d+)H████/g,
      (match) => Number(match[1]) > steered.tick,
    )
    const [, tick, row, column] = drawn.map(Number) as [number, number, number, number]
    await page.waitForFunction((tick) => watched.tick >= tick, tick)
    const { x, y } = JSON.parse((await page.evaluate((tick) => watched.states.get(tick), tick)) as string)
    expect([column, row]).toEqual([1 + Math.floor(x / 10), 2 + Math.floor(y / 20)])
    terminal.write('\u0003')
    expect(await terminal.ended).toBe(0)
    await seen(page, 'leave')
    await close(page)
    await own.close()
  })

  test('the arena: two who play have one state at every tick', async () => {
    const [a, b] = await Promise.all([visit('arena', '?room=two'), visit('arena', '?room=two')])
    await a.keyboard.press('ArrowLeft')
    await b.keyboard.press('Space')
    expect(await agreed([a, b], (await tickOf(b)) + 20)).toBeGreaterThan(20)
    for (const page of [a, b])
      await page.waitForFunction(() => watched.events.some(({ name, by }) => name === 'join' && by === 2))
    await close(a, b)
  })

  test('the watch party: whoever pauses stops all on the same frame', async () => {
    const [a, b] = await Promise.all([visit('watch-party', '?name=Ada'), visit('watch-party', '?name=Bela')])
    await a.keyboard.press('Space')
    const paused = await seen(a, 'pause')
    expect(await seen(b, 'pause')).toEqual(paused)
    expect(await agreed([a, b], paused.tick + 5)).toBeGreaterThan(5)
    const frames = () => Promise.all([a, b].map((page) => page.locator('#frame').textContent()))
    await expect.poll(async () => new Set(await frames()).size).toBe(1)
    await close(a, b)
  })

  test('marbles: a push in one window is one in the other, at the same tick', async () => {
    const [a, b] = await Promise.all([visit('marbles'), visit('marbles')])
    const tray = (await a.locator('#tray').boundingBox()) as Box
    await a.mouse.click(tray.x + tray.width / 2 - 10, tray.y + tray.height / 2)
    const pushed = await seen(b, 'push')
    expect(await seen(a, 'push')).toEqual(pushed)
    expect(await agreed([a, b], pushed.tick + 5)).toBeGreaterThan(5)
    await close(a, b)
  })

  test('the drawing: a stroke on one page is on the other, and both say so', async () => {
    const [a, b] = await Promise.all(
      ['Ada', 'Bela'].map((name) => visit('drawing', `?room=two&name=${name}`)),
    )
    await same(a, b)
    await draw(a, [0.2, 0.2], [0.8, 0.8])
    await expect.poll(() => strokesIn(b)).toBe(1)
    await same(a, b)
    await close(a, b)
  })

  test('six peers: linked in a ring they are equal', async () => {
    const page = await visit('six-peers')
    await page.getByRole('button', { name: 'Autopilot' }).click()
    await page.waitForFunction(() => document.querySelectorAll('.link[data-phase=up]').length === 6)
    await page.locator('#verdict:not(.is-parted)').getByText('6 equal').waitFor()
    await close(page)
  })

  test('a page says why it stands still when the server ends', async () => {
    const pages = await Promise.all(['rectangle', 'watch-party', 'arena'].map((name) => visit(name)))
    await visitors().server.close()
    for (const page of pages)
      await page.getByText('The server is shutting down. Load the page again.').waitFor()
    await close(...pages)
  })
})
