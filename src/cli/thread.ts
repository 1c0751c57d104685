import { parentPort } from 'node:worker_threads'
import { runSearch, runShrink, type SearchJob, type ShrinkJob } from '../lab/faults/job.ts'
import { type Job, runJob } from '../lab/gals/worker.ts'
import { type PeersJob, runPeersJob } from '../lab/peers/experiment.ts'

/** What a thread can be asked to do. */
export type Request =
  | { readonly kind: 'cell'; readonly job: Job }
  | { readonly kind: 'peers'; readonly job: PeersJob }
  | { readonly kind: 'search'; readonly job: SearchJob }
  | { readonly kind: 'shrink'; readonly job: ShrinkJob }

/** A request, and the number that its answer bears. */
export interface Numbered {
  readonly number: number
  readonly request: Request
}

export type Answer = { readonly number: number } & ({ readonly result: unknown } | { readonly error: string })

const resultOf = (request: Request): unknown => {
  switch (request.kind) {
    case 'cell':
      return runJob(request.job)
    case 'peers':
      return runPeersJob(request.job)
    case 'search':
      return runSearch(request.job)
    case 'shrink':
      return runShrink(request.job)
  }
}

/** What runs in a thread: a request comes in, its result goes out. */
const answerTo = ({ number, request }: Numbered): Answer => {
  try {
    return { number, result: resultOf(request) }
  } catch (error) {
    return { number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

parentPort?.on('message', (numbered: Numbered) => parentPort?.postMessage(answerTo(numbered)))
