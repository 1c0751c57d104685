import type { Micros } from '../../core/timeline/tick.ts'

/** The numbered invariants of peers, as docs/protocol.md gives them. */
export type PeerInvariant = 'Q1' | 'Q2' | 'Q3' | 'Q4' | 'Q5' | 'Q6' | 'Q7'

export interface PeerViolation {
  readonly invariant: PeerInvariant
  readonly at: Micros
  /** A sentence that names the peer, the tick and the event. */
  readonly what: string
}

/** How often the states were reached that the invariants guard. */
export class PeerCoverage {
  /** Events that were sent over a link, and links that were told what was missed. */
  forwards = 0
  missed = 0
  /** Events that came before an earlier one of the same source. */
  overtakings = 0
  rollbacks = 0
  /** Rollbacks that were held against a run from tick 0. */
  replays = 0
  /** Pairs of peers whose sets and states were compared. */
  compared = 0
  /** Folds, and how many events were folded. */
  folds = 0
  folded = 0
  /** Snapshots that were taken over, and peers that were told that they are forgotten. */
  tookOver = 0
  forgotten = 0
  /** Looks at the distance of a peer from the fastest that it can reach, and those beyond the bound. */
  looks = 0
  slow = 0
}

const KEPT_MAX = 20

export class PeerFindings {
  readonly coverage = new PeerCoverage()
  readonly violations: PeerViolation[] = []

  get clean(): boolean {
    return this.violations.length === 0
  }

  report(invariant: PeerInvariant, at: Micros, what: string): void {
    if (this.violations.length < KEPT_MAX) this.violations.push({ invariant, at, what })
  }
}
