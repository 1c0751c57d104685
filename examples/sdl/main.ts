import { fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { argv, env, exit } from 'node:process'
import { fileURLToPath } from 'node:url'
import { mid_connect, mid_disconnect, mid_emit, mid_wait, SametickError } from 'sametick'
import type { Window } from './sdl.ts'

/**
 * The rectangle of Figures 5 and 6 of "Symmetric Distributed Applications" in TypeScript, with SDL2. It takes part in
 * the same session as the one in C: an address of a session, or the port of a bridge, is all that it is given.
 */

const EVENT = { left: 1, right: 2, up: 3, down: 4, stop: 5 } as const
/** SDL's codes of the keys, and the controller's buttons. */
const KEYS: Readonly<Record<number, number>> = {
  1073741904: EVENT.left,
  1073741903: EVENT.right,
  1073741906: EVENT.up,
  1073741905: EVENT.down,
  32: EVENT.stop,
}
const ESCAPE = 27
const BUTTONS: Readonly<Record<string, number>> = {
  dpleft: EVENT.left,
  dpright: EVENT.right,
  dpup: EVENT.up,
  dpdown: EVENT.down,
}
const SPEED = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
  [0, 0],
] as const
const WHITE = [255, 255, 255] as const
const RED = [255, 0, 0] as const

const openWindow = async (title: string): Promise<Window> => {
  const sdl = await import('./sdl.ts').catch((error: Error) => console.error(error.message))
  if (sdl) return new sdl.Window(title, 400, 300)
  console.error('This needs koffi, once: npm install --prefix examples/sdl/packages')
  return exit(1)
}

/** Game controllers are read if the package for them is there. */
const readPads = (press: (event: number) => void): void => {
  try {
    createRequire(new URL('./packages/', import.meta.url)).resolve('sdl2-gamecontroller')
  } catch {
    return console.log('Keys only: sdl2-gamecontroller is not installed.')
  }
  // It opens no window, so no screen is asked.
  const pad = fork(fileURLToPath(new URL('./pad.ts', import.meta.url)), {
    env: { ...env, SDL_VIDEODRIVER: 'dummy' },
  })
  pad.on('message', ({ button, name }: { button?: string; name?: string }) => {
    if (name !== undefined) console.log(`controller: ${name}`)
    if (button !== undefined) press(BUTTONS[button] ?? EVENT.stop)
  })
  pad.unref()
  pad.channel?.unref()
}

const place = argv[2] ?? 'ws://127.0.0.1:4601'
try {
  await mid_connect(/^\d+$/.test(place) ? Number(place) : `${place}/sdl`, 40) // 25 ms ticks
} catch (error) {
  if (!(error instanceof SametickError)) throw error
  console.error(error.message)
  exit(1)
}
const window = await openWindow(argv[3] ?? 'Sametick')
readPads(mid_emit)

const leave = (): void => {
  mid_disconnect()
  window.close()
  exit(0)
}

// Asynchronous inputs: they change nothing here, they come back as events. Read also while the session is frozen.
setInterval(() => {
  const keys = window.keys()
  if (keys === undefined || keys.includes(ESCAPE)) return leave()
  for (const key of keys) if (KEYS[key] !== undefined) mid_emit(KEYS[key])
}, 10)

let [x, y, vx, vy] = [10, 10, 0, 0]
for (;;) {
  const [now, evt] = await mid_wait().catch((error: Error) => {
    console.error(error.message)
    return exit(1)
  })
  window.clear(WHITE)
  window.fill(x, y, 10, 10, RED)
  const speed = SPEED[evt - 1]
  if (evt === 0) {
    x += 5 * vx // 5 pixels at 40 FPS: 200 a second
    y += 5 * vy
  } else if (speed !== undefined) [vx, vy] = speed
  window.show()
  if (evt > 0) console.log(`${now} ms: event ${evt} at ${x},${y}`)
}
