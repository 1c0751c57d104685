import { env, exit } from 'node:process'
import { parseArgs } from 'node:util'
import type { Door } from './door.ts'
import { DOORS } from './doors.ts'
import { type Outcome, playDoors } from './session.ts'

/**
 * `npm run doors`: instances of all engines and languages in one session for a minute, then each pair of them for
 * five seconds; digests must be equal at every tick. `--seconds`, `--pair-seconds` and `--only node,c` shorten it.
 * Where an engine is missing its door is left out and named, and with CI=true that is a failure.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    'pair-seconds': { type: 'string', default: '5' },
    fps: { type: 'string', default: '60' },
    only: { type: 'string' },
  },
})
const fps = Number(values.fps)
const only = values.only?.toLowerCase().split(',')

const chosen = DOORS.filter(({ name }) => only?.some((word) => name.toLowerCase().includes(word)) ?? true)
const here: Door[] = []
let failed = 0
for (const door of chosen) {
  const missing = door.missing()
  if (missing === undefined) here.push(door)
  else {
    console.log(`${door.name}: left out. ${missing}`)
    if (env.CI) failed++
  }
}
for (const door of here) await door.prepare?.()

const wordsOf = ({ doors, equal, states, wrong }: Outcome, ticks: number, ms: number): string =>
  [
    `${wrong.length === 0 ? 'equal' : 'WRONG'}  ${equal} of ${ticks} ticks, ${states} states, ${(ms / 1000).toFixed(1)} s: ${doors.join(', ')}`,
    ...wrong.map((why) => `       ${why}`),
  ].join('\n')

const play = async (doors: readonly Door[], seconds: number): Promise<Outcome> => {
  const ticks = Math.round(seconds * fps)
  const from = performance.now()
  const outcome = await playDoors(doors, { fps, ticks })
  console.log(wordsOf(outcome, ticks, performance.now() - from))
  if (outcome.wrong.length > 0) failed++
  return outcome
}

const mark = (outcome: Outcome | undefined): string =>
  outcome === undefined ? '' : outcome.wrong.length === 0 ? 'equal' : 'WRONG'

console.log(`\nAll in one session, ${values.seconds} s at ${fps} FPS`)
await play(here, Number(values.seconds))

console.log(`\nEach pair, ${values['pair-seconds']} s`)
const pairs = new Map<string, Outcome>()
for (const [i, a] of here.entries())
  for (const b of here.slice(i))
    pairs.set(`${a.name}/${b.name}`, await play([a, b], Number(values['pair-seconds'])))

const names = here.map(({ name }) => name)
console.log(`\n| | ${names.join(' | ')} |`)
console.log(`| --- |${' --- |'.repeat(names.length)}`)
for (const row of names)
  console.log(
    `| ${row} | ${names.map((column) => mark(pairs.get(`${row}/${column}`) ?? pairs.get(`${column}/${row}`))).join(' | ')} |`,
  )
for (const door of here) await door.close?.()
exit(failed === 0 ? 0 : 1)
