import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker as Thread, type WorkerOptions } from 'node:worker_threads'
import type { CellResult } from '../lab/gals/cell.ts'
import { nameOf } from '../lab/gals/select.ts'
import type { Job, Worker } from '../lab/gals/worker.ts'
import { nameOf as nameOfPeers, type PeersResult } from '../lab/peers/cell.ts'
import type { PeersJob, PeersWorker } from '../lab/peers/experiment.ts'
import type { Crew } from './terminal.ts'
import type { Answer } from './thread.ts'

/** Beside this file, and built or not built as it is. */
const FILE = new URL(`./thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Threads of this process, each of which runs one job at a time. */
export class Threads implements Crew {
  readonly workers: readonly Worker[]
  readonly peers: readonly PeersWorker[]
  private readonly threads: readonly Thread[]

  constructor(count: number, options: WorkerOptions = {}, file: URL = FILE) {
    if (!existsSync(file))
      throw new Error(
        `${fileURLToPath(file)} is not there, which the runs need: build it with npm run build.`,
      )
    this.threads = Array.from({ length: count }, () => new Thread(file, options))
    this.workers = this.threads.map((thread) => ({ run: (job) => runIn<CellResult>(thread, job) }))
    this.peers = this.threads.map((thread) => ({ run: (job) => runIn<PeersResult>(thread, job) }))
  }

  /** At once, whatever they are at. */
  async end(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.terminate()))
  }
}

const runIn = <Result>(thread: Thread, job: Job | PeersJob): Promise<Result> =>
  new Promise((resolve, reject) => {
    const settle = (done: () => void): void => {
      thread.off('message', onMessage).off('error', onError).off('exit', onExit)
      done()
    }
    const fail = (why: string): void => settle(() => reject(new Error(`${whichOf(job)} failed: ${why}`)))
    const onMessage = (answer: Answer): void =>
      'error' in answer ? fail(answer.error) : settle(() => resolve(answer.result as Result))
    const onError = (error: Error): void => fail(error.stack ?? error.message)
    const onExit = (): void => fail('its thread ended')
    thread.on('message', onMessage).on('error', onError).on('exit', onExit)
    thread.postMessage(job)
  })

const whichOf = (job: Job | PeersJob): string => {
  const name = 'experiment' in job ? nameOfPeers(job.cell) : nameOf(job.cell)
  return `Run ${job.run + 1} of ${name} (its seed is ${job.seed})`
}
