import type { CellResult } from './cell.ts'
import type { Job, Worker } from './worker.ts'

/**
 * Gives the jobs to the workers in their order, to each one at a time. It ends when all are done, with the
 * first error, or at once when the signal comes: what is not done by then is dropped.
 */
export const runPool = async (
  jobs: readonly Job[],
  workers: readonly Worker[],
  done: (job: Job, result: CellResult) => void,
  signal?: AbortSignal,
): Promise<void> => {
  let next = 0
  let ended = false
  const over = (): boolean => ended || signal?.aborted === true
  const work = async (worker: Worker): Promise<void> => {
    while (!over() && next < jobs.length) {
      const job = jobs[next++] as Job
      const result = await worker.run(job)
      if (!over()) done(job, result)
    }
  }
  const all = Promise.all(workers.map(work))
  try {
    await (signal ? Promise.race([all, aborted(signal)]) : all)
  } finally {
    ended = true
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
