import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { execPath, pid } from 'node:process'
import { rolldown } from 'rolldown'

/** What a process has said, and what it ended with. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A real process of this project, that can be waited for, stopped and killed. */
export class Process {
  readonly child: ChildProcess
  out = ''
  err = ''
  readonly ended: Promise<Ended>
  private isOver = false
  private readonly waiting = new Set<() => void>()

  constructor(script: string, ...args: readonly string[]) {
    const child = spawn(execPath, [script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    })
    this.child = child
    child.stdout?.on('data', (text) => this.look(() => (this.out += text)))
    child.stderr?.on('data', (text) => this.look(() => (this.err += text)))
    this.ended = once(child, 'close').then(([code]: (number | null)[]) => {
      this.look(() => (this.isOver = true))
      return { code: code ?? null, out: this.out, err: this.err }
    })
  }

  /** Until something holds; an error with all that was said if it ends before. */
  async until<T>(holds: () => T | undefined | false | null): Promise<T> {
    for (;;) {
      const value = holds()
      if (value) return value
      if (this.isOver) throw new Error(`it has ended: ${this.out}\n${this.err}`)
      await new Promise<void>((resolve) => this.waiting.add(resolve))
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Nothing is left of it. */
  async end(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }

  private look(change: () => unknown): void {
    change()
    for (const resolve of this.waiting) resolve()
    this.waiting.clear()
  }
}

/** As deep in the project as what is built, so that whatever is looked for from there is found. */
const FOLDER = join('out', `processes-${pid}`)
const SOURCES = {
  sametick: 'src/cli/main.ts',
  ticking: 'test/cli/ticking.ts',
  'without-webrtc': 'test/cli/without-webrtc.ts',
}

/** One file for each program, so that a dozen of them start in the time that one takes from source. */
const build = async (): Promise<void> => {
  const bundle = await rolldown({ input: SOURCES, platform: 'node', external: /^[a-z@]/, logLevel: 'silent' })
  await bundle.write({
    dir: FOLDER,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name].mjs',
  })
  await bundle.close()
}

const running: Process[] = []
let built: Promise<void> | undefined

export const run = async (program: keyof typeof SOURCES, ...args: readonly string[]): Promise<Process> => {
  built ??= build()
  await built
  const started = new Process(join(FOLDER, `${program}.mjs`), ...args)
  running.push(started)
  return started
}

export const sametick = (...args: readonly string[]): Promise<Process> => run('sametick', ...args)

/** For the end of a file: whatever is still there. */
export const endAll = async (): Promise<void> => {
  await Promise.all(running.splice(0).map((each) => each.end()))
  rmSync(FOLDER, { recursive: true, force: true })
  built = undefined
}

/** A server with a port of each kind, and where they are. */
export const serving = async (
  ...args: readonly string[]
): Promise<{ server: Process; at: (scheme: string) => string }> => {
  const server = await sametick('serve', '--json', '--port', '0', '--tcp', '0', '--udp', '0', ...args)
  const line = await server.until(() => /^\{"kind":"serving".*(?=\n)/m.exec(server.out)?.[0])
  const { addresses } = JSON.parse(line) as { addresses: string[] }
  const at = (scheme: string): string => addresses.find((each) => each.startsWith(`${scheme}:`)) as string
  return { server, at }
}
