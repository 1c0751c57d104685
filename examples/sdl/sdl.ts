import { createRequire } from 'node:module'
import { platform } from 'node:process'

/** SDL2 as far as a rectangle needs it: a window, colours, squares, keys. */

interface Library {
  func<T extends (...args: never[]) => unknown>(definition: string): T
}

// It is installed for this example alone: npm install --prefix examples/sdl/packages
const { load } = createRequire(new URL('./packages/', import.meta.url))('koffi') as {
  load(path: string): Library
}

const NAMES: Readonly<Record<string, string>> = { darwin: 'libSDL2.dylib', win32: 'SDL2.dll' }

/** A pointer that only SDL looks behind. */
interface Pointer {
  readonly pointer: never
}

export type Colour = readonly [number, number, number]

const VIDEO = 0x20
const UNDEFINED = 0x1fff_0000
const QUIT = 0x100
const KEYDOWN = 0x300
/** Bytes of an event, and where the fields of a key lie in it. */
const EVENT = { bytes: 56, repeat: 13, sym: 20 }

const functionsOf = (lib: Library) => ({
  init: lib.func<(flags: number) => number>('int SDL_Init(uint32_t flags)'),
  error: lib.func<() => string>('const char *SDL_GetError()'),
  createWindow: lib.func<
    (title: string, x: number, y: number, w: number, h: number, flags: number) => Pointer
  >('void *SDL_CreateWindow(const char *title, int x, int y, int w, int h, uint32_t flags)'),
  createRenderer: lib.func<(window: Pointer, index: number, flags: number) => Pointer>(
    'void *SDL_CreateRenderer(void *window, int index, uint32_t flags)',
  ),
  colour: lib.func<(renderer: Pointer, r: number, g: number, b: number, a: number) => number>(
    'int SDL_SetRenderDrawColor(void *renderer, uint8_t r, uint8_t g, uint8_t b, uint8_t a)',
  ),
  clear: lib.func<(renderer: Pointer) => number>('int SDL_RenderClear(void *renderer)'),
  fill: lib.func<(renderer: Pointer, rect: Int32Array) => number>(
    'int SDL_RenderFillRect(void *renderer, void *rect)',
  ),
  present: lib.func<(renderer: Pointer) => void>('void SDL_RenderPresent(void *renderer)'),
  poll: lib.func<(event: Buffer) => number>('int SDL_PollEvent(void *event)'),
  quit: lib.func<() => void>('void SDL_Quit()'),
})

export class Window {
  private readonly sdl = functionsOf(load(NAMES[platform] ?? 'libSDL2-2.0.so.0'))
  private readonly renderer: Pointer
  private readonly event = Buffer.alloc(EVENT.bytes)

  constructor(title: string, width: number, height: number) {
    const { sdl } = this
    if (sdl.init(VIDEO) !== 0) throw new Error(sdl.error())
    const window = sdl.createWindow(title, UNDEFINED, UNDEFINED, width, height, 0)
    this.renderer = window && sdl.createRenderer(window, -1, 0)
    if (!this.renderer) throw new Error(sdl.error())
  }

  clear(colour: Colour): void {
    this.sdl.colour(this.renderer, ...colour, 255)
    this.sdl.clear(this.renderer)
  }

  fill(x: number, y: number, width: number, height: number, colour: Colour): void {
    this.sdl.colour(this.renderer, ...colour, 255)
    this.sdl.fill(this.renderer, Int32Array.of(x, y, width, height))
  }

  show(): void {
    this.sdl.present(this.renderer)
  }

  /** The keys that were pressed since the last call, as SDL's codes; undefined once the window is to be closed. */
  keys(): number[] | undefined {
    const keys: number[] = []
    while (this.sdl.poll(this.event) !== 0) {
      const type = this.event.readUInt32LE(0)
      if (type === QUIT) return undefined
      if (type === KEYDOWN && this.event[EVENT.repeat] === 0) keys.push(this.event.readInt32LE(EVENT.sym))
    }
    return keys
  }

  close(): void {
    this.sdl.quit()
  }
}
