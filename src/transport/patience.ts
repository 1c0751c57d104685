import type { Micros } from '../core/timeline/tick.ts'
import { milliseconds } from './limits.ts'

/** It is had in so many parts: a program that stands still loses one of them at most. */
const PARTS = 8

/**
 * Calls `end` after so long; the function that it gives calls that off. Only time in which this program runs counts:
 * a timer that fell due while it stood still would come before all that was sent meanwhile, and whoever has said
 * everything in time would be taken for one who hangs.
 */
export const patience = (time: Micros, end: () => void): (() => void) => {
  const part = Math.ceil(milliseconds(time) / PARTS)
  let left = PARTS
  const look = (): void => {
    left--
    if (left === 0) end()
    else timer = setTimeout(look, part)
  }
  let timer = setTimeout(look, part)
  return () => clearTimeout(timer)
}
