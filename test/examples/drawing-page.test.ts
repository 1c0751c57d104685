import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveExamples } from '../../examples/common/serve.ts'
import { chromiumPath, HOW_TO_GET_ONE } from '../page/chromium.ts'
import { close, PHONE, Visitors } from './visitors.ts'

const path = chromiumPath()
let visitors: Visitors

/** What came in is drawn before one's eyes, or is there at once. */
const MOVING = { viewport: { width: 900, height: 640 } } as const
const STILL = { ...MOVING, reducedMotion: 'reduce' } as const

const visit = (name: string, room: string, options: object = STILL): Promise<Page> =>
  visitors.visit('drawing', `?room=${room}&name=${name}`, options)

type Place = readonly [number, number]

/** Draws with the mouse, in shares of the paper. */
const draw = async (page: Page, ...way: readonly Place[]): Promise<void> => {
  const box = await page.locator('#board').boundingBox()
  if (box === null) throw new Error('There is no paper.')
  for (const [i, [x, y]] of way.entries()) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 })
    if (i === 0) await page.mouse.down()
  }
  await page.mouse.up()
}

const text = (page: Page, id: string): Promise<string> => page.locator(`#${id}`).innerText()

/** Waits until all pages say that they have the same, and returns what that comes to; it is so by the library too. */
const same = async (...pages: Page[]): Promise<string> => {
  let told: readonly string[] = []
  await expect
    .poll(async () => {
      told = await Promise.all(
        pages.map(async (page) => `${await text(page, 'same')} ${await text(page, 'sum')}`),
      )
      const digests = await Promise.all(pages.map((page) => page.evaluate(() => watched.digest())))
      return new Set([...told, ...digests.map((digest) => `${digest === digests[0]}`)]).size === 2 && told[0]
    })
    .toMatch(new RegExp(`^The same on all ${pages.length} pages `))
  return told[0] as string
}

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

const story = () => {
  beforeAll(async () => {
    visitors = await Visitors.by(path as string)
  })

  afterAll(() => visitors.end())

  test('what is drawn on one page is on the other, and both say so', async () => {
    const [a, b] = await Promise.all([visit('Ada', 'together'), visit('Bela', 'together')])
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
    const [a, b] = await Promise.all([visit('Ada', 'apart', MOVING), visit('Bela', 'apart')])
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

    const late = await visit('Cleo', 'apart')
    await same(a, b, late)
    expect(await strokesIn(late)).toBe(4)
    await sameInk(a, b, late)
    await close(a, b, late)
  })

  test('once pages are linked directly the server may end: they draw on together', async () => {
    const own = await serveExamples(visitors.folder)
    const told = visitors.complaints.length
    const [a, b] = await Promise.all(
      ['Ada', 'Bela'].map((name) => visitors.visit('drawing', `?name=${name}`, STILL, own)),
    )
    for (const page of [a, b]) await page?.getByText('1 other, linked directly').waitFor()
    await own.close()
    await draw(a as Page, [0.2, 0.2], [0.8, 0.8])
    await expect.poll(() => strokesIn(b as Page)).toBe(1)
    await same(a as Page, b as Page)
    await close(a as Page, b as Page)
    // That it is looked for again and again is as it should be.
    const others = visitors.complaints.splice(told).filter((each) => !each.includes('ERR_CONNECTION_REFUSED'))
    expect(others).toEqual([])
  })

  test('a page clears what it sees: what another drew offline meanwhile stays, and one step back brings all', async () => {
    const [a, b] = await Promise.all([visit('Ada', 'clear'), visit('Bela', 'clear')])
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
    const [a, b] = await Promise.all([visit('Ada', 'again'), visit('Bela', 'again')])
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
    const page = await visit('Ada', 'touch', PHONE)
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

  test('no page has complained, or asked anybody else for anything', () => {
    expect(visitors.complaints).toEqual([])
  })
}

/** How many strokes there are to see. */
const strokesIn = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { head, width, undone, cleared } = watched.state as Record<string, Uint8Array>
    const rows = Array.from({ length: head?.[0] as number }, (_, row) => row)
    return rows.filter((row) => width?.[row] !== 255 && undone?.[row] === 0 && cleared?.[row] === 0).length
  })

if (path !== undefined) describe('the drawing in browsers', story)
else
  test('the drawing in browsers', (context) => {
    console.warn(HOW_TO_GET_ONE)
    context.skip(HOW_TO_GET_ONE)
  })
