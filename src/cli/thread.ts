import { parentPort } from 'node:worker_threads'
import type { CellResult } from '../lab/gals/cell.ts'
import { type Job, runJob } from '../lab/gals/worker.ts'
import type { PeersResult } from '../lab/peers/cell.ts'
import { type PeersJob, runPeersJob } from '../lab/peers/experiment.ts'

export type Answer = { readonly result: CellResult | PeersResult } | { readonly error: string }

/** What runs in a thread: a job comes in, its result goes out. */
const answerTo = (job: Job | PeersJob): Answer => {
  try {
    return { result: 'experiment' in job ? runPeersJob(job) : runJob(job) }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

parentPort?.on('message', (job: Job | PeersJob) => parentPort?.postMessage(answerTo(job)))
