import { DelayChecks } from './checks/delays.ts'
import { Findings } from './checks/findings.ts'
import { HealthChecks } from './checks/health.ts'
import { PromiseChecks } from './checks/promises.ts'
import { RoundChecks } from './checks/rounds.ts'
import { TimelineChecks } from './checks/timelines.ts'

export { Coverage, Findings, type Invariant, type Violation } from './checks/findings.ts'

/**
 * The invariants P1 to P9, each checked as it could first be broken. Whoever runs a session tells them what it
 * sees, step by step; they know nothing of machines, so a broken history can be told as well as a good one.
 */
export class Checks {
  readonly findings = new Findings()
  /** P1, P2, P5, P6. */
  readonly timelines = new TimelineChecks(this.findings)
  /** P3, P4. */
  readonly promises = new PromiseChecks(this.findings)
  /** P7, P8, P9. */
  readonly health = new HealthChecks(this.findings)
  /** P7, of events. */
  readonly delays = new DelayChecks(this.findings)
  /** P7, of rounds and leases. */
  readonly rounds = new RoundChecks(this.findings)
}
