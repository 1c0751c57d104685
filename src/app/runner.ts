import { must } from '../core/errors.ts'
import { Random } from '../core/random.ts'
import { ANY_SLOT, readAsked, readJoin, readLeave } from '../core/session/membership.ts'
import { digest } from '../core/timeline/digest.ts'
import { type Input, RESERVED, TICK } from '../core/timeline/event.ts'
import { BEFORE_FIRST, type Tick } from '../core/timeline/tick.ts'
import { checkState, type StateRefused } from '../core/timeline/values.ts'
import type { Guard } from '../deterministic/guard.ts'
import type { App, Player, Step } from './app.ts'
import { clone } from './clone.ts'
import { SametickError } from './errors.ts'
import { accepts, type EventKind, type Events, INPUT_ID } from './event.ts'
import { type Failure, threw, wasAsync } from './failure.ts'
import { decodePayload } from './payload.ts'
import { type Effect, makeStep } from './step.ts'
import { type Ended, heldBy, memberOf, type Seat, type World } from './world.ts'

export interface RunnerOptions {
  /** Of `t.random()`; all instances have the same. From the application's id without it. */
  readonly seed?: number
  /** Put up while a step runs: `guard` of `sametick/deterministic`. */
  readonly guard?: Guard
}

export interface RunnerStats {
  /** Application events that were handled. */
  events: number
  /** Events that no handler saw: unknown, unreadable, refused by their check, or of nobody who takes part. */
  voided: number
  /** Handlers that threw. */
  failed: number
}

/** A state in memory, to go back to. It is not changed by going on. */
export interface Kept {
  readonly tick: Tick
  readonly world: World
}

interface Known {
  readonly name: string
  readonly check: EventKind['check']
}

/**
 * Runs one application along a timeline: it takes inputs one by one, events first and then the tick that closes
 * them, and owns the state that comes of them. Whoever drives it decides which inputs, and when.
 */
export class Runner<S extends object = object, E extends Events = Events, I = unknown> {
  readonly app: App<S, E, I>
  readonly stats: RunnerStats = { events: 0, voided: 0, failed: 0 }
  readonly guard: Guard | undefined
  private readonly known = new Map<number, Known>()
  private readonly random: Random
  private readonly t: Step<I>
  private world: World
  private running = false
  private effects: Effect[] = []

  constructor(app: App<S, E, I>, { seed = digest(app.id), guard }: RunnerOptions = {}) {
    this.app = app
    this.guard = guard
    for (const [name, { id, check }] of Object.entries(app.events)) this.known.set(id, { name, check })
    this.random = new Random(seed)
    this.world = {
      tick: BEFORE_FIRST,
      random: this.random.save(),
      players: [],
      held: new Map(),
      neutral: clone(app.input?.neutral),
      ended: undefined,
      state: undefined,
    }
    this.t = makeStep({
      fps: app.fps,
      hasInput: app.input !== undefined,
      random: this.random,
      world: () => this.inside(),
      tell: (effect) => this.effects.push(effect),
    })
    const failure = this.step('start', () => {
      this.world.state = app.start(this.t)
      return this.world.state
    })
    if (failure) throw new SametickError('start_threw', failure.message, { cause: failure.error })
    if (typeof this.world.state !== 'object' || this.world.state === null)
      throw new SametickError('definition', 'start must return an object: handlers change what it holds.')
    this.effects = []
  }

  // --- looks

  get state(): S {
    return this.world.state as S
  }

  /** The last tick that was closed; -1 before the first. */
  get tick(): Tick {
    return this.world.tick
  }

  get players(): readonly Player[] {
    return this.world.players
  }

  player(id: number): Player | undefined {
    return this.world.players.find((player) => player.id === id)
  }

  /** What a player holds. */
  input(id: number): I {
    return heldBy(this.world, id) as I
  }

  /** Set once the session has ended: at this tick, which is the last, everywhere. */
  get ended(): Ended | undefined {
    return this.world.ended
  }

  /** The effects since the last call, in order. */
  takeEffects(): readonly Effect[] {
    const taken = this.effects
    if (taken.length > 0) this.effects = []
    return taken
  }

  // --- inputs

  /** Run the next input. What a handler threw is returned: the state stays as the handler left it. */
  take(input: Input): Failure | undefined {
    const { world } = this
    if (world.ended && world.tick >= world.ended.tick) return undefined
    must(input.tick === world.tick + 1, 'P5', () => `input of tick ${input.tick} after tick ${world.tick}`)
    if (input.id === TICK) return this.close(input.tick)
    if (input.id < 0) return this.membership(input)
    const seat = world.players.find((player) => player.id === input.source)
    const payload = seat && decodePayload(input.payload)
    if (!seat || !payload) return this.void()
    if (input.id === INPUT_ID) return this.hold(seat, payload.value)
    const known = this.known.get(input.id)
    if (!known || !accepts(known.check, payload.value)) return this.void()
    this.stats.events++
    return this.call(known.name, { payload: payload.value, player: seat })
  }

