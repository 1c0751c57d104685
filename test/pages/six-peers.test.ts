import { expect, test } from 'vitest'
import { close, inBrowser, PHONE } from '../examples/visitors.ts'

inBrowser('six peers', (visit) => {
  test('who was offline, or on another island, goes back and agrees with the rest', async () => {
    const page = await visit('six-peers', '', { viewport: { width: 1440, height: 900 } })
    const button = (peer: string, name: string) =>
      page.getByRole('article', { name: `Peer ${peer}` }).getByRole('button', { name })
    const link = (name: string) => page.locator(`[data-link=${name}]`)
    const isUp = (name: string) => page.locator(`[data-link=${name}][data-phase=up]`).waitFor()
    const areParted = () => page.locator('#verdict.is-parted').waitFor()
    const sizes = (text: string) => page.locator('#sizes').getByText(text, { exact: true }).waitFor()
    const areEqual = () => page.locator('#verdict:not(.is-parted)').getByText('6 equal').waitFor()
    const ticks = () =>
      page
        .locator('.tick')
        .evaluateAll((all) => all.map((each) => Number(each.textContent?.replace(/\D/g, ''))))
    const figure = '#figure-rollbacks'
    const rollbacks = async () => Number((await page.locator(figure).textContent())?.replace(/\D/g, ''))
    /** All six have run this many ticks more than any has now. */
    const goOn = async (more: number) => {
      const least = Math.max(...(await ticks())) + more
      await page.waitForFunction(
        (least) =>
          [...document.querySelectorAll('.tick')].every(
            (each) => Number(each.textContent?.replace(/\D/g, '')) > least,
          ),
        least,
      )
    }

    await page.getByRole('button', { name: 'Autopilot' }).click()
    await page.getByRole('radio', { name: 'ring' }).check({ force: true })
    for (const peer of 'ABCDEF')
      if ((await button(peer, 'offline').getAttribute('aria-pressed')) === 'true')
        await button(peer, 'offline').click()
    for (const name of ['AB', 'BC', 'CD', 'DE', 'EF', 'AF']) await isUp(name)
    await areEqual()

    // What the autopilot has done is everywhere.
    await goOn(20)

    // A key happens as much later as it takes to reach all others, on a slow machine seconds later: whoever is back by
    // then has missed nothing. That all three pasts are seen says that both keys have happened.
    for (const peer of 'AD') await button(peer, 'offline').click()
    for (const name of ['AB', 'CD']) await page.locator(`[data-link=${name}][data-phase=away]`).waitFor()
    await button('A', 'Up').click()
    await button('D', 'Down').click()
    await sizes('4 + 1 + 1')
    await button('D', 'offline').click()
    await sizes('5 + 1')
    await goOn(20)
    await areParted()
    const before = await rollbacks()
    await page.evaluate(() => {
      for (const node of document.querySelectorAll('.node')) node.classList.remove('is-back')
    })
    await button('A', 'offline').click()
    await areEqual()
    // Each goes back, and shows it: A to what it has missed, the others to what A has done.
    await expect.poll(rollbacks).toBeGreaterThanOrEqual(before + 6)
    for (const peer of 'ABCDEF') await page.locator(`.node[data-peer=${peer}].is-back`).waitFor()

    // Keys are to be seen on their way, in a colour that nothing else on the canvas has.
    await page.locator('#delay').fill('400')
    await page.waitForFunction(
      () => {
        document.querySelector<HTMLButtonElement>('[data-peer=B] .key[value=up]')?.click()
        const sky = document.getElementById('sky') as HTMLCanvasElement
        const small = new OffscreenCanvas(sky.width, sky.height).getContext('2d', {
          willReadFrequently: true,
        })
        small?.drawImage(sky, 0, 0)
        const data = small?.getImageData(0, 0, sky.width, sky.height).data ?? []
        let blue = 0
        for (let i = 0; i < data.length; i += 4)
          if ((data[i + 2] as number) - (data[i] as number) > 100 && (data[i + 3] as number) > 200) blue++
        return blue > 40
      },
      undefined,
      { polling: 200 },
    )
    await page.locator('#delay').fill('20')

    await page.getByRole('radio', { name: 'islands' }).check({ force: true })
    await isUp('CE')
    await page.locator('[data-link=BC][data-phase=none]').waitFor()
    await page.keyboard.press('e')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('b')
    await page.keyboard.press('ArrowRight')
    await sizes('3 + 3')
    await link('BC').click()
    await isUp('BC')
    await areEqual()

    // A line is cut by a click as well, and drawn from one letter to another.
    await link('BC').click()
    await page.locator('[data-link=BC][data-phase=none]').waitFor()
    await button('C', 'Up').click()
    await button('F', 'Down').click()
    await areParted()
    const [from, to] = await Promise.all(
      ['A', 'D'].map(async (peer) => {
        const box = await page.locator(`.node[data-peer=${peer}] .badge`).boundingBox()
        return { x: (box?.x ?? 0) + 8, y: (box?.y ?? 0) + 8 }
      }),
    )
    await page.mouse.move(from?.x ?? 0, from?.y ?? 0)
    await page.mouse.down()
    await page.mouse.move(to?.x ?? 0, to?.y ?? 0)
    await page.mouse.up()
    await isUp('AD')
    await areEqual()
    await goOn(20)
    await areEqual()
    const delay = (text: string) => page.locator('#figure-delay').getByText(text, { exact: true }).waitFor()
    for (const [label, text] of [
      ['300 ms', '300 ms'],
      ['0', '0 ms'],
    ] as const) {
      await page.locator('#ahead').getByText(label, { exact: true }).click()
      await delay(text)
    }
    const digests = await page.locator('.digest').allTextContents()
    expect(digests).toEqual(Array(6).fill(digests[0]))
    expect(digests[0]).toMatch(/^[0-9a-f]{6}$/)
    await close(page)
  })

  test('whatever is clicked, in the end all agree; a finger steers as well', async () => {
    const page = await visit('six-peers', '', { ...PHONE, viewport: { width: 390, height: 844 } })
    await page.locator('.node').first().waitFor()
    await page.evaluate(async () => {
      const any = <T>(all: Iterable<T>): T => {
        const list = [...all]
        return list[Math.floor(Math.random() * list.length)] as T
      }
      const click = (selector: string) =>
        any(document.querySelectorAll(selector)).dispatchEvent(new MouseEvent('click', { bubbles: true }))
      for (let i = 0; i < 150; i++) {
        click(['.key', '.link', '.plug', '.key', '.link', '#presets input'][i % 6] as string)
        if (i % 5 === 0) await new Promise(requestAnimationFrame)
      }
      for (const plug of document.querySelectorAll<HTMLButtonElement>('.plug[aria-pressed=true]'))
        plug.click()
      document.querySelector<HTMLInputElement>('#presets [value=star]')?.click()
      document.querySelector<HTMLInputElement>('#presets [value=line]')?.click()
    })
    await page.waitForFunction(() => document.querySelectorAll('.link[data-phase=up]').length === 5)
    await page.locator('#verdict:not(.is-parted)').getByText('6 equal').waitFor()
    expect(await page.getByRole('button', { name: 'Autopilot' }).getAttribute('aria-pressed')).toBe('false')

    // While the page is hidden nobody is linked, and then all are again.
    const hide = (hidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, hidden)
    await hide(true)
    await page.waitForFunction(() => document.querySelectorAll('.link[data-phase=away]').length === 5)
    await hide(false)
    await page.waitForFunction(() => document.querySelectorAll('.link[data-phase=up]').length === 5)

    // Who steered last, and where, is in the state: A by a key, then C by a swipe.
    const isSteered = (by: number, way: readonly number[]) =>
      page.waitForFunction(
        ({ by, way: [vx, vy] }) => {
          const state = watched.state as Readonly<Record<'by' | 'vx' | 'vy', number>>
          return state.by === by && state.vx === vx && state.vy === vy
        },
        { by, way },
      )
    await page.getByRole('article', { name: 'Peer A' }).getByRole('button', { name: 'Up' }).tap()
    await isSteered(1, [0, -1])
    await page.evaluate(() => {
      const screen = document.querySelector('[data-peer=C] .screen') as HTMLElement
      screen.setPointerCapture = () => undefined
      const finger = (type: string, clientX: number) =>
        screen.dispatchEvent(
          new PointerEvent(type, { pointerId: 3, pointerType: 'touch', bubbles: true, clientX, clientY: 50 }),
        )
      finger('pointerdown', 100)
      finger('pointermove', 60)
      finger('pointerup', 60)
    })
    await isSteered(3, [-1, 0])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await close(page)
  })
})
