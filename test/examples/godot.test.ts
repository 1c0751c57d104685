import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findGodot, HOW_TO_GET_GODOT, Project } from '../doors/godot/engine.ts'
import { chromiumPath, HOW_TO_GET_ONE } from '../page/chromium.ts'
import { close, Visitors } from './visitors.ts'

/** Ticks that Godot plays, a bit over three seconds of them. */
const TICKS = 160
const KEYS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Space']

const engine = findGodot()
const path = chromiumPath()
let visitors: Visitors
let project: Project

interface Arena {
  readonly bodies: readonly { readonly face: number }[]
}

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

const story = (): void => {
  beforeAll(async () => {
    if (engine === undefined || path === undefined) return
    visitors = await Visitors.by(path)
    project = await Project.make(engine)
  })

  afterAll(async () => {
    await visitors.end()
    await project.remove()
  })

  test.each(['rectangle', 'arena'])('%s: both press at random, and are equal at every tick', async (name) => {
    const page = await visitors.visit(name)
    let playing = true
    const played = project
      .run(
        {
          WATCH_SERVER: visitors.server.addresses[0] as string,
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
    // What Godot pressed came to the page: in the arena as what is held, and is to be seen in the state.
    if (name === 'rectangle') expect(events).toContain('steer 2')
    else {
      const faces = await page.evaluate(() =>
        [...watched.states.values()].map((text) => (JSON.parse(text) as Arena).bodies[1]?.face),
      )
      expect(new Set(faces).size).toBeGreaterThan(1)
    }
    expect(new Set(inGodot.values()).size).toBeGreaterThan(TICKS / 4)
    await close(page)
    expect(visitors.complaints).toEqual([])
  })
}

const missing = engine === undefined ? HOW_TO_GET_GODOT : path === undefined ? HOW_TO_GET_ONE : undefined
if (missing === undefined) describe('the demo in Godot and the examples in a browser, in one session', story)
else
  test('the demo in Godot and the examples in a browser', (context) => {
    console.warn(missing)
    context.skip(missing)
  })
