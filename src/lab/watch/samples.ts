import { type Micros, SECOND } from '../../core/timeline/tick.ts'
import type { Drive } from '../drive.ts'
import type { InstanceNode } from '../node.ts'

/** Samples of a clock count for so long while nothing is wrong, and for the time that as many trips take. */
const SAMPLES_LAST: Micros = 12 * SECOND
const SAMPLES = 8

/** For how long a sample counts at most where no two ways together take longer than `tripMax`. */
export const samplesLast = (tripMax: Micros): Micros => SAMPLES_LAST + SAMPLES * tripMax

/**
 * How old a sample may be by which an instance goes. It goes by one of the last few, and these come with beats that
 * echo a pulse. While a side stands still, or a way between them is cut, no better ones come, or what is echoed is
 * the last pulse that was heard before: so long a sample is older, until enough have come that were not held up.
 */
export class Samples {
  private readonly drive: Drive
  private lookedAt: Micros = 0
  /** For how long something was wrong of late, with an instance, its link or the sequencer. */
  private readonly disturbed = new Map<InstanceNode, Micros>()

  constructor(drive: Drive) {
    this.drive = drive
  }

  /** Once every so often. */
  look(tripMax: Micros): void {
    const { now, sequencer, instances } = this.drive
    for (const node of instances) {
      const wholeSince = Math.max(node.wholeSince, sequencer.wholeSince)
      const wrong = Math.min(wholeSince, now) - this.lookedAt
      if (wrong > 0) this.disturbed.set(node, (this.disturbed.get(node) ?? 0) + wrong)
      else if (wholeSince + samplesLast(tripMax) <= now) this.disturbed.delete(node)
    }
    this.lookedAt = now
  }

  /** The age that the oldest may have, what was wrong since the last look included. */
  ageMax(node: InstanceNode): Micros {
    const { now, sequencer } = this.drive
    const wrong = Math.min(Math.max(node.wholeSince, sequencer.wholeSince), now) - this.lookedAt
    return SAMPLES_LAST + (this.disturbed.get(node) ?? 0) + Math.max(0, wrong)
  }
}
