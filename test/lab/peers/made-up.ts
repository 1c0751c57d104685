import type { PeersCell, PeersResult } from '../../../src/lab/peers/cell.ts'
import { publishedOf } from '../../../src/lab/peers/published.ts'

/** A result as good as the limit, for what only shows results. */
export const peersResultOf = (cell: PeersCell, more: Partial<PeersResult> = {}): PeersResult => ({
  cell,
  runs: 1,
  virtual_s: 60,
  events: 100,
  ticks: 10_000,
  travelled: Math.round(100 * (publishedOf(cell)?.limit_pct ?? 0.5)),
  simulated: 10_000,
  rollbacks: 10,
  farthest: 20,
  deliveries: 2_000,
  late: 10,
  delay_ms: 100 * 12 * cell.latency_ms,
  looks: 1_000,
  slow: 0,
  returns: cell.churn ? 10 : 0,
  recovery_s: cell.churn ? 2 : 0,
  recovery_s_max: cell.churn ? 0.4 : 0,
  arrival_s: cell.churn ? 1.8 : 0,
  least_s: cell.churn ? 1 : 0,
  messages: 1_000,
  broken: '',
  ...more,
})
