import { type Micros, NEVER, SECOND } from '../core/timeline/tick.ts'

/** A stretch of time in which the clock keeps one rate. */
interface Stretch {
  /** The lab's moment at which it begins. */
  readonly from: Micros
  /** What the clock would show then. */
  readonly base: Micros
  readonly ppm: number
  /** What it showed just before: it shows no less now. */
  readonly floor: Micros
}

const shown = (s: Stretch, global: Micros): Micros => {
  const passed = global - s.from
  const raw = s.base + passed + Math.floor((passed * s.ppm) / SECOND)
  return Math.max(raw, s.floor)
}

/**
 * The clock of one node: `local` is what it shows at a moment of the lab. It counts whole microseconds, runs
 * fast or slow by some parts in a million, and never runs backward: after a step back it stands still until
 * the step is made up, which is what a driver's monotonic clock makes of it.
 */
export class Clock {
  private readonly past: Stretch[] = []
  private now: Stretch

  constructor(offset: Micros = 0, ppm = 0) {
    if (!(ppm > -SECOND)) throw new RangeError('a clock cannot run backward')
    this.now = { from: 0, base: Math.floor(offset), ppm, floor: Number.NEGATIVE_INFINITY }
  }

  /** By how much it is fast at present. */
  get ppm(): number {
    return this.now.ppm
  }

  /** Until when it stands still after it was put back, at the rate that it has now: over, if it goes on. */
  get stillUntil(): Micros {
    const { from, base, floor } = this.now
    return floor <= base ? from : this.global(floor + 1)
  }

  local(global: Micros): Micros {
    if (global >= this.now.from || this.past.length === 0) return shown(this.now, global)
    let i = this.past.length - 1
    while (i > 0 && global < (this.past[i] as Stretch).from) i--
    return shown(this.past[i] as Stretch, global)
  }

  /** The first moment of the lab at which `local` is at least this. */
  global(local: Micros): Micros {
    if (local === NEVER) return NEVER
    let stretch = this.now
    let end = NEVER
    for (let i = this.past.length - 1; i >= 0 && shown(stretch, stretch.from) >= local; i--) {
      end = stretch.from
      stretch = this.past[i] as Stretch
    }
    const wanted = local - stretch.base
    const least = this.past.length > 0 && stretch !== this.past[0] ? stretch.from : Number.NEGATIVE_INFINITY
    let global = Math.max(least, stretch.from + Math.ceil(wanted / (1 + stretch.ppm / SECOND)))
    while (shown(stretch, global) < local) global++
    while (global > least && shown(stretch, global - 1) >= local) global--
    return Math.min(global, end)
  }

  /** From this moment on the clock gains so many microseconds a second. */
  setRate(global: Micros, ppm: number): void {
    if (!(ppm > -SECOND)) throw new RangeError('a clock cannot run backward')
    this.change(global, 0, ppm)
  }

  /** At this moment the clock is put forward by so much, or back. */
  step(global: Micros, by: Micros): void {
    this.change(global, Math.round(by), this.now.ppm)
  }

  private change(global: Micros, by: Micros, ppm: number): void {
    const { from, base, ppm: before } = this.now
    if (global < from) throw new RangeError('a clock is changed in the order of time')
    const passed = global - from
    const raw = base + passed + Math.floor((passed * before) / SECOND)
    const floor = shown(this.now, global)
    this.past.push(this.now)
    this.now = { from: global, base: raw + by, ppm, floor }
  }
}
