import { parentPort, workerData } from 'node:worker_threads'
import type { Bound } from '../../../src/lab/exhaust/bound.ts'
import { type Exhausted, exhaust } from '../../../src/lab/exhaust/search.ts'

/** What runs in a worker, built with the source of one mutant: every interleaving until something is wrong. */
export interface Hunt {
  readonly bounds: readonly Bound[]
  readonly statesMax: number
}

const { bounds, statesMax } = workerData as Hunt
const results: Exhausted[] = []
for (const bound of bounds) {
  const result = exhaust(bound, { statesMax })
  results.push(result)
  if (result.fall !== undefined) break
}
parentPort?.postMessage(results)
