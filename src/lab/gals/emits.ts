import { Random } from '../../core/random.ts'
import { type Micros, SECOND } from '../../core/timeline/tick.ts'
import type { Cell } from './cell.ts'

/**
 * When the instances of a cell emit, in the lab's time: of each the gaps are uniform in 0 to 200 % of the
 * nominal one, which is the cell's `seconds` for each instance that shares the rate. One seed gives one and
 * the same emits, whatever protocol carries them and in whatever order the instances are asked.
 */
export class Emits {
  private readonly gapMax: Micros
  private readonly randoms: readonly Random[]
  private readonly nexts: Micros[]

  /** `from` is the moment at which the session has started. */
  constructor(cell: Cell, seed: number, from: Micros) {
    this.gapMax = 2 * cell.seconds * SECOND * cell.instances
    const random = new Random(seed, EMITS)
    this.randoms = Array.from({ length: cell.instances }, (_, i) => random.fork(i))
    // Of a sequence of uniform gaps that is already under way, what is left of one is the lesser of two draws.
    this.nexts = this.randoms.map((r) => from + Math.round(Math.min(r.unit(), r.unit()) * this.gapMax))
  }

  /** When an instance, the first being 0, emits next. */
  nextAt(instance: number): Micros {
    return this.nexts[instance] as Micros
  }

  /** It has emitted: on to the one after. */
  advance(instance: number): void {
    const random = this.randoms[instance] as Random
    this.nexts[instance] = (this.nexts[instance] as Micros) + Math.round(random.unit() * this.gapMax)
  }
}

/** The stream of chance that the emits are drawn from. */
const EMITS = 1
