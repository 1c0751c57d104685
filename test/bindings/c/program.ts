import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A program that says a line for each word of its command line. */
export class Spoken {
  readonly child: ChildProcess
  private readonly lines: string[] = []
  private code: number | null | undefined
  private readonly trouble: string[] = []
  private wake = (): void => {}

  constructor(program: string, words: readonly string[]) {
    this.child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] })
    for (const [stream, into] of [
      [this.child.stdout, this.lines],
      [this.child.stderr, this.trouble],
    ] as const)
      if (stream)
        createInterface({ input: stream }).on('line', (line) => {
          into.push(line)
          this.wake()
        })
    this.child.on('close', (code) => {
      this.code = code
      this.wake()
    })
  }

  /** The next line; throws what the program complained of when there is none. */
  async line(): Promise<string> {
    for (;;) {
      const line = this.lines.shift()
      if (line !== undefined) return line
      if (this.code !== undefined) throw new Error(`ended with ${this.code}: ${this.trouble.join('\n')}`)
      await this.news()
    }
  }

  /** All lines to the end, and what it ended with. */
  async rest(): Promise<{ lines: string[]; code: number | null; trouble: string }> {
    while (this.code === undefined) await this.news()
    return { lines: this.lines.splice(0), code: this.code, trouble: this.trouble.join('\n') }
  }

  /** Lets it go past the word `line`. */
  goOn(): void {
    this.child.stdin?.write('\n')
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }
}
