import { parseArgs } from 'node:util'
import { type Hunted, huntAll } from './hunt.ts'
import { MUTANTS } from './mutants.ts'
import { remember } from './remember.ts'

/**
 * `npm run mutants`, `npm run mutants -- lease --seconds 20`: hunts those whose names hold one of the words, each
 * from the first seed on. With `--write` the seeds that caught them are remembered where the mutants are, to be
 * tried first by `npm test`.
 */
const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    hints: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

const chosen = MUTANTS.filter(
  ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
)
const width = Math.max(...chosen.map(({ name }) => name.length))

const row = (name: string, by: string, runs: string, seconds: string): string =>
  [name.padEnd(width), by.padEnd(12), runs.padStart(6), seconds.padStart(8)].join('  ')

const isCaught = ({ mutant, by }: Hunted): boolean => mutant.by.some((expected) => by.includes(expected))

const print = (hunted: Hunted): void => {
  const { mutant, by, runs, seed, seconds } = hunted
  console.log(row(mutant.name, by.length > 0 ? by.join(' ') : 'NOTHING', `${runs}`, seconds.toFixed(1)))
  if (values.write && isCaught(hunted)) remember(mutant.name, seed)
}

console.log(row('mutant', 'caught by', 'runs', 'seconds'))
const hunted = await huntAll(chosen, {
  hints: values.hints,
  from: Number(values.from),
  seconds: Number(values.seconds),
  workers: Number(values.workers),
  each: print,
})

const runs = hunted.map((each) => each.runs).sort((a, b) => a - b)
const missed = hunted.filter((each) => !isCaught(each))
console.log(
  `\n${hunted.length - missed.length} of ${hunted.length} caught, in ${runs[runs.length >> 1]} runs in the median`,
)
for (const { mutant, by, what } of missed)
  console.log(
    `missed: ${mutant.name} (${mutant.by.join(' or ')} expected, not ${by.join(' ') || 'nothing'}: ${what})`,
  )
if (missed.length > 0) process.exitCode = 1
