import type { NetName } from '../networks.ts'

/** One square of the experiment: a network, a rate of ticks, a number of instances, a rate of events. */
export interface Cell {
  readonly net: NetName
  readonly fps: number
  readonly instances: number
  /** Seconds between two events, counted over the whole session. */
  readonly seconds: number
}

export const FPS = [10, 25, 50, 100] as const
export const INSTANCES = [2, 5, 10, 25, 50, 100] as const
export const SECONDS = [5, 1, 0.5, 0.25] as const

/** What a run of a cell gave, by the definitions in docs/lab.md. Several runs are merged by their weights. */
export interface CellResult {
  readonly cell: Cell
  readonly runs: number
  /** Virtual seconds, all runs together. */
  readonly virtual_s: number
  readonly events: number
  /** Mean of: stamp less the tick open at the emit (the last closed plus one). */
  readonly latency_ticks: number
  readonly latency_ms: number
  /** Mean of the least that the drawn delays allow, rounded up to a tick for each event. */
  readonly limit_ticks: number
  /** Ticks begun in a freeze, in percent of the ticks run. */
  readonly frozen_pct: number
  /** Time by which clocks were corrected, in percent of the time run. */
  readonly drift_pct: number
  /** The largest round trip of a round, mean over rounds (in horizon: over the heartbeats). */
  readonly rtt_ms: number
  /** Mean number of events that wait for their stamp behind another one. */
  readonly waiting: number
  readonly messages: number
  /** Whether all timelines are equal; if not, where the first difference is. */
  readonly identical: boolean
  readonly divergence: string
}
