import { Random } from '../../../src/core/random.ts'

/** Calls `emit` with gaps uniform in 0 to 200 % of the nominal one, until it is stopped. */
export class Emitting {
  private readonly random: Random
  private readonly gap_ms: number
  private readonly emit: () => void
  private timer: ReturnType<typeof setTimeout> | undefined
  private at = 0

  constructor(seed: number, stream: number, gap_ms: number, emit: () => void) {
    this.random = new Random(seed, stream)
    this.gap_ms = gap_ms
    this.emit = emit
  }

  start(): void {
    this.at = performance.now() + Math.min(this.random.unit(), this.random.unit()) * 2 * this.gap_ms
    this.again()
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  private again(): void {
    this.timer = setTimeout(() => {
      this.at += this.random.unit() * 2 * this.gap_ms
      this.again()
      this.emit()
    }, this.at - performance.now())
  }
}
