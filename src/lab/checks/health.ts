import { BEFORE_FIRST, type InstanceId, type Micros, type Tick } from '../../core/timeline/tick.ts'
import type { Findings } from './findings.ts'

interface Stand {
  local: Tick
  since: Micros
  said: boolean
}

/** P7: no endless freeze. P8: nothing grows beyond its limit. P9: healthy instances are where the reference is. */
export class HealthChecks {
  private readonly findings: Findings
  private readonly stands = new Map<InstanceId, Stand>()

  constructor(findings: Findings) {
    this.findings = findings
  }

  /**
   * P7. A running instance was looked at: it has closed `local`, and is whole since `wholeSince`, as is all that
   * it depends on (`NEVER` if something is not). It may stand at one tick for so long, and not longer. What
   * counts is that the tick does not advance, not that the instance says why.
   */
  stood(at: Micros, id: InstanceId, local: Tick, frozen: boolean, wholeSince: Micros, longest: Micros): void {
    let stand = this.stands.get(id)
    if (stand === undefined) {
      stand = { local: BEFORE_FIRST - 1, since: at, said: false }
      this.stands.set(id, stand)
    }
    if (local !== stand.local) {
      stand.local = local
      stand.since = at
      stand.said = false
    }
    const { coverage } = this.findings
    const stood = at - Math.max(stand.since, wholeSince)
    if (frozen && stood > coverage.longestFreeze) coverage.longestFreeze = stood
    if (stood <= longest || stand.said) return
    stand.said = true
    const s = (stood / 1e6).toFixed(2)
    this.findings.report(
      'P7',
      at,
      `instance ${id} stands at tick ${local} for ${s} s and nothing is wrong with it`,
    )
  }

  /** P8. What somebody holds, and how much it may. */
  holds(at: Micros, who: string, sizes: Readonly<Record<string, { size: number; limit: number }>>): void {
    for (const name in sizes) {
      const { size, limit } = sizes[name] as { size: number; limit: number }
      if (size === limit) this.findings.coverage.full++
      if (size > limit) this.findings.report('P8', at, `${who} holds ${size} of at most ${limit} ${name}`)
    }
  }

  /** P9. How far a healthy instance is from the reference, by the lab's own clocks, and how far it may be. */
  isAt(at: Micros, id: InstanceId, tick: Tick, distance: Micros, bound: Micros): void {
    const { coverage } = this.findings
    coverage.positions++
    const share = Math.abs(distance) / bound
    if (share > coverage.widestShare) coverage.widestShare = share
    if (share <= 1) return
    const off = `${Math.abs(Math.round(distance))} us ${distance > 0 ? 'ahead of' : 'behind'} the reference`
    this.findings.report(
      'P9',
      at,
      `instance ${id} is ${off} at tick ${tick}, of at most ${Math.round(bound)}`,
    )
  }
}
