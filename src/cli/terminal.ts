import type { Searcher } from '../lab/faults/job.ts'
import type { Progress } from '../lab/gals/experiment.ts'
import { type Paint, PLAIN } from '../lab/gals/table.ts'
import type { Worker } from '../lab/gals/worker.ts'
import type { PeersWorker } from '../lab/peers/experiment.ts'

/** A stream that people may look at. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Workers that somebody has to send home. */
export interface Crew {
  readonly workers: readonly Worker[]
  /** The same, for the experiment with peers. */
  readonly peers: readonly PeersWorker[]
  /** The same, for those who search for failures. */
  readonly searchers: readonly Searcher[]
  end(): Promise<void>
}

/** All that a command sees of the process that it runs in. */
export interface Surroundings {
  readonly out: Output
  readonly err: Output
  readonly env: { readonly [name: string]: string | undefined }
  /** Comes when the user wants to stop. */
  readonly signal: AbortSignal
  /** What follows keeps the process busy, so that it would not hear the signal: from now on that ends it at once. */
  readonly busy: () => void
  /** Starts so many workers. */
  readonly start: (count: number) => Crew
  /** Milliseconds, of whatever beginning. */
  readonly now: () => number
}

/** What a command ends with. */
export const EXIT = {
  ok: 0,
  /** A check failed, or a run did. */
  failed: 1,
  /** The command was not understood, or a file of the user's cannot be used. */
  usage: 2,
  /** As a shell has it for Ctrl-C. */
  stopped: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const WIDTH_OF_NO_TERMINAL = 120

export const widthOf = (output: Output, env: Surroundings['env']): number => {
  const width = output.columns ?? Number(env.COLUMNS)
  return width > 0 ? width : WIDTH_OF_NO_TERMINAL
}

/** Whether words may be coloured there: as https://no-color.org has it, and not where nobody looks. */
export const hasColours = (output: Output, env: Surroundings['env']): boolean => {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return output.isTTY === true && env.TERM !== 'dumb'
}

export const paintFor = (output: Output, env: Surroundings['env']): Paint =>
  hasColours(output, env) ? COLOURED : PLAIN

const set =
  (on: number, off: number) =>
  (text: string): string =>
    `\x1b[${on}m${text}\x1b[${off}m`

const COLOURED: Paint = { bold: set(1, 22), dim: set(2, 22), yellow: set(33, 39), red: set(31, 39) }

/** Ends what Ctrl-C has cut short, and says how far it came. */
export const stopped = ({ err, env }: Surroundings, done: number, all: number, what = 'runs'): ExitCode => {
  err.write(`${paintFor(err, env).yellow(`Stopped after ${done} of ${all} ${what}.`)}\n`)
  return EXIT.stopped
}

/** A text from elsewhere with nothing in it that a terminal would obey. */
export const visible = (text: string): string =>
  text.replace(/\p{C}/gu, (sign) => `\\u{${(sign.codePointAt(0) as number).toString(16)}}`)

/** `4 min 12 s` */
export const durationOf = (ms: number): string => {
  const s = Math.round(ms / 1_000)
  if (s < 60) return `${s} s`
  const min = Math.floor(s / 60)
  if (min < 60) return `${min} min ${String(s % 60).padStart(2, '0')} s`
  return `${Math.floor(min / 60)} h ${String(min % 60).padStart(2, '0')} min`
}

/** How many times faster than real time, with no more digits than mean anything. */
export const rateOf = (virtual_s: number, ms: number): string => {
  const rate = (1_000 * virtual_s) / Math.max(1, ms)
  return `${rate < 10 ? rate.toFixed(1) : Number(rate.toPrecision(2)).toLocaleString('en')} × real time`
}

const percentOf = (share: number): string => `${Math.floor(100 * share)} %`

/** What is known of the way so far, after so many milliseconds. */
const partsOf = ({ runsDone, runs, share, virtual_s }: Progress, ms: number, what: string): string[] => [
  `${runsDone} of ${runs} ${what}`,
  ...(runsDone > 0
    ? [rateOf(virtual_s, ms), `${durationOf((ms * (1 - share)) / share)} left`]
    : [`${durationOf(ms)} so far`]),
]

/** A line that is drawn over the one before. */
export const barOf = (progress: Progress, ms: number, width: number, paint: Paint, what = 'runs'): string => {
  const words = `  ${percentOf(progress.share).padStart(5)}  ${partsOf(progress, ms, what).join('  ')}`
  const room = Math.min(40, width - words.length - 1)
  if (room < 8) return words.slice(0, width - 1)
  const full = Math.round(room * progress.share)
  return '━'.repeat(full) + paint.dim('─'.repeat(room - full)) + words
}

/** A line for a log. */
export const lineOf = (progress: Progress, ms: number, what = 'runs'): string =>
  [percentOf(progress.share), ...partsOf(progress, ms, what)].join(', ')

const REDRAW_MS = 100
/** What is not a terminal gets a line this often, so that a log shows that something goes on. */
const LOG_MS = 30_000

/** Shows progress on a terminal as a bar, elsewhere as a line now and then. */
export class ProgressView {
  private readonly surroundings: Surroundings
  private readonly paint: Paint
  private readonly what: string
  private readonly from: number
  private shownAt: number
  private timer: NodeJS.Timeout | undefined
  private last: Progress | undefined

  /** `what`: runs of what. */
  constructor(surroundings: Surroundings, what = 'runs') {
    this.surroundings = surroundings
    this.what = what
    this.paint = paintFor(surroundings.err, surroundings.env)
    this.from = surroundings.now()
    this.shownAt = this.from
    // What is left gets less while a long run goes on, too.
    if (this.live) this.timer = setInterval(() => this.draw(), 10 * REDRAW_MS)
  }

  show(progress: Progress): void {
    this.last = progress
    if (this.surroundings.now() - this.shownAt >= (this.live ? REDRAW_MS : LOG_MS)) this.draw()
  }

  /** Something that is worth a line of its own, and stays. */
  say(line: string): void {
    const { err } = this.surroundings
    err.write(this.live ? `${CLEARED}${line}\n` : `${line}\n`)
    this.draw()
  }

  /** Leaves nothing on a terminal. */
  end(): void {
    clearInterval(this.timer)
    if (this.live) this.surroundings.err.write(CLEARED)
  }

  private get live(): boolean {
    const { err, env } = this.surroundings
    return err.isTTY === true && env.TERM !== 'dumb'
  }

  private draw(): void {
    if (!this.last) return
    const { err, env, now } = this.surroundings
    this.shownAt = now()
    const ms = this.shownAt - this.from
    if (this.live) err.write(CLEARED + barOf(this.last, ms, widthOf(err, env), this.paint, this.what))
    else err.write(`${lineOf(this.last, ms, this.what)}\n`)
  }
}

/** To the line's beginning, and nothing on it. */
const CLEARED = '\r\x1b[2K'

/** Run an experiment by as many jobs as are wanted, and show how far it is. */
export const runByCrew = async <T>(
  { experiment, jobs, quiet }: Runs,
  surroundings: Surroundings,
  run: (crew: Crew, tell: (progress: Progress) => void) => Promise<T>,
): Promise<T> => {
  const crew = surroundings.start(Math.min(jobs, experiment.cells.length * experiment.runs))
  const view = quiet ? undefined : new ProgressView(surroundings)
  try {
    return await run(crew, (progress) => view?.show(progress))
  } finally {
    view?.end()
    await crew.end()
  }
}

interface Runs {
  readonly experiment: { readonly cells: readonly unknown[]; readonly runs: number }
  readonly jobs: number
  readonly quiet: boolean
}
