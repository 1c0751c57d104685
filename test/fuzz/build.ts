import { join, relative } from 'node:path'
import { Worker } from 'node:worker_threads'
import { rolldown } from 'rolldown'
import { type Edit, mutated } from '../mutants/mutant.ts'
import type { Guided, Hunt } from './fuzzer.ts'
import { EDGES, EDGES_MAX, instrumented } from './instrument.ts'

const ROOT = join(import.meta.dirname, '../..')

/** The rooms whose ways are counted: all that is reached by what comes from outside. */
const COUNTED = /^src\/(core|app)\//

export interface Built {
  readonly file: string
  readonly edges: number
}

/** Everything that a hunt needs, in one file, with counters; `edits` break something first. */
export const build = async (file: string, edits: readonly Edit[] = []): Promise<Built> => {
  let edges = 0
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'fuzzer.ts'),
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      {
        name: 'counters',
        transform: (code, id) => {
          const path = relative(ROOT, id)
          if (!COUNTED.test(path)) return null
          const made = instrumented(path, mutated(relative('src', path), code, edits), edges)
          edges += made.count
          return made.code
        },
      },
    ],
  })
  // Before any module runs, the counters must be there.
  const intro = `globalThis.${EDGES} = new Uint8Array(${EDGES_MAX});`
  await bundle.write({ file, format: 'esm', banner: intro })
  await bundle.close()
  if (edges > EDGES_MAX) throw new RangeError(`${edges} counters, of ${EDGES_MAX} at most`)
  return { file, edges }
}

export const hunt = ({ file, edges }: Built, workerData: Hunt): Promise<Guided> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData: { ...workerData, edges } })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
