import { LIMITS } from '../core/limits.ts'
import { SametickError } from './errors.ts'
import { EVENT_ID_MAX, type EventKind, type Events, type PayloadOf } from './event.ts'

/** Somebody who takes part. It is part of the state of every instance, and the same in all of them. */
export interface Player {
  readonly id: number
  /** The seat: the smallest number that was free when the player joined, 0 for the first. */
  readonly slot: number
  /** What the player said of itself when it connected; undefined if nothing. */
  readonly data: unknown
  /** False while its connection is lost and its seat is held. */
  readonly here: boolean
}

/** What a step may use: the same in every instance. It is valid during the step only. */
export interface Step<I = undefined> {
  /** The tick of this step, from 0. */
  readonly tick: number
  /** The time of this tick in whole milliseconds since tick 0. */
  readonly now: number
  /** Who takes part, in the order in which they joined. */
  readonly players: readonly Player[]
  /** What a player holds: a key, a stick. Neutral before its first change, and while it is away. */
  input(player: Player | number): I
  /**
   * A number from 0 inclusive to 1 exclusive: the same at all instances of a session, and others in every
   * session, since its seed follows from the number that a server draws for each run of one.
   */
  random(): number
  /** Something that is seen or heard once and leaves no trace in the state: a sound, a spark. */
  effect(name: string, data?: unknown): void
  /** The session ends with this tick, everywhere. */
  end(result?: unknown): void
}

export interface AppEvent<P> {
  readonly payload: P
  readonly player: Player
}

export interface PlayerEvent {
  readonly player: Player
}

export interface LeaveEvent extends PlayerEvent {
  /** Why it left; undefined: of its own will. */
  readonly why: string | undefined
}

/** `pause`, `resume` and `end`: by whom, and what was given along. One who looks on may not ask for the first two. */
export interface AskedEvent {
  readonly player: Player | undefined
  readonly data: unknown
}

/** What happens by itself: members come and go, somebody asks for a pause or the end. */
export interface MemberEvents {
  readonly join: PlayerEvent
  readonly drop: PlayerEvent
  readonly back: PlayerEvent
  readonly leave: LeaveEvent
  readonly pause: AskedEvent
  readonly resume: AskedEvent
  readonly end: AskedEvent
}

/** What the handler of an event is given. */
export type EventOf<E extends Events, K> = K extends keyof MemberEvents
  ? MemberEvents[K]
  : K extends keyof E
    ? AppEvent<PayloadOf<E[K]>>
    : never

/** Takes handlers of any state where the state is not known. */
type Handler<S, E, I> = { bivariant(state: S, event: E, t: Step<I>): void }['bivariant']

export type Handlers<S, E extends Events, I> = {
  readonly [K in keyof E | keyof MemberEvents]?: Handler<S, EventOf<E, K>, I>
}

export interface PlayersRule {
  /** Fewer than this do not start a session. */
  readonly min?: number
  /** Who joins when so many take part looks on: it runs the application like all others, and is no player of it. */
  readonly max?: number
  /** For how many milliseconds the seat of one who lost its connection is held. */
  readonly hold?: number
}

/** What players hold, sampled at every tick: only changes are sent. */
export interface HeldInput<I> {
  /** What a player holds before its first change, and while it is away. */
  readonly neutral: I
  /** Like an event's check. */
  readonly check?: (value: unknown) => boolean
}

export interface Definition<S extends object, E extends Events, I, V> {
  /** Name and version: all instances of a session run the same. */
  readonly id: string
  /** Ticks a second, 1 to 1000. */
  readonly fps: number
  readonly players?: PlayersRule
  readonly events?: E
  readonly input?: HeldInput<I>
  /** The state before the first input. */
  start(t: Step<NoInfer<I>>): S
  /** Every tick, after the tick's events. */
  tick?(state: NoInfer<S>, t: Step<NoInfer<I>>): void
  readonly on?: Handlers<NoInfer<S>, NoInfer<E>, NoInfer<I>>
  /** For a state that is not made of plain values: as plain values, and back. */
  save?(state: NoInfer<S>): V
  restore?(saved: NoInfer<V>): NoInfer<S>
}

/** An application: what `app()` returns, and what `connect`, `peers` and `solo` take. */
export interface App<S extends object = object, E extends Events = Events, I = unknown> {
  readonly id: string
  readonly fps: number
  readonly players: { readonly min: number; readonly max: number; readonly hold: number | undefined }
  readonly events: E
  readonly input: HeldInput<I> | undefined
  start(t: Step<I>): S
  tick?(state: S, t: Step<I>): void
  /** By name; their types were seen to where they were defined. */
  readonly on: Readonly<Record<string, Handler<object, unknown, unknown> | undefined>>
  save?(state: S): unknown
  restore?(saved: unknown): S
}

/** An application without handlers: whoever connects takes the timeline itself and does the rest. */
export interface Timeline<E extends Events = Events> {
  readonly id: string
  readonly fps: number
  readonly players?: PlayersRule
  readonly events?: E
}

