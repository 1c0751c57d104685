import { SEQUENCER } from '../../core/timeline/event.ts'
import type { InstanceId, Micros, Tick } from '../../core/timeline/tick.ts'
import type { Findings } from './findings.ts'

/** Ticks are at most a fifth shorter; positions are whole. */
const FASTEST = 1.25
const ROUNDED: Micros = 3

/** The last distance at which an instance was seen while it corrected its pace. */
interface Correction {
  readonly distance: Micros
  readonly bound: Micros
}

/** P7: no endless freeze. P8: nothing grows beyond its limit. P9: healthy instances are where the reference is. */
export class HealthChecks {
  private readonly findings: Findings
  /** The tick at which an instance was last said to stand. */
  private readonly saidAt = new Map<InstanceId, Tick>()
  private readonly corrections = new Map<InstanceId, Correction>()

  constructor(findings: Findings) {
    this.findings = findings
  }

  /**
   * P7. A running instance stands at tick `local` since it closed it, or since it and all that it depends on are whole,
   * if that is later (`NEVER` if something is not). It may stand at one tick for so long, and not longer. What counts
   * is that the tick does not advance, not that the instance says why.
   */
  stood(at: Micros, id: InstanceId, local: Tick, frozen: boolean, since: Micros, longest: Micros): void {
    const { coverage } = this.findings
    const stood = at - since
    if (frozen && stood > coverage.longestFreeze) coverage.longestFreeze = stood
    if (stood <= longest || this.saidAt.get(id) === local) return
    this.saidAt.set(id, local)
    const s = (stood / 1e6).toFixed(2)
    this.findings.report(
      'P7',
      at,
      `instance ${id} stands at tick ${local} for ${s} s and nothing is wrong with it`,
    )
  }

  /**
   * P7, rule 3. A whole instance stands at the deadline of a round, and not at the end of its lease: a round stops
   * waiting before anybody freezes for those who are silent, so that is as long as a way can take, and no longer.
   */
  frozenForRound(at: Micros, id: InstanceId, stood: Micros, longest: Micros): void {
    this.findings.coverage.frozenForRounds++
    if (stood <= longest) return
    const ms = (stood / 1e3).toFixed(0)
    this.findings.report(
      'P7',
      at,
      `instance ${id} stands at a deadline for ${ms} ms, of at most ${(longest / 1e3).toFixed(0)}`,
    )
  }

  /**
   * P7, rule 5. A whole instance was heard so long ago: it speaks on a timer, frozen or not, so that nobody
   * takes it for dead.
   */
  heard(at: Micros, id: InstanceId, frozen: boolean, ago: Micros, longest: Micros): void {
    if (frozen && ago <= longest) this.findings.coverage.heardFrozen++
    if (ago <= longest) return
    const s = (ago / 1e6).toFixed(2)
    this.findings.report('P7', at, `instance ${id} was not heard for ${s} s and nothing is wrong with it`)
  }

  /** P7, rule 8. One that was not disturbed for a while is taken for dead, or takes the other side for dead. */
  givenUp(at: Micros, id: InstanceId, why: string): void {
    this.findings.report('P7', at, `instance ${id} is given up as ${why} and nothing is wrong with it`)
  }

  /** P7. One is a member all the same of whom nothing was heard for so long, in which the sequencer was awake. */
  lingers(at: Micros, id: InstanceId, silent: Micros, longest: Micros): void {
    const s = `${(silent / 1e6).toFixed(2)} s, of at most ${(longest / 1e6).toFixed(2)}`
    this.findings.report('P7', at, `instance ${id} is a member, and was not heard for ${s}`)
  }

  /** P7, rule 8. One is given up of whom something was heard so short a time ago, in which the sequencer was awake. */
  hurried(at: Micros, id: InstanceId, silent: Micros, least: Micros): void {
    const s = `${(silent / 1e6).toFixed(2)} s, of at least ${(least / 1e6).toFixed(2)}`
    this.findings.report('P7', at, `instance ${id} is given up as silent, and was not heard for ${s}`)
  }

  /** P7. When all is over a whole instance has come as far as everybody has. */
  arrived(at: Micros, id: InstanceId, local: Tick, least: Tick): void {
    if (local >= least) return
    this.findings.report('P7', at, `instance ${id} is at tick ${local} in the end, of at least ${least}`)
  }

  /** P8. What an instance or the sequencer holds, and how much it may. */
  holds(at: Micros, id: InstanceId, sizes: Readonly<Record<string, { size: number; limit: number }>>): void {
    for (const name in sizes) {
      const { size, limit } = sizes[name] as { size: number; limit: number }
      if (size < limit) continue
      if (size === limit) this.findings.coverage.full++
      else {
        const who = id === SEQUENCER ? 'the sequencer' : `instance ${id}`
        this.findings.report('P8', at, `${who} holds ${size} of at most ${limit} ${name}`)
      }
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

  /** An instance was looked at that corrects its pace: from now on it is held against this. */
  corrects(at: Micros, id: InstanceId, distance: Micros, bound: Micros): void {
    this.approaches(at, id, distance, bound)
    this.corrections.set(id, { distance, bound })
  }

  /**
   * P9 of one that corrects its pace: it has come nearer since it was looked at. `bound` is how far it may be in the
   * end, and by how much it may be wrong about where to go.
   */
  approaches(at: Micros, id: InstanceId, distance: Micros, bound: Micros): void {
    const before = this.corrections.get(id)
    if (before === undefined) return
    // It goes where it believed the reference to be when it was looked at last.
    if (Math.abs(distance) <= Math.abs(before.distance) + Math.max(bound, before.bound)) return
    const away = `from ${Math.round(before.distance)} to ${Math.round(distance)} us of the reference`
    this.findings.report('P9', at, `instance ${id} corrects its pace and goes ${away}`)
  }

  /** P9. In so much time of its own clock an instance has moved so far: at most a fifth faster, and never back. */
  moved(at: Micros, id: InstanceId, passed: Micros, moved: Micros): void {
    if (moved >= 0 && moved <= FASTEST * passed + ROUNDED) return
    this.findings.report('P9', at, `instance ${id} moves by ${Math.round(moved)} in ${Math.round(passed)} us`)
  }

  /** It does not correct its pace any more, or something is wrong. */
  settled(id: InstanceId): void {
    this.corrections.delete(id)
  }

  /** P9. The reference waits for the timeline: it is not beyond the first tick that nobody could run. */
  referenceIs(at: Micros, reference: Micros, farthest: Micros, late: Micros): void {
    if (reference <= farthest + late) return
    const beyond = `${Math.round(reference - farthest)} us beyond all that anybody may run`
    this.findings.report('P9', at, `the reference is ${beyond}`)
  }

  /** P9. The reference has moved so far since it was looked at last, of at most so much. */
  referenceMoved(at: Micros, moved: Micros, most: Micros): void {
    if (!(moved > most + ROUNDED)) return
    const by = `${Math.round(moved)} us, of at most ${Math.round(most)}`
    this.findings.report('P9', at, `the reference moves by ${by}`)
  }
}
