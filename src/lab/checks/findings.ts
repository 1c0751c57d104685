import type { Micros } from '../../core/timeline/tick.ts'

/** The numbered invariants of a session, as docs/protocol.md gives them. */
export type Invariant = 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'P7' | 'P8' | 'P9'

/** An invariant that did not hold. */
export interface Violation {
  readonly invariant: Invariant
  /** The lab's moment at which it was seen. */
  readonly at: Micros
  /** A sentence that names the instance, the tick and the event. */
  readonly what: string
}

/**
 * How often each state was reached that an invariant guards. A check is worth nothing until a run shows that
 * what it watches over has happened.
 */
export class Coverage {
  ticks = 0
  events = 0
  /** Stamps below one given earlier: the timeline's order is not that of the stamping. */
  stampsBelowEarlier = 0
  /** Stamps just above a floor: those who left may have run further than anybody may who is there. */
  stampsAboveFloor = 0
  /** Stamps raised to the last one of the source or of the member. */
  stampsHeldUp = 0
  /** Stamps given while an instance that had been asked had not answered. */
  stampsWhileSilent = 0
  /** Events that share their tick with an earlier one. */
  sharedTicks = 0
  refusals = 0
  /** Own events without a stamp when their source left or was lost. */
  pendingAtDeparture = 0
  lateJoins = 0
  departures = 0
  distrusted = 0
  /** Rounds that were over before somebody had answered. */
  owed = 0
  /** Rounds that have waited for as long as they may. */
  roundsRunOut = 0
  /** Looks before which an instance had been frozen, and how many of them at a whole one. */
  freezes = 0
  freezesOfHealthy = 0
  /** Of a whole instance. */
  longestFreeze: Micros = 0
  /** Looks at which a whole instance stood at the deadline of a round. */
  frozenForRounds = 0
  /** Events that came later than where all goes well, and the largest share that they took of what they may. */
  delays = 0
  delayedShare = 0
  /** Looks at which a whole instance was frozen, and heard all the same. */
  heardFrozen = 0
  /** Looks before which an instance had run far at once. */
  catchUps = 0
  corrections = 0
  /** Looks at which an instance's position was held against the reference. */
  positions = 0
  /** The largest share of its bound that a distance from the reference took. */
  widestShare = 0
  pauses = 0
  cuts = 0
  kills = 0
  /** Looks at which something held was at its limit. */
  full = 0

  /** What another run has reached as well. */
  add(other: Coverage): void {
    for (const name of Object.keys(other) as (keyof Numbers)[])
      this[name] = LARGEST.has(name) ? Math.max(this[name], other[name]) : this[name] + other[name]
  }
}

type Numbers = Omit<Coverage, 'add'>

/** These are no counts. */
const LARGEST: ReadonlySet<keyof Numbers> = new Set(['longestFreeze', 'delayedShare', 'widestShare'])

/** Kept of each invariant; the rest is only counted. */
const KEPT_MAX = 20

/** What the checks of one run have found. */
export class Findings {
  readonly coverage = new Coverage()
  readonly violations: Violation[] = []
  private readonly counts = new Map<Invariant, number>()

  get clean(): boolean {
    return this.violations.length === 0
  }

  countOf(invariant: Invariant): number {
    return this.counts.get(invariant) ?? 0
  }

  report(invariant: Invariant, at: Micros, what: string): void {
    const count = this.countOf(invariant) + 1
    this.counts.set(invariant, count)
    if (count <= KEPT_MAX) this.violations.push({ invariant, at, what })
  }
}
