import { type Micros, NEVER } from '../core/timeline/tick.ts'

/** Messages on their way over an ordered channel, each with its moment of arrival: a queue that copies nothing. */
export class Ring {
  private ats = new Float64Array(FIRST_ROOM)
  private all: Uint8Array[] = new Array(FIRST_ROOM).fill(NOTHING)
  private head = 0
  private count = 0

  get size(): number {
    return this.count
  }

  /** When the first of them arrives, `NEVER` if there is none. */
  nextAt(): Micros {
    return this.count === 0 ? NEVER : (this.ats[this.head] as number)
  }

  push(at: Micros, bytes: Uint8Array): void {
    if (this.count === this.ats.length) this.grow()
    const tail = (this.head + this.count++) & (this.ats.length - 1)
    this.ats[tail] = at
    this.all[tail] = bytes
  }

  shift(): Uint8Array {
    if (this.count === 0) throw new RangeError('nothing is on its way')
    const bytes = this.all[this.head] as Uint8Array
    this.all[this.head] = NOTHING
    this.head = (this.head + 1) & (this.ats.length - 1)
    this.count--
    return bytes
  }

  clear(): void {
    while (this.count > 0) this.shift()
  }

  private grow(): void {
    const room = this.ats.length
    const ats = new Float64Array(2 * room)
    const all: Uint8Array[] = new Array(2 * room).fill(NOTHING)
    for (let i = 0; i < room; i++) {
      const from = (this.head + i) & (room - 1)
      ats[i] = this.ats[from] as number
      all[i] = this.all[from] as Uint8Array
    }
    this.ats = ats
    this.all = all
    this.head = 0
  }
}

/** A power of two, so that an index wraps by a mask. */
const FIRST_ROOM = 8
const NOTHING = new Uint8Array(0)
