import { availableParallelism } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Discipline } from '../core/session/options.ts'
import type { Experiment } from '../lab/gals/experiment.ts'
import { publishedFor } from '../lab/gals/published.ts'
import {
  cellsOf,
  FIGURE_8,
  type Parsed,
  parseNets,
  parseNumber,
  parseNumbers,
  RANGES,
  type Range,
  WHOLE,
} from '../lab/gals/select.ts'
import { PAPER_K, PAPER_MARGIN, type Rules } from '../lab/gals/worker.ts'
import type { NetName } from '../lab/networks.ts'

/** What the words of the command line mean. */
export interface Wanted {
  readonly experiment: Experiment
  readonly jobs: number
  readonly svg: string | undefined
  readonly json: boolean
  readonly quiet: boolean
}

/** As commander hands them over: what was not written is undefined. */
export interface Written {
  readonly network?: NetName[]
  readonly fps?: number[]
  readonly instances?: number[]
  readonly every?: number[]
  readonly minutes?: number
  readonly runs?: number
  readonly seed?: number
  readonly demo?: true
  readonly discipline?: Discipline
  readonly tuned?: true
  readonly k?: number
  readonly margin?: number | 'tuned'
  readonly first?: true
  readonly json?: true
  readonly svg?: string
  readonly jobs?: number
  readonly quiet?: true
}

const MINUTES: Range = { min: 0.05, max: 1_440, whole: false }
const RUNS: Range = { min: 1, max: 1_000, whole: true }
const SEED: Range = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true }
const K: Range = { min: 0, max: 100, whole: false }
const MARGIN: Range = { min: 0, max: 1_000_000, whole: true }
const JOBS: Range = { min: 1, max: 256, whole: true }

/** As the paper's authors ran each cell. */
const RUNS_OF_THE_PAPER = 3
const MINUTES_OF_THE_PAPER = 5
/** Long enough that the figures are near those of the whole, and over in some seconds. */
const DEMO_MINUTES = 3
const DEMO_FIGURE = 'out/figure8.svg'

export const orSay = <T>(parsed: Parsed<T>): T => {
  if ('error' in parsed) throw new InvalidArgumentError(parsed.error)
  return parsed.value
}
const one = (range: Range) => (text: string) => orSay(parseNumber(text, range))
const several = (range: Range) => (text: string) => orSay(parseNumbers(text, range))
const marginOf = (text: string): number | 'tuned' => {
  if (text === 'tuned') return text
  const parsed = parseNumber(text, MARGIN)
  return orSay('error' in parsed ? { error: `${parsed.error} Or write tuned.` } : parsed)
}

export const addGalsOptions = (command: Command): Command =>
  command
    .optionsGroup('What is run:')
    .addOption(
      new Option('-n, --network <list>', 'some of loopback, lan, wan').argParser((text) =>
        orSay(parseNets(text)),
      ),
    )
    .option('-f, --fps <list>', 'ticks a second: 10,25,50,100, or others', several(RANGES.fps))
    .option('-i, --instances <list>', 'sizes: 2,5,10,25,50,100, or others', several(RANGES.instances))
    .option(
      '-e, --every <list>',
      'seconds between two events of the session: 5,1,0.5,0.25, or others',
      several(RANGES.seconds),
    )
    .option('--minutes <number>', 'virtual length of a run (default: 5)', one(MINUTES))
    .option('--runs <number>', 'runs of each cell (default: 3)', one(RUNS))
    .option('--seed <number>', 'all chance comes from it (default: 1)', one(SEED))
    .option(
      '--demo',
      `the 108 cells of the figure, 1 run of ${DEMO_MINUTES} minutes each, drawn into ${DEMO_FIGURE}`,
    )
    .optionsGroup('By which rules:')
    .addOption(
      new Option('-d, --discipline <name>', 'how events find their tick (default: gals)').choices([
        'gals',
        'horizon',
        'auto',
      ]),
    )
    .option('--tuned', 'tuned k and margin, in place of those of the paper')
    .option(
      '--k <number>',
      `round trips before a deadline (default in gals: ${PAPER_K}, the paper's)`,
      one(K),
    )
    .option(
      '--margin <us>',
      `microseconds an instance before a deadline, or tuned (default in gals: ${PAPER_MARGIN}, the paper's)`,
      marginOf,
    )
    .option('--first', "the rules of the paper's first implementation, to see how near the lab comes to it")
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

/** What is wanted, or a sentence about what does not go together. */
export const wantedOf = (written: Written): Parsed<Wanted> => {
  const rules = rulesOf(written)
  if ('error' in rules) return rules
  const whole = written.demo ? FIGURE_8 : WHOLE
  const cells = cellsOf({
    nets: written.network ?? whole.nets,
    fps: written.fps ?? whole.fps,
    instances: written.instances ?? whole.instances,
    seconds: written.every ?? whole.seconds,
  })
  const svg = written.svg ?? (written.demo ? DEMO_FIGURE : undefined)
  if (svg !== undefined && !cells.some((cell) => publishedFor(cell)))
    return {
      error:
        'The figure has the published cells, and none of them is chosen: choose among --fps 10,25,50, --instances 5,10,25,50 and --every 1,0.5,0.25, or leave the figure out.',
    }
  const minutes = written.minutes ?? (written.demo ? DEMO_MINUTES : MINUTES_OF_THE_PAPER)
  return {
    value: {
      experiment: {
        cells,
        runs: written.runs ?? (written.demo ? 1 : RUNS_OF_THE_PAPER),
        seconds: minutes * 60,
        seed: written.seed ?? 1,
        rules: rules.value,
      },
      jobs: written.jobs ?? availableParallelism(),
      svg,
      json: written.json ?? false,
      quiet: written.quiet ?? false,
    },
  }
}

const rulesOf = (written: Written): Parsed<Rules> => {
  const { first, discipline = 'gals', tuned } = written
  const rounds = (['k', 'margin'] as const).filter((name) => written[name] !== undefined).map((n) => `--${n}`)
  if (first) {
    const others = [...(written.discipline ? ['--discipline'] : []), ...(tuned ? ['--tuned'] : []), ...rounds]
    if (others.length > 0)
      return { error: `--first has rules of its own: leave ${others.join(' and ')} out, or --first.` }
    return { value: { kind: 'first' } }
  }
  if (tuned && rounds.length > 0)
    return {
      error: `--tuned stands for a tuned k and margin: leave ${rounds.join(' and ')} out, or --tuned.`,
    }
  if (discipline === 'horizon' && rounds.length > 0)
    return {
      error: `horizon takes no rounds: leave ${rounds.join(' and ')} out, or choose --discipline gals.`,
    }
  const papers = discipline === 'gals' && !tuned
  const { k = papers ? PAPER_K : undefined, margin = papers ? PAPER_MARGIN : undefined } = written
  return { value: { kind: 'ours', discipline, k, margin: margin === 'tuned' ? undefined : margin } }
}
