import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker as Thread, type WorkerOptions } from 'node:worker_threads'
import type { Searcher, SearchPart } from '../lab/faults/job.ts'
import type { Story } from '../lab/faults/story.ts'
import type { CellResult } from '../lab/gals/cell.ts'
import { nameOf } from '../lab/gals/select.ts'
import type { Worker } from '../lab/gals/worker.ts'
import { nameOf as nameOfPeers, type PeersResult } from '../lab/peers/cell.ts'
import type { PeersWorker } from '../lab/peers/experiment.ts'
import type { Crew } from './terminal.ts'
import type { Answer, Numbered, Request } from './thread.ts'

/** Beside this file, and built or not built as it is. */
const FILE = new URL(`./thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Threads of this process, each of which runs one job at a time. */
export class Threads implements Crew {
  readonly workers: readonly Worker[]
  readonly peers: readonly PeersWorker[]
  readonly searchers: readonly Searcher[]
  private readonly threads: readonly Thread[]

  constructor(count: number, options: WorkerOptions = {}, file: URL = FILE) {
    if (!existsSync(file))
      throw new Error(
        `${fileURLToPath(file)} is not there, which the runs need: build it with npm run build.`,
      )
    this.threads = Array.from({ length: count }, () => new Thread(file, options))
    this.workers = this.threads.map((thread) => ({
      run: (job) => askOf<CellResult>(thread, { kind: 'cell', job }),
    }))
    this.peers = this.threads.map((thread) => ({
      run: (job) => askOf<PeersResult>(thread, { kind: 'peers', job }),
    }))
    this.searchers = this.threads.map((thread) => ({
      search: (job) => askOf<SearchPart>(thread, { kind: 'search', job }),
      shrink: (job) => askOf<Story>(thread, { kind: 'shrink', job }),
    }))
  }

  /** At once, whatever they are at. */
  async end(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.terminate()))
  }
}

let asked = 0

/**
 * A thread gives one kind of result to each kind of request, and answers in the order in which it was asked: it may
 * still be at something that nobody waits for any more.
 */
const askOf = <Result>(thread: Thread, request: Request): Promise<Result> =>
  new Promise((resolve, reject) => {
    const number = ++asked
    const settle = (done: () => void): void => {
      thread.off('message', onMessage).off('error', onError).off('exit', onExit)
      done()
    }
    const fail = (why: string): void => settle(() => reject(new Error(`${whichOf(request)} failed: ${why}`)))
    const onMessage = (answer: Answer): void => {
      if (answer.number !== number) return
      if ('error' in answer) fail(answer.error)
      else settle(() => resolve(answer.result as Result))
    }
    const onError = (error: Error): void => fail(error.stack ?? error.message)
    const onExit = (): void => fail('its thread ended')
    thread.on('message', onMessage).on('error', onError).on('exit', onExit)
    thread.postMessage({ number, request } satisfies Numbered)
  })

const whichOf = (request: Request): string => {
  switch (request.kind) {
    case 'cell': {
      const { cell, run, seed } = request.job
      return `Run ${run + 1} of ${nameOf(cell)} (its seed is ${seed})`
    }
    case 'peers': {
      const { cell, run, seed } = request.job
      return `Run ${run + 1} of ${nameOfPeers(cell)} (its seed is ${seed})`
    }
    case 'search':
      return `The search from seed ${request.job.from} on`
    case 'shrink':
      return `To shrink the story of seed ${request.job.story.seed}`
  }
}
