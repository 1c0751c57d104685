/** One setting of the experiment: how far ahead events are stamped, how slow links are, how many events there are. */
export interface PeersCell {
  /** Five links' latencies times this; 0: as long as it takes, by measurement. */
  readonly multiplier: number
  /** Of one link in one direction, in the mean. */
  readonly latency_ms: number
  /** Events of the whole network in a minute. */
  readonly rate: number
  /** Peers come and go. */
  readonly churn: boolean
}

export const MULTIPLIERS = [5, 2, 1] as const
export const LATENCIES = [5, 25, 50, 100, 250, 500] as const
export const RATES = [5, 10, 25, 50, 100, 200] as const

/** What runs of a cell gave, in sums, so that several are merged by adding. Ticks are those of all peers together. */
export interface PeersResult {
  readonly cell: PeersCell
  readonly runs: number
  /** Virtual seconds. */
  readonly virtual_s: number
  readonly events: number
  /** Ticks that were run for the first time, and ticks travelled back: from the last one run to before the late event. */
  readonly ticks: number
  readonly travelled: number
  /** Ticks run in all, those that were run before included. */
  readonly simulated: number
  readonly rollbacks: number
  readonly farthest: number
  /** Events that came from others, and those of them that came late. */
  readonly deliveries: number
  readonly late: number
  /** How far ahead events were stamped, summed. */
  readonly delay_ms: number
  /** Looks at how far a peer is behind the fastest that it can reach, and those beyond a link's delay and a tick. */
  readonly looks: number
  readonly slow: number
  /** Returns from offline, the time until all was there and run, summed, and the longest of them. */
  readonly returns: number
  readonly recovery_s: number
  readonly recovery_s_max: number
  /** Of that, until all events were there, and what the latency of links forces: both summed. */
  readonly arrival_s: number
  readonly least_s: number
  readonly messages: number
  /** What was broken first; empty if nothing was. */
  readonly broken: string
}

export const keyOf = ({ multiplier, latency_ms, rate, churn }: PeersCell): string =>
  `${multiplier} ${latency_ms} ${rate} ${churn}`

export const nameOf = ({ multiplier, latency_ms, rate, churn }: PeersCell): string =>
  `${multiplier === 0 ? 'adaptive' : `${multiplier}×`}, ${latency_ms} ms, ${rate} a minute${churn ? ', churn' : ''}`

const shareOf = (part: number, whole: number): number => (whole > 0 ? (100 * part) / whole : 0)
const meanOf = (sum: number, count: number): number => (count > 0 ? sum / count : 0)

/** As the paper counts: ticks travelled back, of all that were simulated; those run again do not make it look better. */
export const backOf = ({ travelled, ticks }: PeersResult): number => shareOf(travelled, ticks)
export const lateOf = ({ late, deliveries }: PeersResult): number => shareOf(late, deliveries)
export const slowOf = ({ slow, looks }: PeersResult): number => shareOf(slow, looks)
export const delayOf = ({ delay_ms, events }: PeersResult): number => meanOf(delay_ms, events)
export const recoveryOf = ({ recovery_s, returns }: PeersResult): number => meanOf(recovery_s, returns)
export const leastOf = ({ least_s, returns }: PeersResult): number => meanOf(least_s, returns)

const LARGEST: ReadonlySet<string> = new Set(['farthest', 'recovery_s_max'])

/** Several runs of one cell as one. */
export const merged = (results: readonly PeersResult[]): PeersResult => {
  const [first] = results as [PeersResult]
  const all: Record<string, unknown> = { cell: first.cell }
  for (const name of Object.keys(first) as (keyof PeersResult)[]) {
    const values = results.map((result) => result[name])
    if (name === 'broken') all[name] = values.find((value) => value !== '') ?? ''
    else if (LARGEST.has(name)) all[name] = Math.max(...(values as number[]))
    else if (name !== 'cell') all[name] = (values as number[]).reduce((sum, value) => sum + value, 0)
  }
  return all as unknown as PeersResult
}
