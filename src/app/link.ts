import type { Input } from '../core/timeline/event.ts'
import type { Micros, Tick } from '../core/timeline/tick.ts'
import type { Player } from './app.ts'
import type { SametickError } from './errors.ts'
import type { Events, PayloadArgs, PayloadOf } from './event.ts'
import type { Failure } from './failure.ts'
import type { Runner } from './runner.ts'
import type { Effect } from './step.ts'

/** How things stand. */
export type Status =
  /** A session of a known size waits for the others. */
  | { readonly phase: 'lobby'; readonly have: number; readonly need: number }
  | { readonly phase: 'running' }
  /** No tick may run: for whom, by their ids; empty if it is the connection itself. */
  | { readonly phase: 'frozen'; readonly for: readonly number[] }
  /** Far behind the others, and running as fast as it can. */
  | { readonly phase: 'catchingUp' }
  | { readonly phase: 'reconnecting' }
  /** Nothing comes any more: `left`, `end` (with what `t.end` was given), or a code that says why. */
  | { readonly phase: 'ended'; readonly why: string; readonly hint: string; readonly result?: unknown }

/** What became of an event. */
export type Landing =
  | { readonly ok: true; readonly tick: Tick }
  | { readonly ok: false; readonly error: SametickError }

export interface Receipt {
  /** Resolves when the event has its tick, or will not get one. It never rejects, so it may be left alone. */
  readonly landed: Promise<Landing>
}

interface InputBase {
  readonly tick: Tick
  /** Milliseconds since tick 0. */
  readonly now: number
  /** 0 for the tick, above 0 for events, below 0 for members that come and go. */
  readonly id: number
  /** The payload as it came: for events of programs that do not write msgpack. */
  readonly bytes: Uint8Array
}

export interface TickInput extends InputBase {
  readonly name: 'tick'
  readonly player: undefined
  readonly payload: undefined
}

export interface MemberInput extends InputBase {
  readonly name: 'join' | 'drop' | 'back' | 'leave' | 'pause' | 'resume' | 'end'
  readonly player: Player | undefined
  readonly payload: undefined
}

/** An event that the application has not declared. */
export interface UndeclaredInput extends InputBase {
  readonly name: undefined
  readonly player: Player | undefined
  /** Undefined as well if it is not msgpack. */
  readonly payload: unknown
}

/** One input, as a reader of one's own gets it: `switch (input.name)`. */
export type LinkInput<E extends Events = Events> =
  | TickInput
  | MemberInput
  | UndeclaredInput
  | {
      [K in keyof E & string]: InputBase & {
        readonly name: K
        readonly player: Player
        readonly payload: PayloadOf<E[K]>
      }
    }[keyof E & string]

/** A tick with all that happened in it, in order, the tick itself left out. */
export interface WholeTick<E extends Events = Events> {
  readonly tick: Tick
  readonly now: number
  readonly inputs: readonly Exclude<LinkInput<E>, TickInput>[]
}

/** What was run was changed by something that came late, and is run again. */
export interface Rollback {
  /** The first tick of which the inputs have changed. */
  readonly tick: Tick
  /** The last tick that had been run: from `tick` up to this one all are run again. */
  readonly top: Tick
}

export interface Stats {
  /** The last tick that was closed. */
  readonly tick: Tick
  /** Events that were handled, that were void, and handlers that threw. */
  readonly events: number
  readonly voided: number
  readonly failed: number
  /** What the way of agreement counts beside these. */
  readonly [name: string]: number
}

/** An instance's hold on a timeline, whatever the way in which it is agreed upon. */
export interface Link<S extends object = object, E extends Events = Events, I = unknown>
  extends AsyncIterable<LinkInput<E>> {
  /** The own id. It is among `players` from its join on, unless it came beyond `players.max` and looks on. */
  readonly me: number
  readonly players: readonly Player[]
  /** The application's state after the last tick. It is for looking only: what changes it are inputs. */
  readonly state: S
  readonly status: Status
  /**
   * Emits an event. It happens in every instance at one tick, this one included. Throws for what no program
   * should ask for, a name that is unknown or a payload that nothing can carry; all else is in the receipt.
   */
  emit<K extends keyof E & string>(name: K, ...payload: PayloadArgs<E[K]>): Receipt
  /** By id, where the application declares no events. */
  emit(id: number, payload?: unknown): Receipt
  /** Asks for `pause` in every instance at one tick. Ticks go on: it is for the application to stand still. */
  pause(data?: unknown): void
  resume(data?: unknown): void
  leave(): void
  stats(): Stats
  /** Returns what takes the listener away again. */
  on(what: 'status', listener: (status: Status) => void): () => void
  /** A handler of the application threw. Without a listener, whoever drives the link throws it. */
  on(what: 'failure', listener: (failure: Failure) => void): () => void
  /** The past has changed. Only of links that roll back; told once a rollback has begun. */
  on(what: 'rollback', listener: (rollback: Rollback) => void): () => void
  /** The whole ticks that are due, for a loop of one's own. They have been run when it returns. */
  poll(): readonly WholeTick<E>[]
  /**
   * What `for await (const input of link)` reads. With a signal it can be given up while nothing is due: it then
   * throws `aborted`, takes no input along, and the link may be read by another.
   */
  inputs(options?: { readonly signal?: AbortSignal }): AsyncIterableIterator<LinkInput<E>>
  /** For `loop` and for those who drive a link in a way of their own. */
  readonly [DRIVEN]: Driven<S, I>
}

export const DRIVEN: unique symbol = Symbol('sametick.driven')

/** Hears of all that is run, and of what is run again: what a past is kept by. */
export interface Recorder {
  /** This input was run. Its object may be used again for the next. */
  took(input: Input): void
  /** The world is as it was after `tick` and is run again from there; only from `changed` on inputs are others. */
  wentBack(tick: Tick, changed: Tick): void
  /** The world has become another one, as it is after this tick: what was before it is not known. */
  tookOver(tick: Tick): void
}

/** What `loop` needs of a link. */
export interface Driven<S, I> {
  readonly fps: number
  /** What runs the application: for looking, and for keeping what it has come to. */
  readonly runner: Runner
  /** Who is told what is run, if anybody is. */
  recorder: Recorder | undefined
  /** Be the one reader, until what it returns is called. Throws `link_driven` if there is one. */
  claim(reader: string): () => void
  now(): Micros
  /** How many ticks are due and may run. */
  due(): number
  /** Run the next tick if it is due: its events, then the tick. False if there was none. */
  run(): boolean
  readonly state: S
  /** Whether the state is one of the past, on the way back to the present: nobody should draw it. */
  travels(): boolean
  /** The state one tick before: kept from the first call on, and until then the state itself. */
  before(): S
  /** How far the time between the last tick and the next has gone, from 0 to 1. */
  alpha(): number
  /** When the next input may be due, on the same clock; NEVER while only others can bring it. */
  nextInput(): Micros
  onWake(wake: () => void): () => void
  /** What the own player holds from now on. Only changes are sent. */
  hold(value: I): void
  takeEffects(): readonly Effect[]
  /** The first failure that no listener heard of. */
  takeFailure(): Failure | undefined
}
