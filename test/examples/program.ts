import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { EXAMPLES } from '../../examples/common/build.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const LOADERS = ['../ts.mjs', './source.mjs'].flatMap((loader) => ['--import', here(loader)])

/** An example that is a program, in a process of its own. */
export class Program {
  /** Everything that it has written so far. */
  text = ''
  readonly ended: Promise<number | null>
  private readonly process: ChildProcessWithoutNullStreams
  private readonly waiting = new Set<() => void>()

  constructor(name: string, args: readonly string[]) {
    this.process = spawn(execPath, [...LOADERS, `${EXAMPLES}${name}/main.ts`, ...args])
    // A sign may come in two pieces.
    this.process.stdout.setEncoding('utf8')
    this.process.stdout.on('data', (data) => {
      this.text += data
      for (const look of this.waiting) look()
    })
    let wrong = ''
    this.process.stderr.on('data', (data) => {
      wrong += data
    })
    this.ended = new Promise((resolve, reject) => {
      this.process.on('error', reject)
      this.process.on('close', (code) => {
        if (code === 0) resolve(code)
        else reject(new Error(`${name} ended with ${code}: ${wrong}`))
      })
    })
  }

  /** Nothing is left of it. */
  kill(): void {
    this.process.kill('SIGKILL')
  }

  write(text: string): void {
    this.process.stdin.write(text)
  }

  interrupt(): void {
    this.process.kill('SIGINT')
  }

  /** The first match of which this is true, once it is written. */
  said(pattern: RegExp, isIt: (match: RegExpMatchArray) => boolean = () => true): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = [...this.text.matchAll(pattern)].find(isIt)
        if (match === undefined) return
        this.waiting.delete(look)
        resolve(match)
      }
      this.waiting.add(look)
      this.ended.then(() => reject(new Error(`it has ended and said: ${this.text}`)), reject)
      look()
    })
  }
}
