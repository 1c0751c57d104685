import { type Micros, SECOND } from '../timeline/tick.ts'

/** So much a second, and so much at once. */
export class Allowance {
  private readonly rate: number
  private readonly burst: number
  private left: number
  private at: Micros

  constructor(now: Micros, rate: number, burst: number) {
    this.rate = rate
    this.burst = burst
    this.left = burst
    this.at = now
  }

  /** When this much could be spent. What is more than can be spent at once counts as that. */
  when(now: Micros, amount: number): Micros {
    this.refill(now)
    const lacking = Math.min(amount, this.burst) - this.left
    return lacking <= 0 ? now : now + Math.ceil((lacking / this.rate) * SECOND)
  }

  spend(now: Micros, amount: number): void {
    this.refill(now)
    this.left -= amount
  }

  private refill(now: Micros): void {
    this.left = Math.min(this.burst, this.left + ((now - this.at) / SECOND) * this.rate)
    this.at = now
  }
}
