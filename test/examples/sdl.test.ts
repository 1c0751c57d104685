import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer as listen, type Socket, type Server as TcpServer } from 'node:net'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bridge, createBridge } from '../../src/bridge/index.ts'
import { createServer, type Server } from '../../src/server/server.ts'
import { C99, compile, compiler, HOW_TO_GET_ONE, workFolder } from '../doors/c/compile.ts'
import { missingScreen, Screen } from '../doors/sdl/screen.ts'
import { Instance } from './instance.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const SDL = here('../../examples/sdl/')
const LOADERS = ['../ts.mjs', './source.mjs'].flatMap((loader) => ['--import', here(loader)])
/** SDL's numbers of the buttons. */
const BUTTON = { a: 0, right: 14, down: 12 }

const missing =
  compiler() === undefined
    ? HOW_TO_GET_ONE
    : (missingScreen() ??
      (['koffi', 'sdl2-gamecontroller'].every((name) => existsSync(`${SDL}packages/node_modules/${name}`))
        ? undefined
        : 'That needs npm install --prefix examples/sdl/packages'))

if (missing !== undefined) {
  test('the rectangle in TypeScript with SDL2', (context) => {
    console.warn(`The SDL example in TypeScript was not tested. ${missing}`)
    context.skip(missing)
  })
} else {
  describe('the rectangle in TypeScript with SDL2, beside the one in C', () => {
    let server: Server
    let bridge: Bridge
    let screen: Screen
    let folder = ''
    let hand: TcpServer
    let pad: Promise<Socket>
    const instances: Instance[] = []

    beforeAll(async () => {
      server = await createServer({ instances: 3 })
      const address = server.addresses[0] as string
      bridge = await createBridge({ server: `${address}/sdl`, ports: [0] })
      screen = await Screen.open(860, 680)
      hand = listen()
      pad = new Promise((resolve) => hand.on('connection', resolve))
      await new Promise<void>((resolve) => hand.listen(0, '127.0.0.1', resolve))
      const { port } = hand.address() as { port: number }
      const { stdout } = await promisify(execFile)('sdl2-config', ['--cflags', '--libs'])
      folder = await workFolder()
      const program = await compile(
        here('../../examples/sdl-c/rect.c'),
        join(folder, 'rect'),
        C99,
        stdout.trim().split(/\s+/),
      )
      const main = [...LOADERS, `${SDL}main.ts`]
      instances.push(
        new Instance(execPath, ['--import', here('./virtual-pad.mjs'), ...main, address, 'direct'], {
          ...screen.env,
          VIRTUAL_PAD_PORT: `${port}`,
        }),
        // Without a controller: whatever this machine may have plugged in is left alone.
        new Instance(execPath, [...main, `${bridge.ports[0]}`, 'bridged'], {
          ...screen.env,
          SDL_JOYSTICK_DEVICE: '',
        }),
        new Instance(program, [`${bridge.ports[0]}`], screen.env),
      )
    })
    afterAll(async () => {
      for (const instance of instances) instance.kill()
      hand?.close()
      // If it never came there is nothing to let go of.
      void pad?.then((socket) => socket.destroy())
      await screen?.close()
      await rm(folder, { recursive: true, force: true })
      await bridge?.close()
      await server?.close()
    })

    /** What all say of the next event: when, and where the rectangle was. */
    const all = async (event: number): Promise<string> => {
      const isEvent = (line: string): boolean => line.includes(' ms: event ')
      const said = await Promise.all(instances.map((instance) => instance.line(isEvent)))
      expect(new Set(said).size).toBe(1)
      expect(said[0]).toMatch(new RegExp(` ms: event ${event} at \\d+,\\d+$`))
      return said[0] as string
    }

    const ticks = async (count: number): Promise<void> => {
      const least = (): number => Math.min(...bridge.programs.map(({ tick }) => tick))
      const until = least() + count
      while (least() < until) await new Promise((resolve) => setTimeout(resolve, 5))
    }

    test('keys and a controller steer it, and all stop on the same tick at the same place', async () => {
      const direct = await screen.window('direct', 20, 20)
      const bridged = await screen.window('bridged', 440, 20)
      await screen.press(direct, 'Right')
      await all(2)
      await ticks(10)
      await screen.press(bridged, 'Down')
      await all(4)
      await ticks(10)
      const controller = await pad
      await (instances[0] as Instance).line((line) => line.startsWith('controller: '), true)
      for (const [button, event] of [
        [BUTTON.right, 2],
        [BUTTON.a, 5],
      ] as const) {
        controller.write(`${button} 1\n`)
        await all(event)
        controller.write(`${button} 0\n`)
        await ticks(5)
      }
    })
  })
}
