import type { RefusalCode } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { StampedEvent } from '../timeline/event.ts'
import type { InstanceId, LinkId, Micros, Tick } from '../timeline/tick.ts'

/** Long leases and rounds, short leases and none, or the one that serves at the moment. */
export const DISCIPLINES = ['gals', 'horizon', 'auto'] as const
export type Discipline = (typeof DISCIPLINES)[number]

export interface SequencerOptions {
  readonly discipline?: Discipline
  /** Tells this run of the session from every other: the driver draws it. */
  readonly epoch: number
  /** Start when so many have come; 0: with the first. Undefined: as the first one asks. */
  readonly instances?: number
  /** Undefined, both: as the first one says. */
  readonly fps?: number
  readonly app?: string
  /** Round trips in the reach of a deadline: 1 unless told otherwise. The paper's is 2. */
  readonly k?: number
  /**
   * Microseconds for each instance in the reach of a deadline; the paper's is 200. Undefined, the tuned
   * default: none, and the round trip is not the mean of the slowest but as long as patience pays.
   */
  readonly margin?: Micros
  /** Whose clock is the reference: the sequencer's, or that of the instance most ahead, as in the paper. */
  readonly reference?: 'sequencer' | 'fastest'
  /** The most members that it may have. */
  readonly members?: number
  readonly limits?: Limits
}

export type SequencerHappening =
  | { readonly kind: 'admitted'; readonly link: LinkId; readonly id: InstanceId }
  | { readonly kind: 'refused'; readonly link: LinkId; readonly code: RefusalCode }
  | { readonly kind: 'started' }
  /** With the highest promise and the floor at that moment. */
  | { readonly kind: 'stamped'; readonly event: StampedEvent; readonly promise: Tick; readonly floor: Tick }
  | { readonly kind: 'gone'; readonly id: InstanceId; readonly why: RefusalCode | undefined }
  | { readonly kind: 'distrusted'; readonly id: InstanceId; readonly why: Offence }
  /** The driver should close this connection once what was sent has left. */
  | { readonly kind: 'close'; readonly link: LinkId }

/** Rule 7: what makes an instance distrusted. */
export type Offence = 'late' | 'alone' | 'implausible'

export interface SequencerStats {
  events: number
  rounds: number
  /** Rounds that stopped waiting for somebody. */
  roundsCut: number
  /** Rounds whose events were proposed a second time. */
  roundsAgain: number
  grants: number
  /** The largest round trip of each round (of each beat while there are none), summed and counted. */
  tripSum: Micros
  trips: number
}
