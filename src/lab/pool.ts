/** Whoever runs jobs, one at a time. */
export interface Doer<Job, Result> {
  run(job: Job): Promise<Result>
}

/**
 * Gives the jobs to the workers in their order, to each one at a time. It ends when all are done, with the
 * first error, or at once when the signal comes: what is not done by then is dropped.
 */
export const runPool = async <Job, Result>(
  jobs: readonly Job[],
  workers: readonly Doer<Job, Result>[],
  done: (job: Job, result: Result) => void,
  signal?: AbortSignal,
): Promise<void> => {
  let next = 0
  let ended = false
  const over = (): boolean => ended || signal?.aborted === true
  const work = async (worker: Doer<Job, Result>): Promise<void> => {
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
