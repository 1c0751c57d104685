import { runProgram } from '../../src/cli/program.ts'
import type { Crew, Surroundings } from '../../src/cli/terminal.ts'
import { runSearch, runShrink, type Searcher } from '../../src/lab/faults/job.ts'
import type { CellResult } from '../../src/lab/gals/cell.ts'
import type { Job } from '../../src/lab/gals/worker.ts'
import type { PeersJob } from '../../src/lab/peers/experiment.ts'
import { resultOf } from '../lab/gals/made-up.ts'
import { peersResultOf } from '../lab/peers/made-up.ts'

/** What a command has said, and what it ended with. */
export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
  /** The runs that were asked for, in their order. */
  readonly jobs: readonly Job[]
}

export interface Stage extends Partial<Pick<Surroundings, 'env' | 'signal'>> {
  /** What a run gives; as a rule, a made-up result at once. */
  readonly run?: (job: Job) => CellResult | Promise<CellResult>
  /** Who searches for failures; as a rule, this process does. */
  readonly searcher?: Searcher
  /** How wide the terminal is, if there is one. */
  readonly columns?: number
  /** Hears what is said as it is said. */
  readonly hear?: (text: string) => void
}

const HERE: Searcher = {
  search: (job) => Promise.resolve(runSearch(job)),
  shrink: (job) => Promise.resolve(runShrink(job)),
}

/** Runs a command line in this process, with made-up results, and gives what it said. */
export const say = async (line: string, stage: Stage = {}): Promise<Said> => {
  const {
    columns,
    hear,
    run = ({ cell }) => resultOf(cell),
    searcher = HERE,
    env = {},
    signal = new AbortController().signal,
  } = stage
  const said = { out: '', err: '' }
  const jobs: Job[] = []
  let ms = 0
  const crew = (count: number): Crew => ({
    workers: Array.from({ length: count }, () => ({
      run: (job: Job) => {
        jobs.push(job)
        ms += 1_000
        return Promise.resolve(run(job))
      },
    })),
    peers: Array.from({ length: count }, () => ({
      run: (job: PeersJob) => {
        ms += 1_000
        return Promise.resolve(peersResultOf(job.cell))
      },
    })),
    searchers: Array.from({ length: count }, () => searcher),
    end: () => Promise.resolve(),
  })
  const output = (to: 'out' | 'err') => ({
    write: (text: string) => {
      said[to] += text
      hear?.(text)
    },
    ...(columns === undefined ? {} : { isTTY: true, columns }),
  })
  const code = await runProgram(line.split(' ').filter(Boolean), {
    out: output('out'),
    err: output('err'),
    env,
    signal,
    busy: () => undefined,
    start: crew,
    now: () => ms,
  })
  return { code, ...said, jobs }
}

/** A command that goes on until it is stopped, in this process. */
export interface Begun {
  /** Until something holds of what it has said; an error with all of that if it ends before. */
  until<T>(holds: (heard: string) => T | undefined | false | null): Promise<T>
  /** All that it has said. */
  readonly heard: string
  /** Ends it as Ctrl-C does. */
  stop(): void
  readonly ended: Promise<Said>
}

export const begin = (line: string, stage: Omit<Stage, 'hear' | 'signal'> = {}): Begun => {
  const stop = new AbortController()
  let heard = ''
  let over: Said | undefined
  const wake: (() => void)[] = []
  const look = (): void => {
    for (const each of wake.splice(0)) each()
  }
  const ended = say(line, {
    ...stage,
    signal: stop.signal,
    hear: (text) => {
      heard += text
      look()
    },
  }).then((said) => {
    over = said
    look()
    return said
  })
  const until: Begun['until'] = async (holds) => {
    for (;;) {
      const found = holds(heard)
      if (found) return found
      if (over) throw new Error(`sametick ${line} has ended with ${over.code}: ${heard}`)
      await new Promise<void>((resolve) => wake.push(resolve))
    }
  }
  return {
    until,
    get heard() {
      return heard
    },
    stop: () => stop.abort(),
    ended,
  }
}
