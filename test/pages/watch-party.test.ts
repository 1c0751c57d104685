import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { agreed, type Box, close, inBrowser, seen } from '../examples/visitors.ts'
import type { Watched } from '../examples/watched.ts'

/** What the watch party's state says. */
interface Party {
  readonly frame: number
  readonly isPlaying: boolean
}

/** What a viewer has before its eyes: the picture itself, as a number, and what is written beside it. */
const shownIn = (page: Page) =>
  page.evaluate(async () => {
    const text = (id: string) => document.getElementById(id)?.textContent ?? ''
    // What is drawn next shows the state that is there now.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const screen = document.getElementById('screen') as HTMLCanvasElement
    const [width, height] = [64, 36]
    const small = new OffscreenCanvas(width, height).getContext('2d') as OffscreenCanvasRenderingContext2D
    small.drawImage(screen, 0, 0, width, height)
    const { data } = small.getImageData(0, 0, width, height)
    let picture = 0
    for (const byte of data) picture = (picture * 31 + byte) % 2_147_483_647
    const mark = [...document.querySelectorAll('#mark i')]
      .map((cell) => (cell.className === 'is-on' ? 1 : 0))
      .join('')
    const frame = Number(text('frame').replaceAll(',', ''))
    return { picture, frame, mark: Number.parseInt(mark, 2), time: text('time'), acts: text('acts') }
  })

inBrowser('the watch party', (visit) => {
  test('play, pause and seek stay on the same frame everywhere, for a latecomer too', async () => {
    const [a, b] = await Promise.all([visit('watch-party', '?name=Ada'), visit('watch-party', '?name=Bela')])
    await a.keyboard.press('Space')
    const paused = await seen(a, 'pause')
    expect(await seen(b, 'pause')).toEqual(paused)
    const still = await shownIn(a)
    expect(await shownIn(b)).toEqual(still)

    await b.keyboard.press('ArrowRight')
    const sought = await seen(a, 'seek')
    expect(sought.payload).toBe(still.frame + 60)
    await b.keyboard.press('.')
    await seen(a, 'seek', sought.tick + 1)
    await seen(b, 'seek', sought.tick + 1)
    const late = await visit('watch-party', '?name=Cleo')
    const all = [a, b, late]
    for (const page of all)
      await page.waitForFunction(() => document.querySelectorAll('#viewers li').length === 3)
    const shown = await Promise.all(all.map(shownIn))
    expect(shown).toEqual(Array(3).fill(shown[0]))
    expect(shown[0]).toMatchObject({
      frame: still.frame + 61,
      acts: expect.stringMatching(/^Bela went to frame/),
    })

    // A finger on the bar shows where it would go; only when it is lifted all go there.
    const bar = late.getByRole('slider', { name: 'Where in the clip' })
    const { x, y, width, height } = (await bar.boundingBox()) as Box
    await late.mouse.move(x + width / 4, y + height / 2)
    await late.mouse.down()
    await late.mouse.move(x + width / 2, y + height / 2)
    await late.getByText(/^(Noon|Dawn|Dusk) 0:\d\d$/).waitFor()
    expect((await shownIn(late)).frame).toBe(still.frame + 61)
    await late.mouse.up()
    const lifted = await late.waitForFunction(
      (tick) => watched.events.find(({ name, tick: at, by }) => name === 'seek' && at > tick && by > 2),
      sought.tick,
    )
    const there = ((await lifted.jsonValue()) as Watched['events'][number]).payload as number
    expect(Math.abs(there - 900)).toBeLessThan(120)

    await late.getByRole('button', { name: 'Play' }).click()
    const played = await seen(late, 'resume')
    for (const page of [a, b]) expect(await seen(page, 'resume')).toEqual(played)
    expect(await agreed(all, played.tick + 10)).toBeGreaterThan(10)
    expect(
      await a.evaluate(
        (tick) => (JSON.parse(watched.states.get(tick) as string) as Party).frame,
        played.tick + 9,
      ),
    ).toBe(there + 10)
    await close(...all)
  })
})
