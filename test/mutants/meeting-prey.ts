import { parentPort, workerData } from 'node:worker_threads'
import { playMeeting } from '../core/meeting/story.ts'
import type { Catch, Hunt } from './prey.ts'

/** The same for rooms of a meeting point: peers do anything in one until something is wrong. */
const { hint, from, count, seconds } = workerData as Hunt
const end = performance.now() + seconds * 1000

const tried = (seed: number): Omit<Catch, 'runs'> | undefined => {
  try {
    const [first, ...others] = playMeeting(seed).broken
    if (first === undefined) return undefined
    return { seed, by: [...new Set([first, ...others].map(({ invariant }) => invariant))], what: first.what }
  } catch (error) {
    return { seed, by: ['error'], what: String(error) }
  }
}

const hunted = (): Catch => {
  const caught = hint > 0 ? tried(hint) : undefined
  if (caught) return { runs: 1, ...caught }
  let runs = 0
  for (let seed = from; seed < from + count && performance.now() < end; seed++) {
    runs++
    const found = tried(seed)
    if (found) return { runs, ...found }
  }
  return { runs, seed: 0, by: [], what: '' }
}

parentPort?.postMessage(hunted())
