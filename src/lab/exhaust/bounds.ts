import { MILLISECOND } from '../../core/timeline/tick.ts'
import type { Bound } from './bound.ts'

/** Ten ticks a second, and time in steps of a tick: a message comes within the same, a later one, or not at all. */
const TENTHS = { fps: 10, quantum: 100 * MILLISECOND, instances: 2, quanta: 2, faults: [] } as const
/** Rounds that last for more than a tick, so that time can pass while one is open. */
const GALS = { ...TENTHS, discipline: 'gals', k: 1, margin: 60 * MILLISECOND } as const
const HORIZON = { ...TENTHS, discipline: 'horizon' } as const

const FAULTS = ['crash', 'leave', 'duplicate', 'pause', 'pause sequencer'] as const
const ONE = ['emit'] as const
const TWO = ['emit', 'emit'] as const

/** The worlds that are searched to the end; the number of states that each has is in docs/lab.md. */
export const BOUNDS: readonly Bound[] = [
  { ...GALS, name: 'gals: two events', acts: TWO },
  { ...GALS, name: 'gals: an event and any fault', acts: ONE, faults: FAULTS },
  { ...GALS, name: 'gals: two events and a crash', acts: TWO, faults: ['crash'] },
  { ...GALS, name: 'gals: an event and the end', acts: ['emit', 'end'] },
  { ...GALS, name: 'gals: an event and a newcomer', acts: ONE, faults: ['join'], quanta: 1 },
  { ...GALS, name: 'gals: an event among three', acts: ONE, instances: 3, margin: 40 * MILLISECOND },
  { ...HORIZON, name: 'horizon: two events and any fault', acts: TWO, faults: FAULTS },
  { ...HORIZON, name: 'horizon: an event, any fault, three ticks', acts: ONE, faults: FAULTS, quanta: 3 },
  { ...HORIZON, name: 'horizon: an event and a newcomer', acts: ONE, faults: ['join'], quanta: 1 },
  { ...HORIZON, name: 'horizon: two events among three', acts: TWO, instances: 3 },
]

export const boundOf = (name: string): Bound => {
  const bound = BOUNDS.find((each) => each.name === name)
  if (bound === undefined) throw new RangeError(`There is no world called ${name}.`)
  return bound
}