  private inside(): World {
    if (!this.running) throw new SametickError('outside_step')
    return this.world
  }

  /** Events that no handler sees are void in every instance alike. */
  private void(): undefined {
    this.stats.voided++
    return
  }

  private close(tick: Tick): Failure | undefined {
    const { app } = this
    const failure = app.tick && this.step('tick', () => app.tick?.(this.state, this.t))
    this.world.tick = tick
    return failure
  }

  private hold(seat: Seat, value: unknown): undefined {
    if (!this.app.input || !seat.here || !accepts(this.app.input.check, value)) return this.void()
    this.world.held.set(seat.id, value)
    return
  }

  private membership({ id, tick, payload }: Input): Failure | undefined {
    const { world } = this
    if (id === RESERVED.join) {
      const joined = readJoin(payload)
      if (!joined || world.players.some((player) => player.id === joined.member)) return this.void()
      const data = decodePayload(joined.data)?.value
      const slot = joined.slot === ANY_SLOT ? freeSlot(world.players) : joined.slot
      // Whoever joins beyond `players.max` looks on: its seat says so, which is the same in every instance.
      if (slot >= this.app.players.max) return this.void()
      const seat: Seat = { id: joined.member, slot, data, here: true }
      world.players.push(seat)
      return this.call('join', { player: seat })
    }
    if (id === RESERVED.pause || id === RESERVED.resume || id === RESERVED.end) {
      const asked = readAsked(payload)
      const data = asked && decodePayload(asked.data)?.value
      const player = world.players.find((player) => player.id === asked?.by)
      if (!player && id !== RESERVED.end) return this.void()
      if (id === RESERVED.end) world.ended ??= { tick, result: data }
      return this.call(nameOf(id), { player, data })
    }
    const seat = world.players.find((player) => player.id === memberOf(payload))
    if (!seat || !ABOUT_A_SEAT.has(id)) return this.void()
    seat.here = id === RESERVED.back
    if (id === RESERVED.back) return this.call('back', { player: seat })
    world.held.delete(seat.id)
    if (id === RESERVED.drop) return this.call('drop', { player: seat })
    world.players.splice(world.players.indexOf(seat), 1)
    return this.call('leave', { player: seat, why: readLeave(payload)?.why })
  }

  private call(name: string, event: unknown): Failure | undefined {
    const { on } = this.app
    const handler = Object.hasOwn(on, name) ? on[name] : undefined
    return handler && this.step(name, () => handler.call(on, this.state, event, this.t))
  }

  private step(event: string, run: () => unknown): Failure | undefined {
    const { world } = this
    let failure: Failure | undefined
    this.running = true
    this.guard?.raise()
    try {
      failure = wasAsync(event, world.tick + 1, run(), world.state)
    } catch (error) {
      failure = threw(event, world.tick + 1, error, world.state)
    } finally {
      this.guard?.lower()
      this.running = false
    }
    if (failure) this.stats.failed++
    return failure
  }

  // --- the world as a value

  /** All of it as one value, to be compared with another; it is not to be changed. */
  whole(): World {
    this.world.random = this.random.save()
    const { app } = this
    return app.save ? { ...this.world, state: app.save(this.state) } : this.world
  }

  /** The same number exactly if no program can tell two worlds apart: state, players, inputs and chance. */
  digest(): number {
    return digest(this.whole())
  }

  /** Why this world cannot be saved and restored, with the path of the culprit; undefined if it can. */
  refusal(): StateRefused | undefined {
    return checkState(this.whole())
  }

  /** The world as it is now, in memory. */
  keep(): Kept {
    return { tick: this.world.tick, world: clone(this.whole()) }
  }

  /** Go back to it; as often as one likes. */
  back(kept: Kept): void {
    this.become(clone(kept.world))
  }

  /** A copy of the state alone, for drawing between two ticks. */
  copyOfState(): S {
    const { app } = this
    if (!app.save || !app.restore) return clone(this.state)
    return app.restore(clone(app.save(this.state)))
  }

  /** Be this world: it is not copied. */
  become(world: World): void {
    const state = this.app.restore ? this.app.restore(world.state) : world.state
    this.world = { ...world, state }
    this.random.restore(world.random)
    this.effects = []
  }
}

/** The smallest that nobody has. */
const freeSlot = (players: readonly Player[]): number => {
  let slot = 0
  while (players.some((player) => player.slot === slot)) slot++
  return slot
}

const ABOUT_A_SEAT: ReadonlySet<number> = new Set([RESERVED.drop, RESERVED.back, RESERVED.leave])

const NAMES = new Map<number, string>(Object.entries(RESERVED).map(([name, id]) => [id, name]))
const nameOf = (id: number): string => NAMES.get(id) ?? ''
