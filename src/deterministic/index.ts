/**
 * What an application may use inside a step: chance with a state, and functions with the same bits in every
 * engine. `+ - * / %`, `Math.sqrt`, `floor`, `round`, `trunc`, `abs`, `min`, `max`, `fround` and `imul` are
 * exact everywhere and may be used as they are.
 */
export { Random, type RandomState } from '../core/random.ts'
export { type Guard, guard, guarded, NotDeterministic } from './guard.ts'
export { acos, asin, atan, atan2 } from './inverse.ts'
export { exp, hypot, log, pow } from './power.ts'
export { cos, sin, tan } from './trigonometry.ts'
