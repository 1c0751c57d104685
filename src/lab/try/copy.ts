import { clone } from '../../app/clone.ts'
import type { Failure } from '../../app/failure.ts'
import { Runner } from '../../app/runner.ts'
import { restoreWorld, saveWorld } from '../../app/saved.ts'
import type { World } from '../../app/world.ts'
import { digest } from '../../core/timeline/digest.ts'
import { type Input, RESERVED, TICK } from '../../core/timeline/event.ts'
import { nowAt, type Tick } from '../../core/timeline/tick.ts'
import { Environment } from './environment.ts'
import { type Lost, lostBetween } from './live.ts'
import type { Dimension, Fresh, Subject } from './subject.ts'
import type { Timeline } from './timeline.ts'
import { watched } from './watched.ts'

/** How the machine of one instance is, beside the others. */
export interface Conduct {
  readonly differs: ReadonlySet<Dimension>
  readonly only?: ReadonlySet<string> | undefined
  /** 0: the plain one. */
  readonly salt: number
  readonly seed: number
}

/** A state as it was after an input of the tick that is looked at. */
export interface Kept {
  /** Undefined: before the first input. */
  readonly input: Input | undefined
  readonly world: World
}

/** Why a state could not be compared, or not restored. */
export interface Problem {
  readonly tick: Tick
  readonly what: string
}

export interface CopyRun {
  /** The application as it ran last: after a newcomer, that of the newcomer's process. */
  readonly subject: Subject
  /** Of the whole world at the end of each tick. */
  readonly digests: number[]
  readonly environment: Environment
  /** Of each handler that failed, how often and how first. */
  readonly failures: Map<string, { count: number; readonly first: Failure }>
  readonly renderFailed: string | undefined
  /** The tick with which the session ended; undefined if it goes on. */
  readonly endedAt: Tick | undefined
  /** What the last restore lost, and at the end of which tick it was. */
  readonly lost: (Lost & { readonly tick: Tick }) | undefined
  readonly problem: Problem | undefined
  /** Of the tick that was asked for. */
  readonly kept: Kept[]
}

export interface RunOptions {
  /** The last tick to run; undefined: all. */
  readonly upTo?: Tick
  /** Keep the states of this tick. */
  readonly keepAt?: Tick
}

/** Promises go on by so many turns between two ticks, if they go on at all. */
const TURNS = 10
/** The program's own: while a step runs a trap stands there. */
const { setImmediate: soon } = globalThis as { setImmediate?: (call: () => void) => unknown }
/** Whatever this process has been told is handled: a message from a port, a file that was read. */
const turn = (): Promise<void> | undefined => soon && new Promise((resolve) => void soon(resolve))
/** A process of its own costs more than a snapshot: so many of them in one run at most. */
const NEWCOMERS_MAX = 8

const hashOf = (tick: Tick, salt: number): number =>
  (Math.imul(Math.imul(tick + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b), 0xc2b2ae35) >>> 0) >>> 8

/** Whether an instance is saved and restored at the end of a tick, and how. */
const restoreAt = (tick: Tick, salt: number): 'restore' | 'newcomer' | undefined => {
  if (hashOf(tick, salt) % 48 !== 0 && tick !== 3 + 4 * salt) return undefined
  return hashOf(tick, salt + 1) % 2 === 0 ? 'newcomer' : 'restore'
}

function* newcomersIn({ differs, salt }: Conduct, upTo: Tick): Generator<Tick> {
  if (!differs.has('newcomer')) return
  let count = 0
  for (let tick = 0; tick <= upTo && count < NEWCOMERS_MAX; tick++)
    if (restoreAt(tick, salt) === 'newcomer') {
      count++
      yield tick
    }
}

const NAMES = new Map<number, string>(Object.entries(RESERVED).map(([name, id]) => [id, name]))

/** The name of what handles an input. */
export const handlerOf = ({ app }: Subject, { id }: Pick<Input, 'id'>): string => {
  if (id === TICK) return 'tick'
  if (id < 0) return `on.${NAMES.get(id)}`
  const event = Object.entries(app.events).find(([, kind]) => kind.id === id)
  return event ? `on.${event[0]}` : 'input'
}

