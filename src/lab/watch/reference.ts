import { type Micros, SECOND } from '../../core/timeline/tick.ts'
import type { HealthChecks } from '../checks/health.ts'
import type { Drive } from '../drive.ts'
import type { WorldOptions } from '../world.ts'
import { BEAT_MAX, LATE_MAX, PPM_MAX } from './bounds.ts'
import { timersLate } from './deadlines.ts'

/** After a pause of the sequencer the reference is brought to the first of all as they are heard. */
const RESUMING: Micros = 1.5 * SECOND
/** The fastest makes it run faster by a quarter at most, which it may have gained within a second. */
const FASTEST = 1.25
const GAINED: Micros = 0.25 * SECOND

/** P9 of the reference: it goes on with the sequencer's clock, and waits for the timeline. */
export class ReferenceWatch {
  private readonly drive: Drive
  private readonly health: HealthChecks
  /** Where the first tick is due that nobody may run. */
  private readonly farthest: () => Micros
  private readonly late: Micros
  private readonly fastest: boolean
  /** The farthest place where the reference may be when the sequencer goes on, and when it does. */
  private heldAt: Micros | undefined
  private heldUntil: Micros = 0
  /** How often it had been woken before. */
  private wakesBefore = 0
  private slowUntil: Micros = 0
  /** Where it was at the last look, and what the sequencer's clock showed. */
  private last = { reference: Number.NaN, clock: Number.NaN }

  constructor(drive: Drive, health: HealthChecks, farthest: () => Micros, options: WorldOptions) {
    const { lateness = 0, fastest = false } = options
    this.drive = drive
    this.health = health
    this.farthest = farthest
    this.late = timersLate(lateness)
    this.fastest = fastest
  }

  /** The sequencer stands still from now on: what it has promised is all that anybody may run. */
  stops(until: Micros): void {
    this.heldUntil = Math.max(this.heldUntil, until)
    if (this.drive.now < this.slowUntil) return
    const { started, ledger } = this.drive.sequencer.machine
    // Where nobody is there, nobody can be waited for.
    this.heldAt = started && ledger.members.size > 0 ? this.farthest() : undefined
    this.wakesBefore = this.drive.sequencerWakes
  }

  /** Its clock is put elsewhere: once it stands still for that, and after a second time who knows since when not. */
  steps(again: boolean): void {
    if (!again) return this.stops(this.drive.now)
    this.heldAt = undefined
  }

  /** Until a moment the sequencer stands still again and again, and goes on between. */
  isSlow(until: Micros): void {
    this.slowUntil = Math.max(this.slowUntil, until)
    this.heldAt = undefined
  }

  /** The reference has been put here, since the last look. */
  step(reference: Micros, clock: Micros): void {
    const { started, ledger } = this.drive.sequencer.machine
    if (!started || ledger.members.size === 0) return
    this.held(reference)
    if (this.isWhole()) this.paced(reference, clock)
  }

  /** Once every so often: the reference is here, and the sequencer's clock shows this. */
  look(reference: Micros, clock: Micros): void {
    this.afterPause(reference, clock)
    const { started, ledger } = this.drive.sequencer.machine
    if (!started || ledger.members.size === 0) {
      this.last = { reference: Number.NaN, clock }
      return
    }
    this.held(reference)
    if (this.isWhole()) this.paced(reference, clock)
    this.last = { reference, clock }
  }

  /** Nothing that was wrong with the sequencer moves the reference any more. */
  private isWhole(): boolean {
    const { now, sequencer } = this.drive
    return Math.max(sequencer.wholeSince, this.heldUntil, this.slowUntil) + RESUMING + BEAT_MAX <= now
  }

  /**
   * After a pause of the sequencer the reference has waited where the first could stand. It goes on from there by
   * the sequencer's own clock, whatever that is put to and at whichever rate, or as fast as the fastest.
   */
  private afterPause(reference: Micros, clock: Micros): void {
    const { now, sequencer } = this.drive
    // It looks where others can be when it is woken, and says nothing of its reference before.
    if (this.heldAt === undefined || this.heldUntil > now) return
    if (this.drive.sequencerWakes === this.wakesBefore) return
    const passed = clock - sequencer.clock.local(this.heldUntil)
    const late = this.late + (this.fastest ? GAINED + (FASTEST - 1) * passed : 0)
    // Nobody is there to wait for: it is held when somebody comes.
    if (sequencer.machine.ledger.members.size > 0)
      this.health.referenceIs(now, reference, this.heldAt + passed, late)
    this.heldAt = undefined
  }

  /** Nor does it run away from a timeline that nobody may go on with: it is looked at with every beat. */
  private held(reference: Micros): void {
    const { now, sequencer } = this.drive
    if (sequencer.wholeSince + 2 * BEAT_MAX > now) return
    if (Math.abs(sequencer.clock.ppm) > PPM_MAX) return
    this.health.referenceIs(now, reference, this.farthest(), 1.3 * BEAT_MAX + LATE_MAX)
  }

  /**
   * It goes on with the sequencer's clock, but for a late timer, which may be taken for a pause; or it follows the
   * fastest, which is no faster than a correction is.
   */
  private paced(reference: Micros, clock: Micros): void {
    const passed = clock - this.last.clock
    const most = this.fastest ? FASTEST * passed + GAINED : passed + this.late
    this.health.referenceMoved(this.drive.now, reference - this.last.reference, most)
  }
}
