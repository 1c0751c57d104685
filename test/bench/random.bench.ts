import { ln, Random } from '../../src/core/random.ts'
import type { Case } from './measure.ts'

/** What chance costs, and what it costs that its logarithm has the same bits everywhere. */
const random = new Random(1)
let x = 0
const next = () => {
  x = (x + 0.001) % 1
  return x + 0.001
}

const cases: readonly Case[] = [
  { name: 'uint32', run: () => random.uint32() },
  { name: 'exponential', run: () => random.exponential(10) },
  { name: 'ln, portable', run: () => ln(next()) },
  { name: 'Math.log', run: () => Math.log(next()) },
]

export default cases
