import type { Micros } from '../core/timeline/tick.ts'

export { now } from '../transport/clock.ts'

/** Whole microseconds that never go back. */
export type Clock = () => Micros
