import { Random } from '../../core/random.ts'
import type { Tick } from '../../core/timeline/tick.ts'
import { loadOn, type Machine, stepOn } from './machine.ts'
import { siteInApp, siteOf } from './site.ts'
import { lowerTraps, put, raiseTraps, type Stand, standing, take, trapped } from './stands.ts'
import type { Dimension, Fresh, Subject } from './subject.ts'
import { type Walked, walkTraps } from './walks.ts'

/** A use of something that may differ between machines. */
export interface Call {
  readonly dimension: Dimension
  /** `Math.sin`, `new Date`. */
  readonly name: string
  /** `start`, `tick`, the name of an event, or `the module` when it is loaded. */
  readonly handler: string
  /** `app.js:31:14`; undefined if it cannot be told. */
  readonly at: string | undefined
  readonly first: Tick
  /** The last tick in which it was used. */
  last: Tick
  count: number
}

export interface EnvironmentOptions {
  /** In what this machine differs from the plain one. */
  readonly differs: ReadonlySet<Dimension>
  /** Of these functions only; undefined: of all. */
  readonly only?: ReadonlySet<string> | undefined
  /** Tells machines apart; 0 is the plain one. */
  readonly salt: number
  readonly seed: number
  /** Whether it is seen to where a suspect is walked through, which makes every walk slow. */
  readonly walks?: boolean
}

interface Timer {
  readonly handle: number
  readonly call: () => unknown
  readonly handler: string
  readonly every: number | undefined
  due: number
}

/** What runs while a program is loaded. */
export const LOADED = 'the module'
/** Some day, at some hour. */
const EPOCH = 1_700_000_000_000
/** The first other machine is a little late; the next are of another hour, as by a clock that nobody has set. */
const WRONG_BY = 6_133_000
/** Stacks are looked at for so many calls of one function in one handler: looking costs more than the call. */
const LOOKED_AT_MAX = 32

/**
 * The machine that one instance believes to run on. It is put up while a step runs and taken down after it, and
 * gives the step other clocks, chance and last bits than the machines of other instances give to theirs.
 */
export class Environment implements Machine, Walked {
  readonly salt: number
  readonly random: Random
  readonly calls = new Map<string, Call>()
  /** What runs at the moment, and at which tick. */
  handler = 'start'
  tick: Tick = 0
  /** Virtual milliseconds since tick 0. */
  now = 0
  /** A Map, a Set or an object whose order is suspected, and where it was walked through last. */
  suspect: object | undefined
  walkedAt: string | undefined
  private readonly options: EnvironmentOptions
  private readonly walks: readonly Stand[]
  private readonly looked = new Map<string, number>()
  private timers: Timer[] = []
  private handles = 0
  private reads = 0
  /** On what ran whatever has begun a step within. */
  private readonly before: (Machine | undefined)[] = []

  constructor(options: EnvironmentOptions) {
    this.options = options
    this.salt = options.salt
    const salt = options.differs.has('chance') ? options.salt : 0
    this.random = new Random(options.seed, salt)
    this.walks = standing(options.walks ? walkTraps(this) : [])
  }

  // --- the guard of the runner

  raise(): void {
    raiseTraps()
    this.before.push(stepOn(this))
    put(this.walks)
  }

  lower(): void {
    take(this.walks)
    stepOn(this.before.pop())
    lowerTraps()
  }

  /** Run something else of the application's than a step: where it walks is of no interest. */
  inside<T>(handler: string, run: () => T): T {
    const { suspect, handler: before } = this
    this.handler = handler
    this.suspect = undefined
    this.raise()
    try {
      return run()
    } finally {
      this.lower()
      this.handler = before
      this.suspect = suspect
    }
  }

  /** The application as this machine loads it. */
  load(fresh: Fresh): Promise<Subject> {
    this.handler = LOADED
    return trapped(() => loadOn(this, async () => fresh()))
  }

  // --- what traps ask

  differs(dimension: Dimension, name: string): boolean {
    const { differs, only } = this.options
    return differs.has(dimension) && (only === undefined || only.has(name))
  }

  clock(): number {
    if (!this.options.differs.has('clock')) return EPOCH + this.now
    return EPOCH + this.now + 37 * this.salt + (this.salt - 1) * WRONG_BY + (this.reads++ % 3)
  }

  later(call: () => unknown, ms: number, every: boolean): number {
    const { handler, now } = this
    const wait = Math.max(1, Number.isFinite(ms) ? ms : 1)
    this.timers.push({
      handle: --this.handles,
      call,
      handler,
      every: every ? wait : undefined,
      due: now + wait,
    })
    return this.handles
  }

  never(handle: number): void {
    this.timers = this.timers.filter((timer) => timer.handle !== handle)
  }

  loads(dimension: Dimension, name: string, trap: object): boolean {
    const at = siteInApp(trap)
    if (at !== undefined) this.note(dimension, name, at)
    return at !== undefined
  }

  noted(dimension: Dimension, name: string, trap: object): void {
    const { handler } = this
    const times = this.looked.get(`${handler} ${name}`) ?? 0
    this.looked.set(`${handler} ${name}`, times + 1)
    this.note(dimension, name, times < LOOKED_AT_MAX ? siteOf(trap) : undefined)
  }

  private note(dimension: Dimension, name: string, at: string | undefined): void {
    const { handler, tick } = this
    const key = `${handler} ${name} ${at ?? this.lastAt(handler, name)}`
    const known = this.calls.get(key)
    if (known === undefined)
      this.calls.set(key, { dimension, name, handler, at, first: tick, last: tick, count: 1 })
    else {
      known.last = tick
      known.count++
    }
  }

  private lastAt(handler: string, name: string): string | undefined {
    for (const call of this.calls.values()) if (call.handler === handler && call.name === name) return call.at
    return undefined
  }

  // --- between steps

  /** Whatever is due of what steps have put off. */
  fire(): void {
    const due = this.timers.filter((timer) => timer.due <= this.now)
    for (const timer of due) {
      if (timer.every === undefined) this.never(timer.handle)
      else timer.due = this.now + timer.every
      this.handler = timer.handler
      this.raise()
      try {
        timer.call()
      } catch {
        // Nobody is there to hear of it; whoever put it off lost sight of it.
      } finally {
        this.lower()
      }
    }
  }
}
