import type { StampedEvent } from '../../core/timeline/event.ts'
import { type Micros, SECOND } from '../../core/timeline/tick.ts'
import type { Findings } from './findings.ts'

/** A party that was late too often is not waited for: for ten seconds, then for twice as long each time. */
const DISTRUST: Micros = 10 * SECOND
/** What chance alone may hold up, answers that are late for no reason: some leases, and of all time some. */
const LEASES_BY_CHANCE = 2
const SHARE_BY_CHANCE = 0.25

/**
 * P7, its second half: whoever falls silent delays the events of others by at most one lease, once; a party that
 * does not play fair, or is on a bad link, by as much each time that it is trusted again.
 */
export class DelayChecks {
  private readonly findings: Findings
  /** The time in which some event was delayed, and until when it is counted. */
  private spent: Micros = 0
  private until: Micros = 0
  /** Parties that fell silent, or could have, and those that strike again and again. */
  private silences = 0
  private bad = 0
  private said = false

  constructor(findings: Findings) {
    this.findings = findings
  }

  /** Somebody was disturbed: it may be missed once. */
  disturbed(): void {
    this.silences++
  }

  /** Somebody takes part who is missed again and again. */
  badPartyCame(): void {
    this.bad++
  }

  /**
   * An event was stamped for a tick that is due at `dueAt`. Where all goes well that is within `ordinary` of its
   * emission; a lease more, and not more, where somebody is missed.
   */
  stamped(
    at: Micros,
    event: StampedEvent,
    emittedAt: Micros,
    dueAt: Micros,
    ordinary: Micros,
    lease: Micros,
  ): void {
    const delay = dueAt - emittedAt
    if (delay <= ordinary) return
    const { coverage } = this.findings
    coverage.delays++
    const most = ordinary + lease
    if (delay > most)
      return this.wrong(
        at,
        `event ${event.source}.${event.number} is ${inSeconds(delay)} late, beyond a lease`,
      )
    this.spent += Math.max(0, dueAt - Math.max(emittedAt, this.until))
    this.until = Math.max(this.until, dueAt)
    let windows = 1
    for (let end = DISTRUST; end < at; end = 2 * end + DISTRUST) windows++
    const leases = LEASES_BY_CHANCE + this.silences + this.bad * windows
    const allowed = leases * most + SHARE_BY_CHANCE * at
    coverage.delayedShare = Math.max(coverage.delayedShare, this.spent / allowed)
    if (this.spent <= allowed || this.said) return
    this.said = true
    this.wrong(
      at,
      `events were late for ${inSeconds(this.spent)}, of ${inSeconds(allowed)} that ${leases} leases explain`,
    )
  }

  private wrong(at: Micros, what: string): void {
    this.findings.report('P7', at, what)
  }
}

const inSeconds = (micros: Micros): string => `${(micros / SECOND).toFixed(2)} s`
