import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { Worker } from 'node:worker_threads'
import { rolldown } from 'rolldown'
import type { Story } from '../../src/lab/faults/story.ts'
import { type Edit, editsOf, type Mutant, mutated } from './mutant.ts'
import type { Catch, Hunt } from './prey.ts'

const STORIES = join(import.meta.dirname, '../lab/stories')
const ROOT = join(import.meta.dirname, '../..')
const SESSIONS_PREY = join(import.meta.dirname, 'sessions-prey.ts')
export const PEERS_PREY = join(import.meta.dirname, 'peers-prey.ts')
export const MEETING_PREY = join(import.meta.dirname, 'meeting-prey.ts')

export interface HuntOptions {
  /**
   * Whether nothing is tried but the seed or the story that caught it before. A search in its place would find it too,
   * on a machine that is fast enough.
   */
  readonly hints?: boolean
  /** The first seed. */
  readonly from?: number
  /** Seeds at most. */
  readonly count?: number
  /** Time at most, for each mutant; beyond it and a little more a worker hangs. The longest play takes a second. */
  readonly seconds?: number
  /** The file that searches, of its own source: sessions without it. */
  readonly prey?: string
}

export interface Hunted extends Catch {
  readonly mutant: Mutant
  readonly seconds: number
}

export const isCaught = ({ mutant, by }: Hunted): boolean =>
  mutant.by.some((expected) => by.includes(expected))

/** What to do about one that was not caught. */
export const wayOut = ({ mutant, by, what }: Hunted): string =>
  `${mutant.by.join(' or ')} expected, not ${by.join(' ') || 'nothing'} ${what}\nIf the source has changed, another seed may catch it: npm run mutants -- "${mutant.name}" --write`

/** Beyond its time a worker hangs, and is ended. */
const GRACE_SECONDS = 20

/** Search for what a mutant breaks, in a copy of the source of its own. */
export const hunt = async (mutant: Mutant, folder: string, options: HuntOptions = {}): Promise<Hunted> => {
  const { hints = false, from = 1, seconds = 120, prey = SESSIONS_PREY } = options
  const count = hints ? 0 : (options.count ?? 100_000)
  const hint = hints ? (mutant.seed ?? 0) : 0
  const file = join(folder, `${mutant.name.replace(/\W+/g, '-')}.mjs`)
  await build(editsOf(mutant), file, prey)
  const began = performance.now()
  const kept = hints && mutant.story !== undefined ? await storyIn(mutant.story) : undefined
  const caught = await run(file, { hint, kept, from, count, seconds, stories: mutant.stories ?? {} })
  return { mutant, ...caught, seconds: (performance.now() - began) / 1000 }
}

const storyIn = async (name: string): Promise<Story> =>
  JSON.parse(await readFile(join(STORIES, `${name}.json`), 'utf8')) as Story

/** Everything that a search needs, in one file. */
export const build = async (edits: readonly Edit[], file: string, input = SESSIONS_PREY): Promise<void> => {
  const bundle = await rolldown({
    input,
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      {
        name: 'mutant',
        transform: (code, id) => {
          const path = relative(join(ROOT, 'src'), id)
          return edits.some((edit) => edit.file === path) ? mutated(path, code, edits) : null
        },
      },
    ],
  })
  await bundle.write({ file, format: 'esm' })
  await bundle.close()
}

const run = (file: string, workerData: Hunt): Promise<Catch> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData })
    const hung: Catch = { runs: 1, seed: workerData.from, by: ['error'], what: 'it hangs' }
    const timer = setTimeout(
      () => {
        resolve(hung)
        worker.terminate().catch(reject)
      },
      (workerData.seconds + GRACE_SECONDS) * 1000,
    )
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => clearTimeout(timer))
  })

/** Hunt all, some at a time; `each` hears of each as it is caught. */
export const huntAll = async (
  mutants: readonly Mutant[],
  options: HuntOptions & { readonly workers?: number; readonly each?: (hunted: Hunted) => void } = {},
): Promise<Hunted[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'mutants-'))
  const hunted: Hunted[] = []
  const queue = [...mutants.entries()]
  const takeTurns = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [at, mutant] = next
      const one = await hunt(mutant, folder, options)
      hunted[at] = one
      options.each?.(one)
    }
  }
  try {
    await Promise.all(Array.from({ length: options.workers ?? 2 }, takeTurns))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return hunted
}
