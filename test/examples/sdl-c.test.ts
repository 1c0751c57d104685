import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bridge, createBridge } from '../../src/bridge/index.ts'
import { createServer, type Server } from '../../src/server/server.ts'
import { C99, compile, compiler, HOW_TO_GET_ONE, workFolder } from '../doors/c/compile.ts'
import { type Area, areaOf, type Picture, pngOf } from '../doors/sdl/picture.ts'
import { missingScreen, Screen } from '../doors/sdl/screen.ts'
import { Instance } from './instance.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const SOURCE = here('../../examples/sdl-c/rect.c')
const MAIN = here('../../examples/sdl-c/main.ts')
const LOADERS = ['../ts.mjs', './source.mjs'].flatMap((loader) => ['--import', here(loader)])
const PICTURES = here('../../out/pictures')
const RED = [255, 0, 0] as const
/** Where the two windows lie on the screen, and how large they are. */
const PLACES: readonly Area[] = [
  { x: 20, y: 20, width: 400, height: 300 },
  { x: 440, y: 20, width: 400, height: 300 },
]

const missing = compiler() === undefined ? HOW_TO_GET_ONE : missingScreen()

if (missing !== undefined) {
  test('the paper’s Figure 5 with SDL2, in two windows', (context) => {
    console.warn(`The SDL example was not tested. ${missing}`)
    context.skip(missing)
  })
} else {
  describe('the paper’s Figure 5 with SDL2, in two windows', () => {
    let server: Server
    let bridge: Bridge
    let screen: Screen
    let folder = ''
    let instances: Instance[] = []

    beforeAll(async () => {
      server = await createServer({ instances: 2 })
      bridge = await createBridge({ server: `${server.addresses[0]}/sdl`, ports: [0] })
      screen = await Screen.open(860, 340)
      const { stdout } = await promisify(execFile)('sdl2-config', ['--cflags', '--libs'])
      folder = await workFolder()
      const program = await compile(SOURCE, join(folder, 'rect'), C99, stdout.trim().split(/\s+/))
      instances = [1, 2].map(() => new Instance(program, [`${bridge.ports[0]}`], screen.env))
    })
    afterAll(async () => {
      for (const instance of instances) instance.kill()
      await screen?.close()
      await rm(folder, { recursive: true, force: true })
      await bridge?.close()
      await server?.close()
    })

    /** Until both have run so many ticks more. */
    const ticks = async (count: number): Promise<void> => {
      const least = (): number => Math.min(...bridge.programs.map(({ tick }) => tick))
      const until = least() + count
      while (least() < until) await new Promise((resolve) => setTimeout(resolve, 5))
    }

    test('pause on the same tick at the same place, whoever of them a key is pressed in', async () => {
      const windows: string[] = []
      for (const [i, { x, y }] of PLACES.entries())
        windows.push(await screen.window(`Sametick ${i + 1}`, x, y))
      const [one, two] = windows as [string, string]
      const [a, b] = instances as [Instance, Instance]
      /** What both say of the next event: when, and where the rectangle was. */
      const both = async (event: number): Promise<string> => {
        const said = await Promise.all([a.line(), b.line()])
        expect(said[0]).toBe(said[1])
        expect(said[0]).toMatch(new RegExp(`^\\d+ ms: event ${event} at -?\\d+,-?\\d+$`))
        return said[0]
      }
      await screen.press(one, 'Right')
      await both(2)
      await ticks(40)
      await screen.press(two, 'Down')
      await both(4)
      await ticks(20)
      await screen.press(one, 'space')
      let [x, y] = placeIn(await both(5))
      expect(x).toBeGreaterThan(100)
      expect(y).toBeGreaterThan(50)
      // Time goes on between one key and the next: if it has left the windows meanwhile it is called back.
      for (let way = wayBack(x, y); way !== undefined; way = wayBack(x, y)) {
        await screen.press(one, way.key)
        await both(way.event)
        await ticks(way.ticks)
        await screen.press(one, 'space')
        ;[x, y] = placeIn(await both(5))
      }

      // And that is what is seen: a red square of 10 by 10 at that place, in both.
      const wanted = { x, y, width: 10, height: 10 }
      const seen = (picture: Picture) => PLACES.map((place) => areaOf(picture, RED, place))
      let picture = await screen.look()
      await expect
        .poll(async () => {
          picture = await screen.look()
          return seen(picture)
        })
        .toEqual([wanted, wanted])
      await mkdir(PICTURES, { recursive: true })
      await writeFile(join(PICTURES, 'sdl-c.png'), pngOf(picture))
    })
  })
  describe('npm run example -- sdl-c', () => {
    test('compiles it and opens two windows, and ends when they are left', async () => {
      const server = await createServer({})
      const screen = await Screen.open(860, 340)
      const main = new Instance(execPath, [...LOADERS, MAIN, server.addresses[0] as string], screen.env)
      try {
        expect(await main.line()).toMatch(/^A bridge to ws:.* at port \d+\. Arrow keys steer/)
        for (const title of ['Sametick 1', 'Sametick 2'])
          await screen.press(await screen.window(title, 20, 20), 'Escape')
        expect(await main.code).toBe(0)
      } finally {
        main.kill()
        await screen.close()
        await server.close()
      }
    })
  })
}

const placeIn = (said: string): [number, number] => {
  const [, x, y] = / at (-?\d+),(-?\d+)$/.exec(said) ?? []
  return [Number(x), Number(y)]
}

/** How it comes to the middle of a window that it has left: 5 pixels with each tick. */
const wayBack = (x: number, y: number): { key: string; event: number; ticks: number } | undefined => {
  const [acrossX, acrossY] = [200 - x, 150 - y]
  if (Math.abs(acrossX) > 180)
    return {
      ...(acrossX < 0 ? { key: 'Left', event: 1 } : { key: 'Right', event: 2 }),
      ticks: Math.abs(acrossX) / 5,
    }
  if (Math.abs(acrossY) > 130)
    return {
      ...(acrossY < 0 ? { key: 'Up', event: 3 } : { key: 'Down', event: 4 }),
      ticks: Math.abs(acrossY) / 5,
    }
  return undefined
}
