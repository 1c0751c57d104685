import { type Micros, SECOND, type Tick } from '../../core/timeline/tick.ts'
import type { Cell, CellResult } from './cell.ts'

/** What a run gathers while it goes, by the definitions of `CellResult`. */
export class Metrics {
  private readonly cell: Cell
  private readonly latencyTicks = new Mean()
  private readonly latencyMicros = new Mean()
  private readonly limitTicks = new Mean()
  private readonly rttMicros = new Mean()
  private ticksRun = 0
  private ticksFrozen = 0
  private run: Micros = 0
  private corrected: Micros = 0
  private messageCount = 0
  private waiting = 0
  private waitingSince: Micros
  private waitedMicros = 0
  private readonly from: Micros
  private difference: string | undefined

  /** `from` is the moment at which the session has started. */
  constructor(cell: Cell, from: Micros) {
    this.cell = cell
    this.from = from
    this.waitingSince = from
  }

  /** An event has its stamp: how far that is from its emit, and how far it would have to be. */
  event(latency: Tick, limit: Tick): void {
    this.latencyTicks.add(latency)
    this.limitTicks.add(limit)
  }

  /** An event has come back to whoever emitted it, so long after the emit. */
  delivered(latency: Micros): void {
    this.latencyMicros.add(latency)
  }

  /** A round is over; its largest round trip. */
  round(rtt: Micros): void {
    this.rttMicros.add(rtt)
  }

  messages(count: number): void {
    this.messageCount += count
  }

  /** From this moment on so many events wait behind another one. */
  waitingNow(now: Micros, count: number): void {
    this.waitedMicros += this.waiting * Math.max(0, now - this.waitingSince)
    this.waitingSince = Math.max(now, this.waitingSince)
    this.waiting = count
  }

  /** What one instance did in all: ticks, those of them begun in a freeze, time, and time corrected. */
  instance(ticks: number, frozen: number, run: Micros, corrected: Micros): void {
    this.ticksRun += ticks
    this.ticksFrozen += frozen
    this.run += run
    this.corrected += corrected
  }

  /** The timelines differ; only the first place is kept. */
  diverged(where: string): void {
    this.difference ??= where
  }

  result(until: Micros): CellResult {
    this.waitingNow(until, this.waiting)
    const lasted = until - this.from
    return {
      cell: this.cell,
      runs: 1,
      virtual_s: lasted / SECOND,
      events: this.latencyTicks.count,
      latency_ticks: this.latencyTicks.mean,
      latency_ms: this.latencyMicros.mean / 1000,
      limit_ticks: this.limitTicks.mean,
      frozen_pct: percent(this.ticksFrozen, this.ticksRun),
      drift_pct: percent(this.corrected, this.run),
      rtt_ms: this.rttMicros.mean / 1000,
      waiting: lasted > 0 ? this.waitedMicros / lasted : 0,
      messages: this.messageCount,
      identical: this.difference === undefined,
      divergence: this.difference ?? '',
    }
  }
}

class Mean {
  count = 0
  private sum = 0

  add(value: number): void {
    this.count++
    this.sum += value
  }

  get mean(): number {
    return this.count > 0 ? this.sum / this.count : 0
  }
}

const percent = (part: number, whole: number): number => (whole > 0 ? (100 * part) / whole : 0)

/** Several runs of one cell as one: what is a mean over events by their number, all else by the time run. */
export const merge = (results: readonly CellResult[]): CellResult => {
  const first = results[0]
  if (!first) throw new RangeError('there is nothing to merge')
  const total = (of: (r: CellResult) => number) => results.reduce((sum, r) => sum + of(r), 0)
  const weighted = (of: (r: CellResult) => number, weight: (r: CellResult) => number) => {
    const whole = total(weight)
    return whole > 0 ? total((r) => of(r) * weight(r)) / whole : 0
  }
  const byEvents = (of: (r: CellResult) => number) => weighted(of, (r) => r.events)
  const byTime = (of: (r: CellResult) => number) => weighted(of, (r) => r.virtual_s)
  return {
    cell: first.cell,
    runs: total((r) => r.runs),
    virtual_s: total((r) => r.virtual_s),
    events: total((r) => r.events),
    latency_ticks: byEvents((r) => r.latency_ticks),
    latency_ms: byEvents((r) => r.latency_ms),
    limit_ticks: byEvents((r) => r.limit_ticks),
    frozen_pct: byTime((r) => r.frozen_pct),
    drift_pct: byTime((r) => r.drift_pct),
    rtt_ms: byTime((r) => r.rtt_ms),
    waiting: byTime((r) => r.waiting),
    messages: total((r) => r.messages),
    identical: results.every((r) => r.identical),
    divergence: results.find((r) => !r.identical)?.divergence ?? '',
  }
}
