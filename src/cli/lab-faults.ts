import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import type { Discipline } from '../core/session/options.ts'
import { type HuntOptions, type HuntProgress, huntFaults } from '../lab/faults/hunt.ts'
import type { Failure, Tally } from '../lab/faults/job.ts'
import {
  coveragePage,
  documentOf,
  failureLine,
  failurePage,
  othersPage,
  summaryOf,
} from '../lab/faults/report.ts'
import type { Story } from '../lab/faults/story.ts'
import { parseNumber, type Range } from '../lab/gals/select.ts'
import { orSay } from './lab-options.ts'
import {
  type Crew,
  durationOf,
  EXIT,
  type ExitCode,
  ProgressView,
  paintFor,
  rateOf,
  type Surroundings,
  stopped,
} from './terminal.ts'
import { notWritable } from './writable.ts'

interface Written {
  readonly seeds?: number
  readonly from?: number
  readonly discipline?: Discipline
  readonly all?: true
  readonly coverage?: true
  readonly json?: true
  readonly quiet?: true
  readonly jobs?: number
  readonly stories?: string
}

const SEEDS: Range = { min: 1, max: 1_000_000_000, whole: true }
const FROM: Range = { min: 0, max: 2 ** 52, whole: true }
const JOBS: Range = { min: 1, max: 256, whole: true }
const one = (range: Range) => (text: string) => orSay(parseNumber(text, range))

const DEFAULTS = { seeds: 1_000, from: 1, stories: 'out/stories' }
/** One seed in a hundred is run twice: both times the same, or chance has come in from elsewhere. */
const TWICE_IN = 100

/** `sametick lab faults`: random worlds under random faults, until something breaks. */
export const addFaults = (
  lab: Command,
  surroundings: Surroundings,
  ended: (code: ExitCode) => void,
): void => {
  lab
    .command('faults')
    .summary('random worlds under random faults, until something breaks')
    .description(DESCRIPTION)
    .option('-s, --seeds <number>', `how many (default: ${DEFAULTS.seeds})`, one(SEEDS))
    .option('--from <seed>', `the first (default: ${DEFAULTS.from})`, one(FROM))
    .addOption(
      new Option('-d, --discipline <name>', 'all sessions in this one (default: each its own)').choices([
        'gals',
        'horizon',
        'auto',
      ]),
    )
    .option('--all', 'go on when something breaks')
    .option('--coverage', 'print what befell sessions in which state')
    .option('--stories <folder>', `where shrunk stories are kept (default: ${DEFAULTS.stories})`)
    .option('--json', 'one JSON document, and nothing else, on the standard output')
    .option('-q, --quiet', 'no progress')
    .option(
      '-j, --jobs <number>',
      `at a time (default: ${availableParallelism()}, the cores of this machine)`,
      one(JOBS),
    )
    .addHelpText('after', AFTER)
    .action(async (written: Written, command: Command) => {
      const folder = written.stories ?? DEFAULTS.stories
      const wrong = notWritable(join(folder, '1.json'))
      if (wrong !== undefined) return command.error(`error: ${wrong}`, { exitCode: EXIT.usage })
      ended(await runFaults(written, folder, surroundings))
    })
}

const runFaults = async (written: Written, folder: string, surroundings: Surroundings): Promise<ExitCode> => {
  const { now } = surroundings
  const { seeds = DEFAULTS.seeds, from = DEFAULTS.from, all = false, discipline } = written
  const jobs = Math.min(written.jobs ?? availableParallelism(), seeds)
  const stories = discipline === undefined ? {} : { discipline }
  const options: HuntOptions = { from, seeds, all, stories, twiceIn: TWICE_IN }
  const crew = surroundings.start(jobs)
  const began = now()
  try {
    const tally = await searched(options, crew, written, surroundings)
    const ms = now() - began
    const shrunk = await firstShrunk(tally, crew, surroundings)
    const kept = shrunk === undefined ? undefined : keep(shrunk, folder)
    show(written, options, tally, ms, shrunk && { ...shrunk, kept: kept as string }, surroundings)
    if (tally.found.length > 0 || tally.unequal.length > 0) return EXIT.failed
    if (tally.runs === seeds) return EXIT.ok
    return stopped(surroundings, tally.runs, seeds, 'seeds')
  } finally {
    await crew.end()
  }
}

