import type { Micros } from '../core/timeline/tick.ts'

/** Whole microseconds that never go back. */
export type Clock = () => Micros

/** The clock of this machine: whole microseconds that only grow. Runs in Node and in browsers. */
export const now = (): Micros => Math.floor(performance.now() * 1000)
