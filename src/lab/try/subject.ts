import type { App } from '../../app/app.ts'
import type { Random } from '../../core/random.ts'
import type { InstanceId, Tick } from '../../core/timeline/tick.ts'

/** Payloads to choose from, or a function that makes one. */
export type Sample = readonly unknown[] | ((random: Random) => unknown)

/** Payloads for the events of an application, by their names; `input` is for what its players hold. */
export type Samples = Readonly<Record<string, Sample>>

/** One event of a script: at which tick of its own who emits what. `event: 'input'` changes what it holds. */
export interface ScriptedInput {
  readonly tick: Tick
  /** 1 for the first; the first if it is not said. */
  readonly player?: number
  readonly event: string
  readonly payload?: unknown
}

/** What `render` is given beside the state, as under `loop`. */
export interface RenderView {
  readonly alpha: number
  readonly before: unknown
  readonly me: InstanceId
  readonly status: { readonly phase: 'running' }
}

/** An application to be tried, and what belongs to it: what the module has that holds it. */
export interface Subject {
  readonly app: App
  /** What draws it; it is called at another rate in each instance. */
  readonly render?: ((state: object, view: RenderView) => unknown) | undefined
  readonly samples?: Samples | undefined
}

/** Tells which variables outside of it a function can see, with their values in words; not every engine can. */
export type Closures = (fn: (...args: never[]) => unknown) => ReadonlyMap<string, string>

/**
 * Gives the application anew, with all that it keeps outside of its state as at the beginning: as a process of
 * its own would. Where that cannot be, the same one every time.
 */
export type Fresh = () => Subject | Promise<Subject>

/** What the machine of one instance may have otherwise than the others. */
export const DIMENSIONS = [
  /** Clocks are apart. */
  'clock',
  /** Everybody draws something else. */
  'chance',
  /** The last bits of sines, powers and the like. */
  'math',
  /** Language and time zone. */
  'locale',
  /** How sort orders what its comparator does not tell apart, or contradicts itself about. */
  'sort',
  /** When promises and timers go on between steps. */
  'later',
  /** How often it draws. */
  'render',
  /** It is saved and restored on the way. */
  'restore',
  /** It is saved and restored in another process, as for one who joins later. */
  'newcomer',
] as const

export type Dimension = (typeof DIMENSIONS)[number]
