import { LATENCIES, MULTIPLIERS, type PeersCell, RATES } from './cell.ts'

/**
 * The published table of Symmetric Peer-to-Peer Applications (Sant'Anna, final version): ticks travelled back, in
 * percent of all ticks. A row for each latency, a column for each rate.
 */
const BACK: { readonly [multiplier: number]: string } = {
  5: `0.0 0.0 0.0 0.0 0.0 0.1
      0.0 0.0 0.0 0.0 0.0 0.1
      0.0 0.0 0.1 0.0 0.1 0.4
      0.0 0.1 0.1 0.4 0.3 1.4
      0.1 0.3 0.2 0.1 0.3 4.0
      0.0 0.0 0.0 0.0 0.0 0.0`,
  2: `0.1 0.2 0.5 1.1 2.1 3.7
      0.2 0.6 1.4 2.9 6.0 10.8
      0.5 1.1 3.1 6.2 13.4 26.0
      1.1 2.1 6.0 13.5 34.4 78.1
      2.5 6.1 16.8 41.4 99.1 210.5
      3.4 9.1 23.9 60.8 179.8 496.5`,
  1: `0.2 0.4 0.9 1.9 3.8 7.0
      0.4 1.2 3.0 6.6 14.2 28.8
      1.0 2.4 7.2 14.9 32.9 73.3
      2.1 5.2 14.4 33.3 78.8 169.7
      5.4 13.9 43.3 98.4 260.3 649.8
      8.5 23.0 89.7 229.3 681.5 601.7`,
}

/**
 * What the topology and the latencies force with perfect clocks, in percent: each late event travels back exactly
 * its lateness, which is rounded up to a tick. Five times the latency of five links is more than any way takes.
 */
const LIMIT: { readonly [multiplier: number]: string } = {
  2: `0.01 0.02 0.06 0.12 0.25 0.49
      0.03 0.07 0.16 0.33 0.65 1.30
      0.06 0.12 0.29 0.58 1.16 2.32
      0.11 0.22 0.54 1.09 2.17 4.34
      0.26 0.52 1.30 2.61 5.21 10.42
      0.51 1.03 2.57 5.14 10.28 20.56`,
  1: `0.09 0.18 0.45 0.90 1.81 3.61
      0.31 0.62 1.54 3.09 6.18 12.35
      0.58 1.16 2.91 5.82 11.64 23.28
      1.13 2.26 5.64 11.28 22.57 45.13
      2.77 5.53 13.84 27.67 55.35 110.69
      5.50 11.00 27.50 54.99 109.98 219.96`,
}

export interface PublishedPeers {
  readonly back_pct: number
  readonly limit_pct: number
}

const at = (table: string | undefined, { latency_ms, rate }: PeersCell): number => {
  const row = LATENCIES.indexOf(latency_ms as never)
  const column = RATES.indexOf(rate as never)
  return Number(table?.split('\n')[row]?.trim().split(' ')[column] ?? 0)
}

/** The published figure of a cell, if it is one that was published. */
export const publishedOf = (cell: PeersCell): PublishedPeers | undefined => {
  const { multiplier, latency_ms, rate, churn } = cell
  if (churn || !MULTIPLIERS.some((each) => each === multiplier)) return undefined
  if (!LATENCIES.some((each) => each === latency_ms) || !RATES.some((each) => each === rate)) return undefined
  return { back_pct: at(BACK[multiplier], cell), limit_pct: at(LIMIT[multiplier], cell) }
}

/** What is allowed above the limit: a fifth, and two tenths of a point. */
export const allowedOf = ({ limit_pct }: PublishedPeers): number => 1.2 * limit_pct + 0.2

/** How long the returns of the published experiment took, in seconds, in the mean. */
export const PUBLISHED_RECOVERY_S = 1.3
