import { expect, test } from 'vitest'
import { agreed, type Box, close, inBrowser, seen, tickOf } from '../examples/visitors.ts'

inBrowser('marbles', (visit) => {
  test('one looks back and plays the past while the other goes on, and both come to the same', async () => {
    const [a, b] = await Promise.all([visit('marbles'), visit('marbles')])
    const tray = (await a.locator('#tray').boundingBox()) as Box
    await a.mouse.click(tray.x + tray.width / 2 - 10, tray.y + tray.height / 2)
    const pushed = await seen(b, 'push')
    await b.waitForFunction((tick) => watched.tick > tick + 40, pushed.tick)
    await a.getByRole('button', { name: '5 s back' }).click()
    await a.getByText(/^\d+\.\d s ago, tick -?\d+, still$/).waitFor()
    const tape = a.getByRole('slider', { name: 'Seconds before now' })
    await tape.focus()
    for (let i = 0; i < 3; i++) await a.keyboard.press('ArrowRight')
    // What is written is that of the next frame.
    await a.evaluate(() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen))))
    const back = await tape.inputValue()
    const [, still] = /tick (-?\d+), still/.exec((await a.locator('#note').textContent()) ?? '') ?? []
    // The others play on, and what stands still is ever longer ago.
    const tick = await tickOf(b)
    await b.waitForFunction((tick) => watched.tick > tick + 20, tick)
    await a.getByText(`tick ${still}, still`).waitFor()
    expect(Number(back)).toBeLessThan(0)
    await a.getByRole('button', { name: 'Backwards' }).click()
    await a.getByText(/, -1 ×$/).waitFor()
    await a.getByRole('button', { name: '4 ×' }).click()
    await a.getByText(/^now, tick \d+$/).waitFor()
    expect(await agreed([a, b], (await tickOf(b)) + 5)).toBeGreaterThan(20)
    await close(a, b)
  })
})
