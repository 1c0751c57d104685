import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { agreed, close, inBrowser, PHONE, tickOf, touch } from '../examples/visitors.ts'

/** What the tests look at in the arena's state. */
interface Arena {
  readonly phase: number
  readonly bodies: readonly Readonly<Record<'kind' | 'player' | 'dash' | 'face', number>>[]
}

const playersIn = (page: Page): Promise<number> =>
  page.evaluate(() => (watched.state as Arena).bodies.filter(({ kind }) => kind === 1).length)

/** Another key, held for some frames at least. */
const steer = async (page: Page, down: string, up: string): Promise<void> => {
  await page.keyboard.up(up)
  await page.keyboard.down(down)
  await page.evaluate(async () => {
    for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame)
  })
}

const text = (page: Page, id: string): Promise<string> =>
  page.evaluate((id) => document.getElementById(id)?.textContent ?? '', id)

/**
 * Pages that guess, or roll back, are wrong for a while: of the twenty ticks after this one all of them come to one
 * opinion.
 */
const comeToAgree = async (pages: readonly Page[], tick: number): Promise<void> => {
  const digests = () =>
    Promise.all(
      pages.map((page) =>
        page.evaluate(
          (tick) => Array.from({ length: 20 }, (_, i) => watched.digests.get(tick + i)).join(),
          tick,
        ),
      ),
    )
  await expect
    .poll(async () => {
      const [first = '', ...others] = await digests()
      return !first.split(',').includes('') && others.every((each) => each === first)
    })
    .toBe(true)
}

inBrowser('the arena', (visit) => {
  test('three press at random, one of them a phone, and all have one state at every tick', async () => {
    const [a, b, phone] = await Promise.all([
      visit('arena', '?room=test'),
      visit('arena', '?room=test'),
      visit('arena', '?room=test&name=Phone', PHONE),
    ])
    const pages = [a, b, phone]
    const begun = await tickOf(a)
    for (const page of pages) await page.waitForFunction(() => (watched.state as Arena).phase === 1)
    const keys = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Space']
    for (let i = 0; i < 16; i++) {
      const page = i % 2 === 0 ? a : b
      await page.keyboard.down(keys[Math.floor(Math.random() * keys.length)] as string)
      if (i % 4 === 3) for (const key of keys) await page.keyboard.up(key)
    }
    await touch(phone, 'pointerdown', 5, 100, 400)
    await touch(phone, 'pointermove', 5, 60, 400)
    await touch(phone, 'pointerdown', 6, 250, 400)
    const joined = await phone.evaluate(() =>
      watched.events.find(({ payload }) => (payload as { name?: string } | undefined)?.name === 'Phone'),
    )
    // The thumb on the left makes it face left, the one on the right lets it dash, and all see it.
    for (const page of pages)
      await page.waitForFunction((id) => {
        const body = (watched.state as Arena).bodies.find(({ player }) => player === id)
        return body !== undefined && body.dash > 0 && body.face === 9
      }, joined?.by)
    const moved = await tickOf(a)
    expect(await agreed(pages, moved + 20)).toBeGreaterThan(moved - begun)
    const players = await a.evaluate(
      () => (watched.state as Arena).bodies.filter(({ kind }) => kind === 1).length,
    )
    expect(players).toBe(3)
    await close(...pages)
  })

  test('who plays in lockstep and who predicts play in one session, and peers in a room without one', async () => {
    const lockstep = await visit('arena', '?room=ways')
    const predicted = await visit('arena', '?room=ways&mode=predicted&delay=60')
    const peers = await Promise.all(
      ['Ada', 'Bela'].map((who) => visit('arena', `?room=ways&mode=peers&name=${who}`)),
    )
    const groups = [[lockstep, predicted], peers]
    for (const page of groups.flat()) await page.waitForFunction(() => (watched.state as Arena).phase === 1)
    const begun = await Promise.all(groups.map(([page]) => tickOf(page as Page)))
    const keys = ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown']
    // Others' inputs come for ticks that were guessed already: only who guesses goes back.
    const areMeasured = async () =>
      (await text(predicted, 'rollbacks')) !== 'never' &&
      (await Promise.all(groups.flat().map((page) => text(page, 'seen')))).every((seen) =>
        seen.endsWith(' ms'),
      )
    for (let i = 0; !(await areMeasured()); i++)
      for (const page of groups.flat()) await steer(page, keys[i % 4] as string, keys[(i + 3) % 4] as string)
    expect(await text(lockstep, 'rollbacks')).toBe('never')
    for (const [i, group] of groups.entries()) await comeToAgree(group, begun[i] as number)
    expect(await playersIn(lockstep)).toBe(2)
    expect(await playersIn(peers[0] as Page)).toBe(2)

    // From one to another by a click, and by a key.
    await lockstep.locator('#net summary').click()
    await lockstep.getByRole('button', { name: 'Peers' }).click()
    await expect.poll(() => playersIn(peers[0] as Page)).toBe(3)
    expect(lockstep.url()).toContain('mode=peers')
    await peers[1]?.keyboard.press('2')
    await expect.poll(() => playersIn(predicted)).toBe(2)
    await expect.poll(() => playersIn(lockstep)).toBe(2)
    const last = peers[1] as Page
    await comeToAgree([lockstep, peers[0] as Page], await tickOf(lockstep))
    await comeToAgree([predicted, last], await tickOf(last))
    await close(...groups.flat())
  })
})
