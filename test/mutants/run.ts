import { parseArgs } from 'node:util'
import { type Hunted, huntAll, isCaught, MEETING_PREY, PEERS_PREY, wayOut } from './hunt.ts'
import { MEETING_MUTANTS } from './meeting.ts'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'
import { PEER_MUTANTS } from './peers.ts'
import { remember } from './remember.ts'

/**
 * `npm run mutants`, `npm run mutants -- lease --seconds 20`: hunts those of sessions, peers and meeting points whose names hold
 * one of the words, each from the first seed on. With `--write` the seeds that caught them are remembered where the mutants are:
 * these alone are tried with `--hints`, as by `npm test`.
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

const isChosen = ({ name }: Mutant): boolean =>
  positionals.length === 0 || positionals.some((word) => name.includes(word))

/** Each kind is hunted in worlds of its own. */
const KINDS = [
  { name: 'sessions', mutants: MUTANTS.filter(isChosen), prey: undefined },
  { name: 'peers', mutants: PEER_MUTANTS.filter(isChosen), prey: PEERS_PREY },
  { name: 'meeting points', mutants: MEETING_MUTANTS.filter(isChosen), prey: MEETING_PREY },
]
const width = Math.max(0, ...KINDS.flatMap(({ mutants }) => mutants.map(({ name }) => name.length)))

const row = (name: string, by: string, runs: string, seconds: string): string =>
  [name.padEnd(width), by.padEnd(12), runs.padStart(6), seconds.padStart(8)].join('  ')

const print = (hunted: Hunted): void => {
  const { mutant, by, runs, seed, seconds } = hunted
  console.log(row(mutant.name, by.length > 0 ? by.join(' ') : 'NOTHING', `${runs}`, seconds.toFixed(1)))
  if (values.write && isCaught(hunted)) remember(mutant.name, seed)
}

const sum = (name: string, hunted: readonly Hunted[]): string => {
  const runs = hunted.map((each) => each.runs).sort((a, b) => a - b)
  return `${hunted.filter(isCaught).length} of ${hunted.length} of ${name} caught, in ${runs[runs.length >> 1]} runs in the median`
}

console.log(row('mutant', 'caught by', 'runs', 'seconds'))
const sums: string[] = []
const missed: Hunted[] = []
for (const { name, mutants, prey } of KINDS) {
  if (mutants.length === 0) continue
  const hunted = await huntAll(mutants, {
    hints: values.hints,
    from: Number(values.from),
    seconds: Number(values.seconds),
    workers: Number(values.workers),
    each: print,
    ...(prey === undefined ? {} : { prey }),
  })
  sums.push(sum(name, hunted))
  missed.push(...hunted.filter((each) => !isCaught(each)))
}

console.log(`\n${sums.join('\n') || 'No name holds one of these words.'}`)
for (const one of missed) console.log(`missed: ${one.mutant.name}: ${wayOut(one)}`)
// A word that no name holds has hunted nothing.
if (missed.length > 0 || sums.length === 0) process.exitCode = 1
