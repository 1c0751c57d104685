import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

/** A process of its own, that is asked for things by name and answers. */
export class Child {
  private readonly process: ChildProcess
  private readonly asked = new Map<
    number,
    { resolve: (value: never) => void; reject: (error: Error) => void }
  >()
  private nextId = 1

  /** Starts a file of this folder. */
  constructor(file: string) {
    this.process = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
      execArgv: ['--import', fileURLToPath(new URL('../../ts.mjs', import.meta.url)), ...profiling(file)],
    })
    this.process.on('message', (answer: Answer) => this.answered(answer))
    this.process.on('exit', (code) => {
      for (const { reject } of this.asked.values()) reject(new Error(`${file} ended with ${code}`))
    })
  }

  ask<T>(what: string, value: unknown = null): Promise<T> {
    const id = this.nextId++
    return new Promise<T>((resolve, reject) => {
      this.asked.set(id, { resolve, reject })
      this.process.send({ id, what, value })
    })
  }

  async end(): Promise<void> {
    const over = new Promise((resolve) => this.process.once('exit', resolve))
    this.process.send({ id: 0, what: 'end', value: null })
    await over
  }

  private answered({ id, value, error }: Answer): void {
    const asked = this.asked.get(id)
    this.asked.delete(id)
    if (error === undefined) asked?.resolve(value as never)
    else asked?.reject(new Error(error))
  }
}

/** `BENCH_PROFILE=server.ts` writes a profile of what the processor does in every process of that file. */
const profiling = (file: string): string[] =>
  process.env.BENCH_PROFILE === file ? ['--cpu-prof', '--cpu-prof-dir=out'] : []

interface Question {
  readonly id: number
  readonly what: string
  readonly value: never
}

/** In the child: how it answers to each name. */
export const answers = (by: Readonly<Record<string, (value: never) => unknown>>): void => {
  process.on('message', ({ id, what, value }: Question) => {
    if (what === 'end') {
      process.exit(0)
      return
    }
    void Promise.resolve()
      .then(() => by[what]?.(value))
      .then(
        (result) => process.send?.({ id, value: result ?? null }),
        (error: unknown) => process.send?.({ id, error: String(error) }),
      )
  })
}

/** Microseconds of processor time that this process has used. */
export const usage = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** What a server has used and done so far. */
export interface Counted {
  readonly used: number
  /** That came or left, without acknowledgements that travel alone. */
  readonly messages: number
  readonly events: number
}

/** Microseconds on a clock that all processes of a machine share. */
export const sharedNow = (): number => Number(process.hrtime.bigint() / 1_000n)

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
