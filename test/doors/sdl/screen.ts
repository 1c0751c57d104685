import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onPath } from '../c/compile.ts'
import { type Picture, readScreen } from './picture.ts'

const run = promisify(execFile)

/** What is missing for windows and keys on this machine; undefined if nothing is. */
export const missingScreen = (): string | undefined => {
  const missing = ['Xvfb', 'xdotool', 'sdl2-config'].filter((name) => onPath(name) === undefined)
  if (missing.length === 0) return undefined
  return `${missing.join(', ')} cannot be found: apt-get install xvfb xdotool libsdl2-dev`
}

/** A screen without a monitor, with real windows and real keys. */
export class Screen {
  /** What a program needs to open its window there, and to draw without a graphics card. */
  readonly env: Readonly<Record<string, string>>
  private readonly server: ChildProcess
  private readonly folder: string

  private constructor(server: ChildProcess, folder: string, display: string) {
    this.server = server
    this.folder = folder
    this.env = {
      DISPLAY: display,
      SDL_VIDEODRIVER: 'x11',
      SDL_RENDER_DRIVER: 'software',
      // Or SDL first opens a window to try a graphics card with, of the same title, which is then another one's.
      SDL_FRAMEBUFFER_ACCELERATION: '0',
      SDL_AUDIODRIVER: 'dummy',
    }
  }

  static async open(width: number, height: number): Promise<Screen> {
    const folder = await mkdtemp(join(tmpdir(), 'sametick-screen-'))
    const server = spawn(
      'Xvfb',
      ['-displayfd', '1', '-screen', '0', `${width}x${height}x24`, '-fbdir', folder, '-nolisten', 'tcp'],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    const number = await new Promise<string>((resolve, reject) => {
      let text = ''
      server.stdout?.on('data', (data) => {
        text += data
        if (text.includes('\n')) resolve(text.trim())
      })
      server.on('error', reject)
      server.on('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)))
    })
    return new Screen(server, folder, `:${number}`)
  }

  /** The window of this title, once it is there; its top left corner is moved to a place. */
  async window(title: string, x: number, y: number): Promise<string> {
    const id = await this.find(title)
    await this.tool('windowmove', '--sync', id, `${x}`, `${y}`).catch(() => {})
    return id
  }

  /** It goes through all windows; one that ends meanwhile, as SDL's first ones do, ends the whole search. */
  private async find(title: string): Promise<string> {
    for (;;) {
      try {
        return (await this.tool('search', '--sync', '--onlyvisible', '--name', `^${title}$`)).trim()
      } catch (error) {
        if (!String(error).includes('BadWindow')) throw error
      }
    }
  }

  /** Presses and lets go of a key, with this window in front. */
  async press(window: string, key: string): Promise<void> {
    await this.tool('windowfocus', '--sync', window)
    await this.tool('key', '--clearmodifiers', key)
  }

  async look(): Promise<Picture> {
    return readScreen(await readFile(join(this.folder, 'Xvfb_screen0')))
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.server.once('exit', resolve))
    this.server.kill()
    await gone
    await rm(this.folder, { recursive: true, force: true })
  }

  private async tool(...args: string[]): Promise<string> {
    const { stdout } = await run('xdotool', args, { env: { ...process.env, ...this.env } })
    return stdout
  }
}
