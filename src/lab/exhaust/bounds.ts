import { MILLISECOND } from '../../core/timeline/tick.ts'
import type { Bound } from './bound.ts'

/** Ten ticks a second, and time in steps of a tick: an answer comes within it, a tick later, or never. */
const TENTHS = { fps: 10, quantum: 100 * MILLISECOND } as const
/** Rounds that last for more than a tick, so that time can pass while one is open. */
const GALS = { ...TENTHS, discipline: 'gals', k: 1, margin: 60 * MILLISECOND } as const
const ALL = ['crash', 'leave', 'duplicate', 'pause', 'pause sequencer'] as const

/** The worlds that are searched to the end. */
export const BOUNDS: readonly Bound[] = [
  { ...GALS, name: 'two events in rounds', instances: 2, quanta: 2, acts: ['emit', 'emit'], faults: [] },
  { ...GALS, name: 'an event in a round, and a fault', instances: 2, quanta: 2, acts: ['emit'], faults: ALL },
]
