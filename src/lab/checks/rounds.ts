import type { LinkId, Micros } from '../../core/timeline/tick.ts'
import type { Findings } from './findings.ts'

/** What one instance was asked and has answered. */
interface Asked {
  /** The rounds that it was asked in, which are not over, and which it has not answered. */
  readonly open: Set<number>
  /**
   * The last round that was over before it answered, unless it has answered that one since; 0 for none. Answers
   * come in the order of the rounds, so that with the last all are there.
   */
  owes: number
}

/**
 * P7, by the rules that bound what one can do to all: no round waits longer than it said that it would (rule 3),
 * who owes an answer gets no long lease (rule 5), what is granted just in time lies no farther ahead, and nobody's
 * word puts an event farther ahead than anybody may run.
 */
export class RoundChecks {
  private readonly findings: Findings
  private readonly instances = new Map<LinkId, Asked>()

  constructor(findings: Findings) {
    this.findings = findings
  }

  /** An instance is asked in a round for what happened at `want`; nobody may run beyond `farthest`. */
  proposed(at: Micros, link: LinkId, round: number, want: Micros, farthest: Micros): void {
    this.of(link).open.add(round)
    if (want <= farthest) return
    const beyond = `${Math.round(want - farthest)} us beyond all that anybody may run`
    this.findings.report('P7', at, `round ${round} asks for ${beyond}`)
  }

  /** Rule 2: an answer is one to its own round, whatever is said of a round that nobody was asked in. */
  answered(link: LinkId, round: number): void {
    const instance = this.of(link)
    instance.open.delete(round)
    if (instance.owes === round) instance.owes = 0
  }

  /** An instance is told that a round is over. */
  over(link: LinkId, round: number): void {
    const instance = this.of(link)
    if (!instance.open.delete(round)) return
    instance.owes = round
    this.findings.coverage.owed++
  }

  /** Rule 3: a round is over so long after it was to stop waiting, at most, and that much later is not late yet. */
  waited(at: Micros, round: number, late: Micros, most: Micros): void {
    if (late < 0) return
    this.findings.coverage.roundsRunOut++
    if (late <= most) return
    const ms = (late / 1e3).toFixed(0)
    this.findings.report('P7', at, `round ${round} waits for ${ms} ms longer than it said`)
  }

  /** An instance is granted ticks just in time, the last of which is due so far ahead, and may be at most. */
  granted(at: Micros, link: LinkId, ahead: Micros, most: Micros): void {
    if (ahead <= most) return
    const ms = (ahead / 1e3).toFixed(0)
    this.findings.report('P7', at, `instance ${link} is granted a tick just in time ${ms} ms ahead`)
  }

  /** An instance is given a long lease, beyond the one it had. */
  leased(at: Micros, link: LinkId): void {
    const { owes } = this.of(link)
    if (owes > 0)
      this.findings.report('P7', at, `instance ${link} gets a long lease and owes an answer to round ${owes}`)
  }

  private of(link: LinkId): Asked {
    let instance = this.instances.get(link)
    if (instance === undefined) {
      instance = { open: new Set(), owes: 0 }
      this.instances.set(link, instance)
    }
    return instance
  }
}
