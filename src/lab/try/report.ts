import type { Tick } from '../../core/timeline/tick.ts'
import type { Field } from './differences.ts'

export type CauseKind =
  | 'clock'
  | 'chance'
  | 'math'
  | 'locale'
  | 'sort'
  | 'async'
  | 'timer'
  | 'render'
  | 'map-order'
  | 'set-order'
  | 'key-order'
  | 'sum-order'
  | 'restore'
  | 'outside'
  | 'unknown'

/** Why two instances have parted. */
export interface Cause {
  readonly kind: CauseKind
  /** `Math.sin`; undefined if it is no function. */
  readonly call: string | undefined
  /** `on.steer`, `tick`, `start`, `render`, `restore`. */
  readonly handler: string | undefined
  /** `app.js:31:14` */
  readonly at: string | undefined
  /** What happens, and what to do, as sentences. */
  readonly what: string
  readonly instead: string
  /** How it was found out. */
  readonly shown: string
}

/** An input as people read it. */
export interface ShownInput {
  readonly name: string
  readonly player: number | undefined
  readonly payload: unknown
}

/** Where two instances part. */
export interface Parting {
  readonly tick: Tick
  /** Milliseconds since tick 0. */
  readonly now: number
  readonly instances: readonly [number, number]
  readonly fields: readonly Field[]
  readonly inputs: readonly ShownInput[]
  /** What ran when they parted; undefined: nothing did, it was between two steps. */
  readonly handler: string | undefined
}

export interface TryReport {
  readonly verdict: 'equal' | 'differs'
  readonly app: string
  readonly fps: number
  readonly instances: number
  readonly players: number
  readonly ticks: number
  readonly events: number
  readonly network: string
  readonly seed: number
  readonly parting: Parting | undefined
  readonly causes: readonly Cause[]
  /** What was seen beside, each as a sentence. */
  readonly notes: readonly string[]
}
