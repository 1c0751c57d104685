import type { Micros } from '../core/timeline/tick.ts'

/** Whole microseconds on a clock that only goes forward. */
export const now = (): Micros => Math.floor(performance.now() * 1_000)
