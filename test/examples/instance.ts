import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A program with a window, which says a line now and then. */
export class Instance {
  private readonly child: ChildProcess
  private readonly lines: string[] = []
  private readonly past: string[] = []
  /** What it ends with. */
  readonly code: Promise<number | null>
  private ended: string | undefined
  private wake = (): void => {}

  constructor(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    let wrong = ''
    this.child.stderr?.on('data', (data) => {
      wrong += data
    })
    createInterface({ input: this.child.stdout as NonNullable<ChildProcess['stdout']> }).on(
      'line',
      (line) => {
        this.lines.push(line)
        this.wake()
      },
    )
    this.code = new Promise((resolve) => {
      this.child.on('close', (code) => {
        this.ended = `it ended with ${code}: ${wrong}`
        this.wake()
        resolve(code)
      })
    })
  }

  /** The next line that it says of this kind: those before it are passed over. `ever`: or has said. */
  async line(isIt: (line: string) => boolean = () => true, ever = false): Promise<string> {
    for (;;) {
      const past = ever ? this.past.find(isIt) : undefined
      if (past !== undefined) return past
      while (this.lines.length > 0) {
        const line = this.lines.shift() as string
        this.past.push(line)
        if (isIt(line)) return line
      }
      if (this.ended !== undefined) throw new Error(this.ended)
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }
}
