import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pageNames } from '../../examples/common/build.ts'
import { pageAt, serveExamples } from '../../examples/common/serve.ts'
import { chromiumPath, HOW_TO_GET_ONE } from '../page/chromium.ts'
import { Program } from './program.ts'
import { agreed, close, PHONE, seen, tickOf, touch, Visitors } from './visitors.ts'
import type { Watched } from './watched.ts'

const path = chromiumPath()
let visitors: Visitors
const visit: Visitors['visit'] = (...to) => visitors.visit(...to)

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

type Box = Readonly<Record<'x' | 'y' | 'width' | 'height', number>>

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

const story = () => {
  beforeAll(async () => {
    visitors = await Visitors.by(path as string)
  })

  afterAll(() => visitors.end())

  test('the first page leads to every example that is a page', async () => {
    const page = await (await visitors.browser.newContext()).newPage()
    await page.goto(pageAt(visitors.server.addresses[0] as string))
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
    const own = await serveExamples(visitors.folder)
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

  test('the arena: three press at random, one of them a phone, and all have one state at every tick', async () => {
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

  test('the arena: who plays in lockstep and who predicts play in one session, and peers in a room without one', async () => {
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

  test('the watch party: play, pause and seek stay on the same frame everywhere, for a latecomer too', async () => {
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

  test('marbles: one looks back and plays the past while the other goes on, and both come to the same', async () => {
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

  test('six peers: who was offline, or on another island, goes back and agrees with the rest', async () => {
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
    const rollbacks = async () => Number(await page.locator('#figure-rollbacks').textContent())
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

    await button('A', 'offline').click()
    await page.locator('[data-link=AB][data-phase=away]').waitFor()
    await button('A', 'Up').click()
    await button('D', 'Down').click()
    await sizes('5 + 1')
    await goOn(20)
    await areParted()
    const before = await rollbacks()
    await button('A', 'offline').click()
    await areEqual()
    await page.waitForFunction(
      (before) => Number(document.getElementById('figure-rollbacks')?.textContent) >= before + 6,
      before,
    )
    // Each has shown it: A what it has missed, the others what A has done.
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

  test('six peers: whatever is clicked, in the end all agree; a finger steers as well', async () => {
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

  test('a page says why it stands still when the server ends', async () => {
    const pages = await Promise.all(['rectangle', 'watch-party', 'arena'].map((name) => visit(name)))
    await visitors.server.close()
    for (const page of pages)
      await page.getByText('The server is shutting down. Load the page again.').waitFor()
    await close(...pages)
  })

  test('no page has complained, or asked anybody else for anything', () => {
    expect(visitors.complaints).toEqual([])
  })
}

if (path !== undefined) describe('the examples in a browser', story)
else
  test('the examples in a browser', (context) => {
    console.warn(HOW_TO_GET_ONE)
    context.skip(HOW_TO_GET_ONE)
  })
