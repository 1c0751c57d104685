/**
 * What a story may be made of, and how many of all stories have it. Each story draws its own few: what hides
 * where two kinds meet is not found if every story has all of them (Groce et al., "Swarm Testing", 2012).
 */
export const KINDS = {
  /** Many events at one moment. */
  bursts: 0.5,
  /** Payloads of up to 64 KiB. */
  large: 0.08,
  /** Pauses and resumes of the session, and at times its end. */
  asks: 0.25,
  leaves: 0.4,
  latecomers: 0.5,
  kills: 0.35,
  /** Stopped processes, and a stopped sequencer. */
  pauses: 0.5,
  sequencerPauses: 0.25,
  cuts: 0.5,
  disconnects: 0.35,
  /** Clocks that are put forward or back, that run at another rate for a while, that are no quartz at all. */
  steps: 0.25,
  rates: 0.25,
  wildClocks: 0.1,
  /** Ways that lose, that are long, that differ by direction. */
  loss: 0.3,
  badLinks: 0.15,
  asymmetry: 0.4,
  datagrams: 0.15,
  lies: 0.25,
  /** Queues, limits and timeouts near their least. */
  limits: 0.25,
  /** Timers that wake late. */
  lateness: 0.4,
  /** The sequencer ends the session for all, at once. */
  closes: 0.04,
  /** Links out of which nothing comes for a while, and then all of it. */
  clogs: 0.2,
  /** Several are cut off at one moment, in both directions or in one. */
  partitions: 0.2,
  /** Delays that are spread in other ways than exponentially. */
  shapes: 0.3,
  /** Datagrams that arrive damaged. */
  damagedDatagrams: 0.4,
  /** Instances that have another address of a sudden. */
  readdresses: 0.15,
  /** A message of a stream that arrives damaged. */
  damages: 0.1,
  /** Processes that get little of their machine. */
  slows: 0.2,
  /** Killed and begun anew, without a memory; those that remember come with the return of instances. */
  restarts: 0.25,
  /** Somebody who joins and leaves all the time. */
  churn: 0.15,
  /** Somebody asks for the end. */
  ends: 0.05,
  /** Instances that predict. */
  predicts: 0.25,
} as const

export type Kind = keyof typeof KINDS

export const ALL_KINDS = Object.keys(KINDS) as Kind[]
