import type { Page } from 'playwright-core'
import { expect } from 'vitest'

type Place = readonly [number, number]

/** Draws with the mouse, in shares of the paper. */
export const draw = async (page: Page, ...way: readonly Place[]): Promise<void> => {
  const box = await page.locator('#board').boundingBox()
  if (box === null) throw new Error('There is no paper.')
  for (const [i, [x, y]] of way.entries()) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 })
    if (i === 0) await page.mouse.down()
  }
  await page.mouse.up()
}

export const text = (page: Page, id: string): Promise<string> => page.locator(`#${id}`).innerText()

/** Waits until all pages say that they have the same, and returns what that comes to; it is so by the library too. */
export const same = async (...pages: Page[]): Promise<string> => {
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

/** How many strokes there are to see. */
export const strokesIn = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { head, width, undone, cleared } = watched.state as Record<string, Uint8Array>
    const rows = Array.from({ length: head?.[0] as number }, (_, row) => row)
    return rows.filter((row) => width?.[row] !== 255 && undone?.[row] === 0 && cleared?.[row] === 0).length
  })
