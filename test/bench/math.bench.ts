import { atan2, cos, exp, log, pow, sin } from '../../src/deterministic/index.ts'
import type { Case } from './measure.ts'

/** What the same bits everywhere cost, beside what an engine makes as it likes. */
let x = 0
const next = (): number => {
  x = (x + 0.37) % 20
  return x + 0.1
}

const cases: readonly Case[] = [
  { name: 'Math.sin', run: () => Math.sin(next()) },
  { name: 'sin', run: () => sin(next()) },
  { name: 'Math.cos', run: () => Math.cos(next()) },
  { name: 'cos', run: () => cos(next()) },
  { name: 'Math.atan2', run: () => Math.atan2(next(), 3) },
  { name: 'atan2', run: () => atan2(next(), 3) },
  { name: 'Math.exp', run: () => Math.exp(next()) },
  { name: 'exp', run: () => exp(next()) },
  { name: 'Math.log', run: () => Math.log(next()) },
  { name: 'log', run: () => log(next()) },
  { name: 'Math.pow', run: () => next() ** 1.7 },
  { name: 'pow', run: () => pow(next(), 1.7) },
]

export default cases
