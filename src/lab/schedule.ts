import { type Micros, NEVER } from '../core/timeline/tick.ts'

/**
 * What is to happen and when: the earliest first, and of several at one moment the one that was put in first.
 * A heap of four children a node in typed arrays, so that nothing is allocated for an entry.
 */
export class Schedule {
  private ats = new Float64Array(FIRST_ROOM)
  private orders = new Float64Array(FIRST_ROOM)
  private whats = new Float64Array(FIRST_ROOM)
  private count = 0
  private order = 0

  get size(): number {
    return this.count
  }

  /** When the next one is due, `NEVER` if there is none. */
  nextAt(): Micros {
    return this.count === 0 ? NEVER : (this.ats[0] as number)
  }

  /** `what` is a whole number that says to whoever pops it what to do. */
  push(at: Micros, what: number): void {
    if (this.count === this.ats.length) this.grow()
    const { ats, orders, whats } = this
    let hole = this.count++
    // The newest entry is the last of its moment, so it rises only above later ones.
    while (hole > 0) {
      const parent = (hole - 1) >> 2
      const parentAt = ats[parent] as number
      if (parentAt <= at) break
      ats[hole] = parentAt
      orders[hole] = orders[parent] as number
      whats[hole] = whats[parent] as number
      hole = parent
    }
    ats[hole] = at
    orders[hole] = this.order++
    whats[hole] = what
  }

  /** Take the next one out. */
  pop(): number {
    if (this.count === 0) throw new RangeError('the schedule is empty')
    const { ats, orders, whats } = this
    const popped = whats[0] as number
    const last = --this.count
    const at = ats[last] as number
    const order = orders[last] as number
    let hole = 0
    for (let child = 1; child < last; child = 4 * hole + 1) {
      const end = Math.min(child + 4, last)
      let least = child
      let leastAt = ats[child] as number
      for (let other = child + 1; other < end; other++) {
        const otherAt = ats[other] as number
        if (otherAt > leastAt) continue
        if (otherAt === leastAt && (orders[other] as number) > (orders[least] as number)) continue
        least = other
        leastAt = otherAt
      }
      if (leastAt > at || (leastAt === at && (orders[least] as number) > order)) break
      ats[hole] = leastAt
      orders[hole] = orders[least] as number
      whats[hole] = whats[least] as number
      hole = least
    }
    ats[hole] = at
    orders[hole] = order
    whats[hole] = whats[last] as number
    return popped
  }

  private grow(): void {
    this.ats = doubled(this.ats)
    this.orders = doubled(this.orders)
    this.whats = doubled(this.whats)
  }
}

const FIRST_ROOM = 64

const doubled = (from: Float64Array): Float64Array<ArrayBuffer> => {
  const to = new Float64Array(from.length * 2)
  to.set(from)
  return to
}
