import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findGodot, HOW_TO_GET_GODOT, Project } from '../doors/godot/engine.ts'
import { close, inBrowser } from './visitors.ts'

/** Ticks that Godot plays, a bit over three seconds of them. */
const TICKS = 160
const KEYS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Space']

/** The digest after each tick, as a scene prints it. */
const digestsIn = (out: string): Map<number, number> =>
  new Map(
    out
      .split('\n')
      .flatMap((line) => /^(\d+) (\d+)$/.exec(line) ?? [])
      .filter((_, i) => i % 3 > 0)
      .map(Number)
      .flatMap((number, i, all) => (i % 2 === 0 ? [[number, all[i + 1] as number] as const] : [])),
  )

/**
 * An example in a browser and its like in Godot, in one session. `isPlayed`: that what Godot pressed, as player 2,
 * came to the page.
 */
export const besideGodot = (name: string, isPlayed: (page: Page) => Promise<void>): void => {
  const engine = findGodot()
  if (engine === undefined) {
    test(`${name} in Godot and in a browser`, (context) => {
      console.warn(HOW_TO_GET_GODOT)
      context.skip(HOW_TO_GET_GODOT)
    })
    return
  }
  inBrowser(`${name} in Godot and`, (visit, visitors) => {
    let project: Project

    beforeAll(async () => {
      project = await Project.make(engine)
    })

    afterAll(() => project.remove())

    test('both press at random, and are equal at every tick', async () => {
      const page = await visit(name)
      let playing = true
      const played = project
        .run(
          {
            WATCH_SERVER: visitors().server.addresses[0] as string,
            WATCH_SCENE: `res://demo/${name}/${name}.tscn`,
            WATCH_TICKS: `${TICKS}`,
          },
          'res://watch.tscn',
        )
        .finally(() => {
          playing = false
        })
      for (let i = 0; playing; i++) {
        const key = KEYS[Math.floor(Math.random() * KEYS.length)] as string
        await (i % 3 < 2 ? page.keyboard.down(key) : page.keyboard.up(key))
        await page.waitForTimeout(60)
      }
      const inGodot = digestsIn(await played)
      const last = Math.max(...inGodot.keys())
      await page.waitForFunction((last) => watched.tick >= last, last)
      const inPage = new Map(await page.evaluate(() => [...watched.digests]))
      const differing = [...inGodot].filter(([tick, digest]) => inPage.get(tick) !== digest)
      expect(differing).toEqual([])
      expect(inGodot.size).toBeGreaterThanOrEqual(TICKS)
      const events = await page.evaluate(() => watched.events.map(({ name, by }) => `${name} ${by}`))
      expect(events).toContain('join 2')
      await isPlayed(page)
      expect(new Set(inGodot.values()).size).toBeGreaterThan(TICKS / 4)
      await close(page)
    })
  })
}
