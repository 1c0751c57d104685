import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { type Command, InvalidArgumentError } from 'commander'
import { counted } from '../lab/gals/experiment.ts'
import { type Parsed, parseNumber, parseNumbers, type Range } from '../lab/gals/select.ts'
import { LATENCIES, RATES } from '../lab/peers/cell.ts'
import { peersDocumentOf } from '../lab/peers/document.ts'
import {
  type PeersExperiment,
  type PeersOutcome,
  PUBLISHED,
  peersCellsOf,
  runPeersExperiment,
} from '../lab/peers/experiment.ts'
import { peersFigureOf } from '../lab/peers/figure.ts'
import { publishedOf } from '../lab/peers/published.ts'
import { peersTableOf } from '../lab/peers/table.ts'
import { judge, peersVerdictOf } from '../lab/peers/verdict.ts'
import {
  durationOf,
  EXIT,
  type ExitCode,
  paintFor,
  rateOf,
  runByCrew,
  type Surroundings,
  stopped,
  widthOf,
} from './terminal.ts'
import { notWritable } from './writable.ts'

/** As commander hands them over: what was not written is undefined. */
interface Written {
  readonly delay?: number[]
  readonly latency?: number[]
  readonly rate?: number[]
  readonly adaptive?: true
  readonly churn?: true
  readonly minutes?: number
  readonly runs?: number
  readonly seed?: number
  readonly demo?: true
  readonly json?: true
  readonly svg?: string
  readonly jobs?: number
  readonly quiet?: true
}

interface Wanted {
  readonly experiment: PeersExperiment
  readonly jobs: number
  readonly svg: string | undefined
  readonly json: boolean
  readonly quiet: boolean
}

const MULTIPLIER: Range = { min: 0, max: 100, whole: false }
const LATENCY: Range = { min: 0.1, max: 2_000, whole: false }
const RATE: Range = { min: 0.1, max: 10_000, whole: false }
const MINUTES: Range = { min: 0.05, max: 1_440, whole: false }
const RUNS: Range = { min: 1, max: 1_000, whole: true }
const SEED: Range = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true }
const JOBS: Range = { min: 1, max: 256, whole: true }
/** Of the published experiment. */
const RUNS_PUBLISHED = 3
const MINUTES_PUBLISHED = 5
/** Long enough that chance does not decide, and over in some seconds. */
const MINUTES_DEMO = 3
const DEMO_FIGURE = 'out/peers.svg'

const orSay = <T>(parsed: Parsed<T>): T => {
  if ('error' in parsed) throw new InvalidArgumentError(parsed.error)
  return parsed.value
}
const one = (range: Range) => (text: string) => orSay(parseNumber(text, range))
const several = (range: Range) => (text: string) => orSay(parseNumbers(text, range))

/** `sametick lab peers`: the published experiment of the second paper. */
export const addPeersLab = (
  lab: Command,
  surroundings: Surroundings,
  ended: (code: ExitCode) => void,
): void => {
  lab
    .command('peers')
    .summary('21 peers without a server: rollbacks, beside the published ones')
    .description(DESCRIPTION)
    .optionsGroup('What is run:')
    .option(
      '-d, --delay <list>',
      'how far ahead events are stamped, in times 5 links: 5,2,1, or others',
      several(MULTIPLIER),
    )
    .option('-l, --latency <list>', 'of a link, in ms: 5,25,50,100,250,500, or others', several(LATENCY))
    .option(
      '-r, --rate <list>',
      'events of all peers in a minute: 5,10,25,50,100,200, or others',
      several(RATE),
    )
    .option('-a, --adaptive', 'a delay that follows the network, with one event in a hundred late')
    .option('-c, --churn', 'peers go offline for 20 s every 40 s in the mean, and come back')
    .option('--minutes <number>', 'virtual length of a run (default: 5)', one(MINUTES))
    .option('--runs <number>', 'runs of each cell (default: 3)', one(RUNS))
    .option('--seed <number>', 'all chance comes from it (default: 1)', one(SEED))
    .option(
      '--demo',
      `the 108 published cells, 1 run of ${MINUTES_DEMO} minutes each, drawn into ${DEMO_FIGURE}`,
    )
    .optionsGroup('What comes out:')
    .option('--json', 'one JSON document, and nothing else, on the standard output')
    .option('--svg <file>', 'draw the figure there as well')
    .option('-q, --quiet', 'no progress and no table: what it comes to')
    .option(
      '-j, --jobs <number>',
      `runs at a time (default: ${availableParallelism()}, the cores of this machine)`,
      one(JOBS),
    )
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', AFTER)
    .action(async (written: Written, command: Command) => {
      const wanted = wantedOf(written)
      const wrong = 'error' in wanted ? wanted.error : wanted.value.svg && notWritable(wanted.value.svg)
      if (wrong) return command.error(`error: ${wrong}`, { exitCode: EXIT.usage })
      if ('value' in wanted) ended(await runPeers(wanted.value, surroundings))
    })
}