const searched = async (
  options: HuntOptions,
  crew: Crew,
  { quiet, all }: Written,
  surroundings: Surroundings,
): Promise<Tally> => {
  const view = quiet ? undefined : new ProgressView(surroundings, 'seeds')
  try {
    const told = (progress: HuntProgress): void => {
      // Who goes on wants to know at once; else the page about it comes next.
      if (all) for (const failure of progress.found) view?.say(failureLine(failure))
      view?.show(progress)
    }
    return await huntFaults(options, crew.searchers, told, surroundings.signal)
  } finally {
    view?.end()
  }
}

interface Shrunk {
  readonly failure: Failure
  readonly story: Story
}

/** The first failure, made as small as it gets. Ctrl-C leaves it as it is. */
const firstShrunk = async (
  { found: [failure] }: Tally,
  crew: Crew,
  { signal }: Surroundings,
): Promise<Shrunk | undefined> => {
  if (failure === undefined) return undefined
  const { story, violations } = failure
  // A thread may still be at the seeds that nobody waits for any more: it answers in its turn.
  const smaller = crew.searchers.at(0)?.shrink({ story, invariant: violations[0]?.invariant })
  const stopped = new Promise<Story>((resolve) => {
    if (signal.aborted) resolve(story)
    else signal.addEventListener('abort', () => resolve(story), { once: true })
  })
  return { failure, story: await Promise.race([smaller ?? story, stopped]) }
}

const keep = ({ failure, story }: Shrunk, folder: string): string => {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${failure.seed}.json`)
  writeFileSync(file, `${JSON.stringify(story, null, 2)}\n`)
  return file
}

const show = (
  { json, coverage }: Written,
  options: HuntOptions,
  tally: Tally,
  ms: number,
  shrunk: (Shrunk & { readonly kept: string }) | undefined,
  { out, err, env }: Surroundings,
): void => {
  const paint = paintFor(out, env)
  const virtual_s = tally.length / 1e6
  const took = `${durationOf(1_000 * virtual_s)} of virtual time took ${durationOf(ms)}: ${rateOf(virtual_s, ms)}, ${((1_000 * tally.runs) / Math.max(1, ms)).toFixed(0)} seeds a second.`
  if (json) {
    out.write(`${JSON.stringify(documentOf(options, tally, shrunk), null, 2)}\n`)
    err.write(`${took}\n`)
    return
  }
  if (tally.runs === 0) return
  if (coverage) out.write(`${coveragePage(tally.table).join('\n')}\n\n`)
  out.write(`${summaryOf(options, tally, paint).join('\n')}\n${took}\n`)
  if (shrunk === undefined) return
  const page = [
    ...failurePage(shrunk.failure, shrunk.story, shrunk.kept, options, paint),
    ...othersPage(tally.found),
  ]
  out.write(`\n${page.join('\n')}\n`)
}

const DESCRIPTION = `Random worlds under random faults, in virtual time, until something breaks: sessions of 2 to 6 instances and more that come anew, 5 to 60 ticks a second, a minute each in the mean. Each seed draws its own kinds of faults (of networks, processes, clocks and behaviour, and limits at their least), and all invariants are checked all along. What breaks is made smaller until nothing more can be taken away, and the command that repeats it is printed.`

const AFTER = `
Examples:
  npx sametick lab faults
  npx sametick lab faults --seeds 10000 --from 5000 --coverage
  npx sametick lab faults --discipline horizon --all --json > found.json
  npx sametick lab story 17 --svg out/17.svg        one of them as text and as a drawing

The same seeds give the same runs, on any machine and with however many jobs. One in a hundred is run twice.
Ctrl-C ends it with what is done so far.

Ends with 0; 1 if an invariant is broken, a machine fails or a run is not the same twice; 2 if it is called wrongly;
130 if it was stopped.`
