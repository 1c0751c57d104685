import { Random } from '../../core/random.ts'
import type { Tick } from '../../core/timeline/tick.ts'
import { siteOf } from './site.ts'
import type { Dimension } from './subject.ts'
import { type Machine, traps } from './traps.ts'
import { type Walked, walkTraps } from './walks.ts'

/** A use of something that may differ between machines. */
export interface Call {
  readonly dimension: Dimension
  /** `Math.sin`, `new Date`. */
  readonly name: string
  /** `start`, `tick`, or the name of an event. */
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

/** Some day, at some hour. */
const EPOCH = 1_700_000_000_000
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
  private readonly placed: {
    readonly owner: Record<string, unknown>
    readonly key: string
    readonly stand: unknown
    original: unknown
  }[]
  private readonly looked = new Map<string, number>()
  private timers: Timer[] = []
  private handles = 0
  private reads = 0

  constructor(options: EnvironmentOptions) {
    this.options = options
    this.salt = options.salt
    const salt = options.differs.has('chance') ? options.salt : 0
    this.random = new Random(options.seed, salt)
    const all = traps().map(({ owner, key, of }) => ({ owner, key, stand: of(this), original: undefined }))
    const walks = options.walks ? walkTraps(this).map((trap) => ({ ...trap, original: undefined })) : []
    this.placed = [...all, ...walks]
  }

  // --- the guard of the runner

  raise(): void {
    for (const one of this.placed) {
      one.original = one.owner[one.key]
      one.owner[one.key] = one.stand
    }
  }

  lower(): void {
    for (const one of this.placed) one.owner[one.key] = one.original
  }

  // --- what traps ask

  differs(dimension: Dimension, name: string): boolean {
    const { differs, only } = this.options
    return differs.has(dimension) && (only === undefined || only.has(name))
  }

  clock(): number {
    const apart = this.options.differs.has('clock') ? 37 * this.salt + (this.reads++ % 3) : 0
    return EPOCH + this.now + apart
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

  noted(dimension: Dimension, name: string, trap: object): void {
    const { handler, tick } = this
    const times = this.looked.get(`${handler} ${name}`) ?? 0
    this.looked.set(`${handler} ${name}`, times + 1)
    const at = times < LOOKED_AT_MAX ? siteOf(trap) : undefined
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