const DESCRIPTION = `The experiment of Symmetric Peer-to-Peer Applications, in virtual time: 21 peers at 50 ticks a second, links of 5 to 500 ms, 5 to 200 events a minute, and events that are stamped 5, 2 or 1 times the latency of 5 links ahead. How many ticks are travelled back because an event came late, beside the published figures and beside the least that topology and latencies force. All of it is 108 cells, each of 3 runs of 5 virtual minutes: 27 hours.`

const AFTER = `
Examples:
  npx sametick lab peers --demo
  npx sametick lab peers --svg peers.svg
  npx sametick lab peers --adaptive --latency 5,25,50,100,250 --rate 5,25,100
  npx sametick lab peers --churn --adaptive --latency 50 --rate 25
  npx sametick lab peers --json > all.json

The same options give the same figures, with however many jobs, and a part of the cells those of the whole.
Ctrl-C ends it with what is done so far.

Ends with 0; 1 if states differ, a figure is not what it should be, or a run fails; 2 if it is called wrongly.`

const wantedOf = (written: Written): Parsed<Wanted> => {
  const { adaptive = false, churn = false, delay, demo = false } = written
  if (adaptive && delay)
    return { error: '--adaptive finds the delay by itself: leave --delay out, or --adaptive.' }
  if (demo && (adaptive || churn))
    return { error: '--demo runs the published cells: leave --adaptive and --churn out.' }
  const cells = peersCellsOf({
    multipliers: adaptive ? [0] : delay ? [...delay].reverse() : PUBLISHED.multipliers,
    latencies: written.latency ?? LATENCIES,
    rates: written.rate ?? RATES,
    churn,
  })
  const svg = written.svg ?? (demo ? DEMO_FIGURE : undefined)
  if (svg !== undefined && !cells.some((cell) => publishedOf(cell)))
    return { error: 'The figure has the published cells, and none of them is chosen: leave the figure out.' }
  return {
    value: {
      experiment: {
        cells,
        runs: written.runs ?? (demo ? 1 : RUNS_PUBLISHED),
        seconds: 60 * (written.minutes ?? (demo ? MINUTES_DEMO : MINUTES_PUBLISHED)),
        seed: written.seed ?? 1,
      },
      jobs: written.jobs ?? availableParallelism(),
      svg,
      json: written.json ?? false,
      quiet: written.quiet ?? false,
    },
  }
}

/** Run it, show it, and judge it. */
const runPeers = async (wanted: Wanted, surroundings: Surroundings): Promise<ExitCode> => {
  const { experiment } = wanted
  const { now } = surroundings
  const from = now()
  const outcome = await outcomeOf(wanted, surroundings)
  show(wanted, outcome, now() - from, surroundings)
  if (!outcome.complete) {
    const done = outcome.results.reduce((sum, { runs }) => sum + runs, 0)
    return stopped(surroundings, done, experiment.cells.length * experiment.runs)
  }
  return judge(outcome.results).every(({ holds }) => holds) ? EXIT.ok : EXIT.failed
}

const outcomeOf = (wanted: Wanted, surroundings: Surroundings): Promise<PeersOutcome> =>
  runByCrew(wanted, surroundings, ({ peers }, tell) =>
    runPeersExperiment(wanted.experiment, peers, tell, surroundings.signal),
  )

const show = (wanted: Wanted, outcome: PeersOutcome, ms: number, { out, err, env }: Surroundings): void => {
  const { experiment, svg, json, quiet } = wanted
  const { results } = outcome
  const paint = paintFor(out, env)
  if (json) out.write(`${JSON.stringify(peersDocumentOf(experiment, outcome), null, 2)}\n`)
  if (results.length === 0) return
  if (!json && !quiet) {
    const { runs, seconds, seed } = experiment
    out.write(
      `${counted(results.length, 'cell')}, of each ${counted(runs, 'run')} of ${seconds / 60} virtual minutes, seed ${seed}\n\n`,
    )
    out.write(`${peersTableOf(results, { width: widthOf(out, env), paint })}\n\n`)
  }
  if (!json) out.write(`${peersVerdictOf(results, paint)}\n`)
  if (svg !== undefined) writeFileSync(svg, peersFigureOf(results, experiment))
  if (quiet) return
  const notes = json ? err : out
  if (svg !== undefined) notes.write(`The figure is in ${svg}.\n`)
  const virtual_s = results.reduce((sum, result) => sum + result.virtual_s, 0)
  notes.write(
    `${durationOf(1_000 * virtual_s)} of virtual time took ${durationOf(ms)}: ${rateOf(virtual_s, ms)}.\n`,
  )
}
