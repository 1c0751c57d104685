import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** What an instance has to know, whatever its language. */
export interface Place {
  /** The session for those who connect to it themselves: a WebSocket. */
  readonly url: string
  /** A bridge to the same session. */
  readonly port: number
  readonly fps: number
  /** It leaves when it has run so many ticks, and ends with 0. */
  readonly ticks: number
  /** For its chance. */
  readonly seed: number
}

/** An instance that runs. */
export interface Running {
  /** By the number of the tick: what its state came to. */
  readonly digests: ReadonlyMap<number, string>
  /** What else it said, for whoever has to find out what went wrong. */
  readonly said: readonly string[]
  /** Whether it ended as it should. */
  readonly ended: Promise<boolean>
  /** End it now, if it has not ended. */
  kill(): void
  /** Of its process, if it has one of its own. */
  readonly pid?: number
  /** Stop its whole process, as a debugger does or a machine that is asleep; and let it go on. */
  pause?(): void
  resume?(): void
}

/** A way in which a program of some language or engine takes part. */
export interface Door {
  readonly name: string
  /** A sentence that says what to install if this machine cannot run it; undefined if it can. */
  missing(): string | undefined
  /** What takes time before the first instance: compiling, packing. Called once. */
  prepare?(): Promise<void>
  start(place: Place): Promise<Running>
  /** Lets go of what was prepared. */
  close?(): Promise<void>
}

/** `12 89abcdef`: a tick and the digest of the state after it. */
const LINE = /^(\d+) ([0-9a-f]{8})$/

/** Collects what an instance says, a line at a time. */
export class Report {
  readonly digests = new Map<number, string>()
  readonly said: string[] = []

  line(line: string): void {
    const [, tick, digest] = LINE.exec(line) ?? []
    if (tick === undefined || digest === undefined) {
      if (this.said.length < SAID_MAX) this.said.push(line)
      return
    }
    const known = this.digests.get(Number(tick))
    if (known !== undefined && known !== digest) this.said.push(`tick ${tick} was run twice`)
    this.digests.set(Number(tick), digest)
  }
}

const SAID_MAX = 200

/** What a place comes to for a process: the names are the same for every door. */
export const environmentOf = ({ url, port, fps, ticks, seed }: Place): Record<string, string> => ({
  DOOR_URL: url,
  DOOR_PORT: `${port}`,
  DOOR_FPS: `${fps}`,
  DOOR_TICKS: `${ticks}`,
  DOOR_SEED: `${seed}`,
})

/** An instance that is a process and writes its digests to its standard output. */
export const startProcess = (place: Place, command: string, args: readonly string[]): Running => {
  const child: ChildProcess = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environmentOf(place) },
  })
  const report = new Report()
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null) createInterface({ input: stream }).on('line', (line) => report.line(line))
  const ended = new Promise<boolean>((resolve) => {
    child.on('error', (error) => {
      report.said.push(error.message)
      resolve(false)
    })
    child.on('close', (code, signal) => {
      if (code !== 0) report.said.push(`ended with ${code ?? signal}`)
      resolve(code === 0)
    })
  })
  const tell = (signal: NodeJS.Signals) => (): void => void child.kill(signal)
  const { digests, said } = report
  return {
    ...{ digests, said, ended },
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    ...{ kill: tell('SIGKILL'), pause: tell('SIGSTOP'), resume: tell('SIGCONT') },
  }
}
