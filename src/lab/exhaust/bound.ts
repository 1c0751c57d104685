import type { Discipline } from '../../core/session/options.ts'
import type { Micros } from '../../core/timeline/tick.ts'

/** What may go wrong, once. */
export type Fault =
  /** A process ends without a word; what it has sent arrives, then the news that its connection is gone. */
  | 'crash'
  /** It says goodbye. */
  | 'leave'
  /** An answer, or whatever it sends next, arrives twice. */
  | 'duplicate'
  /** An instance stands still, and goes on at some later moment. */
  | 'pause'
  /** The sequencer does. */
  | 'pause sequencer'
  /** Somebody joins. */
  | 'join'

/** A world that is small enough to try all that can happen in it. */
export interface Bound {
  readonly name: string
  readonly discipline: Discipline
  readonly instances: number
  readonly fps: number
  /** Time goes on in steps of this length. */
  readonly quantum: Micros
  /** So many steps, once the session has started and stands at tick 0. */
  readonly quanta: number
  /** What the instances do, in this order, each of it by any of them at any moment. */
  readonly acts: readonly ('emit' | 'end')[]
  readonly faults: readonly Fault[]
  readonly k?: number
  readonly margin?: Micros
}
