import { parentPort, workerData } from 'node:worker_threads'
import { type Found, type Guided, type GuideOptions, guide } from './guide.ts'
import { EDGES, EDGES_MAX } from './instrument.ts'
import { TARGETS } from './targets.ts'

/** What runs in a worker, built with counters on all its ways: one target until its time or its inputs are over. */
export interface Hunt extends GuideOptions {
  readonly target: string
}
export type { Found, Guided }

const { target, ...options } = workerData as Hunt
const chosen = TARGETS.find(({ name }) => name === target)
if (chosen === undefined) throw new Error(`There is no target ${target}.`)
const edges = (globalThis as unknown as Record<string, Uint8Array>)[EDGES] ?? new Uint8Array(EDGES_MAX)
parentPort?.postMessage(guide(chosen, edges.subarray(0, options.edges ?? edges.length), options))
