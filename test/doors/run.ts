import { env, exit } from 'node:process'
import { parseArgs } from 'node:util'
import type { Discipline } from '../../src/core/session/options.ts'
import { browser } from './browser/door.ts'
import type { Door } from './door.ts'
import { DOORS } from './doors.ts'
import { compareWithCore } from './godot/compare.ts'
import { FRAME_COST_MAX, measureFrames } from './godot/cost.ts'
import { godot } from './godot/door.ts'
import { tryEditor } from './godot/editor.ts'
import { findGodot } from './godot/engine.ts'
import { node } from './node/door.ts'
import { type Outcome, playDoors } from './session.ts'
import { playTrouble } from './trouble.ts'

/**
 * `npm run doors`: instances of all engines and languages in one session for a minute, then each pair of them for
 * five seconds; digests must be equal at every tick. Then two of Godot, one of Node and a browser for a minute, in
 * which one process is stopped for a while and one killed. `--seconds`, `--pair-seconds`, `--trouble-seconds` and
 * `--only node,c` shorten it.
 * Where an engine is missing its door is left out and named, and with CI=true that is a failure.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    'pair-seconds': { type: 'string', default: '5' },
    'trouble-seconds': { type: 'string', default: '60' },
    fps: { type: 'string', default: '60' },
    only: { type: 'string' },
  },
})
/** A machine of two cores runs so many pairs without falling behind. */
const PAIRS_AT_ONCE = 3
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

type Play = (doors: readonly Door[], ticks: number) => Promise<Outcome>
const together: Play = (doors, ticks) => playDoors(doors, { fps, ticks })

const play = async (doors: readonly Door[], seconds: number, by = together): Promise<Outcome> => {
  const ticks = Math.round(seconds * fps)
  const from = performance.now()
  const outcome = await by(doors, ticks)
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
const waiting = here.flatMap((a, i) => here.slice(i).map((b) => [a, b] as const))
/** The disciplines take turns: what an instance does is the same in all of them. */
const DISCIPLINES: readonly Discipline[] = ['auto', 'gals', 'horizon']
/** Sessions of their own, several at once: what they come to does not depend on time. */
const playPairs = async (): Promise<void> => {
  for (let pair = waiting.shift(); pair !== undefined; pair = waiting.shift()) {
    const [a, b] = pair
    const discipline = DISCIPLINES[waiting.length % DISCIPLINES.length] as Discipline
    const by: Play = (doors, ticks) => playDoors(doors, { fps, ticks, discipline })
    pairs.set(`${a.name}/${b.name}`, await play(pair, Number(values['pair-seconds']), by))
  }
}
await Promise.all(Array.from({ length: PAIRS_AT_ONCE }, playPairs))

const names = here.map(({ name }) => name)
console.log(`\n| | ${names.join(' | ')} |`)
console.log(`| --- |${' --- |'.repeat(names.length)}`)
for (const row of names)
  console.log(
    `| ${row} | ${names.map((column) => mark(pairs.get(`${row}/${column}`) ?? pairs.get(`${column}/${row}`))).join(' | ')} |`,
  )

/** Stopped for a twelfth of the session, five seconds of a minute: beyond every lease. */
const trouble: Play = (doors, ticks) =>
  playTrouble(doors, { fps, ticks, paused: 0, pausedTicks: Math.round(ticks / 12), killed: 2 })
const four = [godot, godot, node, browser]
if (four.every((door) => here.includes(door))) {
  console.log(`\nOne stopped for a while, one killed, ${values['trouble-seconds']} s`)
  await play(four, Number(values['trouble-seconds']), trouble)
}
/** Random worlds whose instances are played again in Godot, call by call. */
const WORLDS = 40
const engine = findGodot()
if (here.includes(godot) && engine !== undefined) {
  const compared = await compareWithCore(engine, WORLDS)
  const differing = compared.filter(({ wrong }) => wrong.length > 0)
  const calls = compared.reduce((sum, { checked }) => sum + checked, 0)
  console.log(
    `\nGodot and the core, ${calls} calls and values of ${WORLDS} random worlds and more: ${differing.length === 0 ? 'equal' : 'WRONG'}`,
  )
  for (const { name, wrong } of differing) console.log(`       ${name}: ${wrong[0]}`)
  failed += differing.length
  const wrong = await tryEditor()
  console.log(
    wrong.length === 0 ? "\nGodot's editor turns the addon on and off" : `\nWRONG  ${wrong.join('\n')}`,
  )
  failed += wrong.length
  console.log(
    `\nAn idle connection costs a frame of Godot, median of ten seconds (${FRAME_COST_MAX} µs are its share):`,
  )
  for (const { name, median, p95 } of await measureFrames()) {
    // A figure, and no verdict: a machine that is busy makes it larger. That nothing was measured is one.
    const isMeasured = Number.isFinite(median)
    const remark = median > FRAME_COST_MAX ? ', which is more than its share' : ''
    console.log(
      isMeasured
        ? `${name}: ${median} µs, at the 95th percentile ${p95} µs${remark}`
        : `WRONG  ${name}: nothing`,
    )
    if (!isMeasured) failed++
  }
}
for (const door of here) await door.close?.()
exit(failed === 0 ? 0 : 1)
