import { parentPort } from 'node:worker_threads'
import type { CellResult } from '../lab/gals/cell.ts'
import { type Job, runJob } from '../lab/gals/worker.ts'

export type Answer = { readonly result: CellResult } | { readonly error: string }

/** What runs in a thread: a job comes in, its result goes out. */
const answerTo = (job: Job): Answer => {
  try {
    return { result: runJob(job) }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

parentPort?.on('message', (job: Job) => parentPort?.postMessage(answerTo(job)))
