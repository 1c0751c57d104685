import { type Micros, NEVER } from '../core/timeline/tick.ts'

/**
 * What was under way by a channel over datagrams while something was wrong with one of its ends or between them. What
 * was lost of it goes again and again, whole round trips apart, and all that comes later waits behind it.
 */
export class Backlog {
  private sent = 0
  private came = 0
  /** The last of those messages. */
  private last = 0
  private wholeSince: Micros = Number.NEGATIVE_INFINITY
  private broughtAt: Micros = Number.NEGATIVE_INFINITY

  /** A message goes. Both ends, and what is between them, are whole since then, or will be. */
  goes(now: Micros, wholeSince: Micros): void {
    this.sent++
    if (wholeSince > now || wholeSince !== this.wholeSince) this.last = this.sent
    this.wholeSince = wholeSince
  }

  comes(now: Micros): void {
    this.came++
    if (this.came <= this.last) this.broughtAt = now
  }

  /** Since when all of it has come; `NEVER` while something has not. */
  get since(): Micros {
    return this.came < this.last ? NEVER : this.broughtAt
  }
}
