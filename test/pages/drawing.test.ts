import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { serveExamples } from '../../examples/common/serve.ts'
import { draw, same, strokesIn, text } from '../examples/drawers.ts'
import { close, inBrowser, PHONE } from '../examples/visitors.ts'
import { steadyPort } from '../steady-port.ts'

/** What came in is drawn before one's eyes, or is there at once. */
const MOVING = { viewport: { width: 900, height: 640 } } as const
const STILL = { ...MOVING, reducedMotion: 'reduce' } as const

/** Everything on the paper, as a number. */
const inkOf = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const canvas = document.getElementById('ink') as HTMLCanvasElement
    let ink = 0
    for (const letter of canvas.toDataURL()) ink = (ink * 31 + letter.charCodeAt(0)) % 2_147_483_647
    return ink
  })

const sameInk = async (...pages: Page[]): Promise<number> => {
  let inks: number[] = []
  await expect
    .poll(async () => {
      inks = await Promise.all(pages.map(inkOf))
      return new Set(inks).size
    })
    .toBe(1)
  return inks[0] as number
}

/** What a page says of somebody. */
const noteOn = (page: Page, name: string) =>
  page
    .locator('#people li')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('small')

const online = (page: Page) => page.getByRole('switch', { name: 'Online' })

inBrowser('the drawing', (visit, visitors) => {
  const open = (name: string, room: string, options: object = STILL): Promise<Page> =>
    visit('drawing', `?room=${room}&name=${name}`, options)

  test('what is drawn on one page is on the other, and both say so', async () => {
    const [a, b] = await Promise.all([open('Ada', 'together'), open('Bela', 'together')])
    const empty = await same(a, b)
    const blank = await sameInk(a, b)
    await a.keyboard.press('2')
    await draw(a, [0.2, 0.2], [0.5, 0.5], [0.8, 0.2])
    await b.keyboard.press('7')
    await draw(b, [0.2, 0.8], [0.8, 0.8])
    await expect.poll(() => text(a, 'sum')).not.toBe(empty.slice(-9))
    await expect.poll(() => strokesIn(b)).toBe(2)
    await expect.poll(() => strokesIn(a)).toBe(2)
    await same(a, b)
    expect(await sameInk(a, b)).not.toBe(blank)
    await close(a, b)
  })

  test('one goes offline, both draw on, and when it is back both have all of it', async () => {
    const [a, b] = await Promise.all([open('Ada', 'apart', MOVING), open('Bela', 'apart')])
    await same(a, b)
    await draw(a, [0.1, 0.1], [0.3, 0.1])
    await expect.poll(() => strokesIn(b)).toBe(1)

    await online(b).click()
    await noteOn(a, 'Bela').getByText('offline').waitFor()
    await draw(b, [0.1, 0.5], [0.9, 0.5])
    await draw(b, [0.1, 0.6], [0.9, 0.6])
    await draw(a, [0.1, 0.9], [0.9, 0.9])
    await noteOn(b, 'Bela').getByText('2 strokes wait here').waitFor()
    await noteOn(a, 'Bela').getByText('offline, 1 stroke waits').waitFor()
    expect([await strokesIn(a), await strokesIn(b)]).toEqual([2, 3])
    expect(await text(a, 'sum')).not.toBe(await text(b, 'sum'))

    await online(b).click()
    await b.getByText('1 stroke came in from Ada').waitFor()
    await b.getByText('2 of yours went out').waitFor()
    await a.getByText('2 strokes came in from Bela').waitFor()
    await a.getByText('1 of yours went out').waitFor()
    await a.getByText(/rolled back, \d+ ticks run again/).waitFor()
    await same(a, b)
    expect([await strokesIn(a), await strokesIn(b)]).toEqual([4, 4])
    await sameInk(a, b)

    const late = await open('Cleo', 'apart')
    await same(a, b, late)
    expect(await strokesIn(late)).toBe(4)
    await sameInk(a, b, late)
    await close(a, b, late)
  })

  test('once pages are linked directly the server may end: they draw on together', async () => {
    const own = await serveExamples(visitors().folder, { port: await steadyPort() })
    const told = visitors().complaints.length
    const visited = await Promise.all(
      ['Ada', 'Bela'].map((name) => visit('drawing', `?name=${name}`, STILL, own)),
    )
    const [a, b] = visited as [Page, Page]
    for (const page of [a, b]) await page.getByText('1 other, linked directly').waitFor()
    // What is drawn now arrives after all that went by the server: nothing of that is on its way when the server ends.
    await draw(a, [0.2, 0.8], [0.8, 0.8])
    await draw(b, [0.2, 0.9], [0.8, 0.9])
    for (const page of [a, b]) await expect.poll(() => strokesIn(page)).toBe(2)
    await own.close()
    await draw(a, [0.2, 0.2], [0.8, 0.8])
    await expect.poll(() => strokesIn(b)).toBe(3)
    await same(a, b)
    await close(a, b)
    // That it is looked for again and again is as it should be.
    const others = visitors()
      .complaints.splice(told)
      .filter((each) => !each.includes('ERR_CONNECTION_REFUSED'))
    expect(others).toEqual([])
  })

  test('a page clears what it sees: what another drew offline meanwhile stays, and one step back brings all', async () => {
    const [a, b] = await Promise.all([open('Ada', 'clear'), open('Bela', 'clear')])
    await same(a, b)
    await draw(a, [0.1, 0.1], [0.9, 0.1])
    await draw(b, [0.1, 0.2], [0.9, 0.2])
    await expect.poll(() => strokesIn(a)).toBe(2)
    await online(b).click()
    await noteOn(a, 'Bela').getByText('offline').waitFor()
    await draw(b, [0.1, 0.5], [0.9, 0.5])
    await a.keyboard.press('Delete')
    await expect.poll(() => strokesIn(a)).toBe(0)
    await b.keyboard.press('o')
    await expect.poll(() => strokesIn(a)).toBe(1)
    await expect.poll(() => strokesIn(b)).toBe(1)
    await same(a, b)
    await a.keyboard.press('Control+z')
    await expect.poll(() => strokesIn(b)).toBe(3)
    await b.keyboard.press('z')
    await expect.poll(() => strokesIn(a)).toBe(2)
    await same(a, b)
    await sameInk(a, b)
    await close(a, b)
  })

  test('a page that is loaded again while it is alone brings along what it drew, and the others get it', async () => {
    const [a, b] = await Promise.all([open('Ada', 'again'), open('Bela', 'again')])
    await same(a, b)
    await draw(a, [0.1, 0.1], [0.9, 0.1])
    await expect.poll(() => strokesIn(b)).toBe(1)
    await online(b).click()
    await draw(b, [0.1, 0.5], [0.9, 0.5])
    await noteOn(b, 'Bela').getByText('1 stroke waits here').waitFor()
    await b.waitForFunction(() => JSON.stringify(sessionStorage).includes('points'))
    await b.reload()
    await expect.poll(() => strokesIn(a)).toBe(2)
    await expect.poll(() => strokesIn(b)).toBe(2)
    // Once others have it, it is not brought along again.
    await expect.poll(() => b.evaluate(() => JSON.stringify(sessionStorage).includes('points'))).toBe(false)

    // Who is online says that it goes: one that was offline is still awaited, and no other.
    await expect.poll(() => a.locator('#people li').count()).toBe(3)
    await b.reload()
    await expect.poll(() => b.locator('#people li').count()).toBe(3)
    await expect.poll(() => strokesIn(b)).toBe(2)
    await expect.poll(() => a.locator('#people li').count()).toBe(3)
    await close(a, b)
  })

  test('fingers draw, and pens as hard as they are pressed; a picture of it can be taken along', async () => {
    const page = await open('Ada', 'touch', PHONE)
    for (const [pointerType, pressure, top] of [
      ['touch', 0, 40],
      ['pen', 0.25, 90],
    ] as const)
      await page.evaluate(
        ({ pointerType, pressure, top }) => {
          const board = document.getElementById('board') as HTMLElement
          // A finger that does not exist cannot be captured.
          board.setPointerCapture = () => undefined
          const { left, top: above } = board.getBoundingClientRect()
          for (const [i, type] of ['pointerdown', 'pointermove', 'pointermove', 'pointerup'].entries())
            board.dispatchEvent(
              new PointerEvent(type, {
                ...{ pointerId: 7, pointerType, pressure, button: 0, bubbles: true },
                ...{ clientX: left + 20 + 40 * i, clientY: above + top },
              }),
            )
        },
        { pointerType, pressure, top },
      )
    await expect.poll(() => strokesIn(page)).toBe(2)
    const weights = await page.evaluate(() => {
      const { weight, head } = watched.state as { weight: Uint8Array; head: Int32Array }
      return [...weight.subarray(0, head[2])]
    })
    expect(new Set(weights)).toEqual(new Set([255, 64]))

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as PNG' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('drawing.png')
    const png = await readFile(await download.path())
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([3_000, 2_400])
    await close(page)
  })
})