/** Runs one instance along a timeline, on a machine of its own. */
export const runCopy = async (
  fresh: Fresh,
  timeline: Timeline,
  conduct: Conduct,
  { upTo = timeline.ticks.length - 1, keepAt }: RunOptions = {},
): Promise<CopyRun> => {
  const environment = new Environment({ ...conduct, walks: keepAt !== undefined })
  const copy = new Copy(await environment.load(fresh), environment, timeline, conduct, keepAt)
  // Processes of their own begin before the run: nothing may wait in it but what the application itself waits for.
  for (const _ of newcomersIn(conduct, upTo)) copy.processes.push(await environment.load(fresh))
  for (let tick = 0; tick <= upTo && copy.problem === undefined; tick++) {
    copy.run(tick)
    if (copy.goesOnAfter(tick)) {
      for (let i = 0; i < TURNS; i++) await undefined
      await turn()
      copy.environment.fire()
    }
    copy.between(tick)
    copy.note(tick)
  }
  return copy
}

class Copy implements CopyRun {
  readonly digests: number[] = []
  readonly environment: Environment
  readonly failures: CopyRun['failures'] = new Map()
  readonly kept: Kept[] = []
  renderFailed: string | undefined
  lost: CopyRun['lost']
  problem: Problem | undefined
  readonly processes: Subject[] = []
  private readonly timeline: Timeline
  private readonly conduct: Conduct
  private readonly keepAt: Tick | undefined
  subject: Subject
  private runner: Runner

  constructor(
    subject: Subject,
    environment: Environment,
    timeline: Timeline,
    conduct: Conduct,
    keepAt: Tick | undefined,
  ) {
    this.subject = subject
    this.timeline = timeline
    this.conduct = conduct
    this.keepAt = keepAt
    this.environment = environment
    environment.handler = 'start'
    this.runner = this.runnerOf(subject)
  }

  private runnerOf({ app }: Subject): Runner {
    const { environment } = this
    return new Runner(watched(app, environment), { guard: environment })
  }

  run(tick: Tick): void {
    const { environment, runner, subject } = this
    environment.tick = tick
    environment.now = nowAt(tick, subject.app.fps)
    if (tick === this.keepAt) this.keep(undefined)
    for (const input of this.timeline.ticks[tick] ?? []) {
      environment.handler = handlerOf(subject, input)
      const failure = runner.take(input)
      if (failure) this.failed(environment.handler, failure)
      if (tick === this.keepAt) this.keep(input)
    }
    this.render(tick)
  }

  get endedAt(): Tick | undefined {
    return this.runner.ended?.tick
  }

  private failed(handler: string, first: Failure): void {
    const known = this.failures.get(handler)
    if (known) known.count++
    else this.failures.set(handler, { count: 1, first })
  }

  private keep(input: Input | undefined): void {
    try {
      this.kept.push({ input, world: clone(this.runner.whole()) })
    } catch {
      // What cannot be copied is named where it is compared.
    }
  }

  private render(tick: Tick): void {
    const { render } = this.subject
    const { differs, salt } = this.conduct
    if (render === undefined || !differs.has('render') || tick % (1 + (salt % 3)) !== 0) return
    const state = this.runner.state
    try {
      render(state, { alpha: 0.5, before: this.runner.copyOfState(), me: 1, status: { phase: 'running' } })
    } catch (error) {
      this.renderFailed ??= String(error)
    }
  }

  /** Whether promises and timers come to their turn after a tick: on a slow machine several ticks run in a row. */
  goesOnAfter(tick: Tick): boolean {
    return !this.conduct.differs.has('later') || tick % (2 + (this.conduct.salt % 3)) === 1
  }

  /** What may happen between two ticks: it is saved and restored, here or in a process of its own. */
  between(tick: Tick): void {
    const { differs, salt } = this.conduct
    const how = restoreAt(tick, salt)
    if (how === undefined || !differs.has(how)) return
    const process = how === 'newcomer' ? this.processes.shift() : undefined
    if (how === 'restore' || process !== undefined) this.restore(tick, process ?? this.subject)
  }

  private restore(tick: Tick, subject: Subject): void {
    const { runner, environment } = this
    environment.handler = 'start'
    try {
      const saved = saveWorld(runner)
      const restored = this.runnerOf(subject)
      if (!restoreWorld(restored, saved)) {
        this.problem = { tick, what: 'restore() does not take what save() gave.' }
        return
      }
      const { lost, followed } = lostBetween(runner.state, restored.state, environment.suspect)
      if (lost !== undefined) this.lost = { ...lost, tick }
      environment.suspect = lost?.object ?? followed
      this.subject = subject
      this.runner = restored
    } catch (error) {
      this.problem = { tick, what: error instanceof Error ? error.message : String(error) }
    }
  }

  /** The tick is over. */
  note(tick: Tick): void {
    try {
      this.digests.push(digest(this.runner.whole()))
    } catch (error) {
      this.problem ??= { tick, what: error instanceof Error ? error.message : String(error) }
    }
    if (tick === this.keepAt) this.keep(undefined)
  }
}
