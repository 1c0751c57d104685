import type { Micros } from '../../../core/timeline/tick.ts'
import type { FirstEvent, Propose } from './rules.ts'

/** The server: one event at a time, all others wait. */
export class FirstServer {
  /** The largest round trip of the last round, or of the start. */
  rtt: Micros
  private readonly queue: FirstEvent[] = []
  private readonly positions: Float64Array
  private open: FirstEvent | undefined
  private openedAt: Micros = 0
  private answers = 0
  private slowest: Micros = 0
  private furthest: Micros = 0

  constructor(instances: number, rtt: Micros) {
    this.positions = new Float64Array(instances)
    this.rtt = rtt
  }

  /** How many events wait for the one in flight. */
  get waiting(): number {
    return this.queue.length
  }

  enqueue(event: FirstEvent): void {
    this.queue.push(event)
  }

  /** A new round for the event that has waited longest, unless one is open or there is none. */
  begin(now: Micros): Propose | undefined {
    if (this.open !== undefined) return undefined
    this.open = this.queue.shift()
    if (this.open === undefined) return undefined
    this.openedAt = now
    this.answers = 0
    this.slowest = 0
    return { want: this.open.want, rtt: this.rtt }
  }

  /** Client `i`, the first being 0, has answered. After the last answer the event is stamped and given back. */
  answer(now: Micros, i: number, position: Micros): FirstEvent | undefined {
    const event = this.open
    if (event === undefined) throw new Error('an answer without a round')
    this.positions[i] = position
    this.slowest = Math.max(this.slowest, now - this.openedAt)
    if (++this.answers < this.positions.length) return undefined
    this.furthest = this.positions.reduce((most, each) => Math.max(most, each), 0)
    // Neither the margin nor the wanted time, by which the clients have set their deadlines.
    event.stamp = this.furthest + 2 * this.rtt
    this.rtt = this.slowest
    this.open = undefined
    return event
  }

  /** How far a client was behind the one most ahead when they last answered. */
  behind(i: number): Micros {
    return this.furthest - (this.positions[i] as Micros)
  }
}