const MEMBERSHIP: readonly string[] = ['join', 'drop', 'back', 'leave', 'pause', 'resume', 'end']
const KNOWN: readonly string[] = [
  ...['id', 'fps', 'players', 'events', 'input'],
  ...['start', 'tick', 'on', 'save', 'restore'],
]

/**
 * Defines an application: what it is, without a word of how its instances agree or who draws it.
 *
 * ```ts
 * export default app({
 *   id: 'rect@1',
 *   fps: 40,
 *   events: { steer: event<Dir>(1) },
 *   start: () => ({ x: 10, y: 10, vx: 0, vy: 0 }),
 *   on: { steer(s, e) { [s.vx, s.vy] = V[e.payload] } },
 *   tick(s) { s.x += 5 * s.vx; s.y += 5 * s.vy },
 * })
 * ```
 *
 * The state is what `start` returns, and handlers change it. Everything in a step must follow from the state and
 * `t` alone: no clock, no `Math.random`, nothing kept outside of the state.
 */
export const app = <
  S extends object,
  const E extends Events = Record<never, never>,
  I = undefined,
  V = unknown,
>(
  definition: Definition<S, E, I, V>,
): App<S, E, I> => {
  for (const wrong of faultsOf(definition as Definition<object, Events, unknown, unknown>))
    throw new SametickError('definition', wrong)
  const { min = 1, max = LIMITS.members_max, hold } = definition.players ?? {}
  return {
    ...(definition as Definition<S, E, I, unknown>),
    players: { min, max, hold },
    events: definition.events ?? ({} as E),
    input: definition.input,
    on: (definition.on ?? {}) as App['on'],
  }
}

/** An application that does nothing by itself, for those who take the timeline and run it themselves. */
export const timelineOnly = <const E extends Events = Record<never, never>>(
  timeline: Timeline<E>,
): App<object, E, undefined> => app<object, E>({ ...timeline, start: () => ({}) })

/** Whether something was made by `app()`, or is a timeline to be run by hand. */
export const isApp = (value: App | Timeline): value is App => 'start' in value

/** Whatever is wrong with a definition, each as a sentence that says what to do. */
function* faultsOf(d: Definition<object, Events, unknown, unknown>): Generator<string> {
  const { max: players_max = LIMITS.members_max, min: players_min = 1, hold = 0 } = d.players ?? {}
  if (typeof d.id !== 'string' || d.id === '' || d.id.length > 64)
    yield `id is ${said(d.id)}: give it a name and a version in at most 64 characters, like 'rect@1'.`
  if (!isWhole(d.fps, 1, LIMITS.fps_max))
    yield `fps is ${said(d.fps)}: give it a whole number from 1 to ${LIMITS.fps_max}.`
  for (const name of Object.keys(d))
    if (!KNOWN.includes(name)) yield `${name} is not known. There are ${KNOWN.join(', ')}.`
  if (!isWhole(players_max, 1, LIMITS.members_max))
    yield `players.max is ${said(players_max)}: give it a whole number from 1 to ${LIMITS.members_max}.`
  if (!isWhole(players_min, 1, players_max))
    yield `players.min is ${said(players_min)}: give it a whole number from 1 to players.max.`
  if (!isWhole(hold, 0, 86_400_000))
    yield `players.hold is ${said(hold)}: give it milliseconds, at most a day.`
  yield* eventFaults(d.events ?? {})
  if (typeof d.start !== 'function') yield 'start is missing: it returns the state before the first input.'
  if (d.tick !== undefined && typeof d.tick !== 'function') yield 'tick is not a function.'
  for (const [name, handler] of Object.entries(d.on ?? {})) {
    if (!MEMBERSHIP.includes(name) && !Object.hasOwn(d.events ?? {}, name))
      yield `on.${name}: there is no event of this name. There are ${[...Object.keys(d.events ?? {}), ...MEMBERSHIP].join(', ')}.`
    if (handler !== undefined && typeof handler !== 'function') yield `on.${name} is not a function.`
  }
  if ((d.save === undefined) !== (d.restore === undefined))
    yield `${d.save ? 'restore' : 'save'} is missing: save and restore come together.`
  if (d.input !== undefined && !('neutral' in d.input))
    yield 'input.neutral is missing: say what a player holds who has pressed nothing.'
}

function* eventFaults(events: Events): Generator<string> {
  const names = new Map<number, string>()
  for (const [name, kind] of Object.entries(events) as [string, EventKind | undefined][]) {
    if (MEMBERSHIP.includes(name) || name === 'tick')
      yield `events.${name}: this name is the library's own. Give it another.`
    if (!isWhole(kind?.id, 1, EVENT_ID_MAX)) {
      yield `events.${name} has the id ${said(kind?.id)}: make it with event(id), a whole number from 1 to ${EVENT_ID_MAX}.`
      continue
    }
    const other = names.get(kind?.id as number)
    if (other !== undefined)
      yield `events.${name} and events.${other} have the same id ${kind?.id}: give each its own.`
    names.set(kind?.id as number, name)
  }
}

const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most

const said = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value))
