import type { Micros } from '../core/timeline/tick.ts'

/** A clock in whole microseconds that never runs backward. */
export type Clock = () => Micros

/** The machine's own. */
export const machineClock: Clock = () => Math.floor(performance.now() * 1000)
