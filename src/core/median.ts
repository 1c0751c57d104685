import type { Micros } from './timeline/tick.ts'

/** The lower one of two in the middle: what is too long is not the rule before it is the more frequent. */
export const median = (values: readonly Micros[]): Micros =>
  [...values].sort((a, b) => a - b)[(values.length - 1) >> 1] as Micros
