import type { Command } from 'commander'
import type { Bound } from '../lab/exhaust/bound.ts'
import { BOUNDS } from '../lab/exhaust/bounds.ts'
import { type Exhausted, exhaust } from '../lab/exhaust/search.ts'
import { durationOf, EXIT, type ExitCode, paintFor, type Surroundings } from './terminal.ts'

interface Written {
  readonly json?: true
}

/** `sametick lab exhaust`: everything that can happen in a small world, tried. */
export const addExhaust = (
  lab: Command,
  surroundings: Surroundings,
  ended: (code: ExitCode) => void,
): void => {
  lab
    .command('exhaust')
    .summary('try every interleaving of small worlds, each state once')
    .description(DESCRIPTION)
    .argument('[words...]', 'only the worlds whose names hold all of these words')
    .option('--json', 'one JSON document, and nothing else, on the standard output')
    .addHelpText('after', AFTER)
    .action((words: string[], { json }: Written, command: Command) => {
      const chosen = BOUNDS.filter(({ name }) => words.every((word) => name.includes(word)))
      if (chosen.length === 0)
        return command.error(
          `error: no world is called so. There are: ${BOUNDS.map(({ name }) => name).join('; ')}.`,
          { exitCode: EXIT.usage },
        )
      surroundings.busy()
      ended(run(chosen, json ?? false, surroundings))
    })
}

const run = (bounds: readonly Bound[], json: boolean, { out, env, now, signal }: Surroundings): ExitCode => {
  const paint = paintFor(out, env)
  const width = Math.max(...bounds.map(({ name }) => name.length))
  const row = (...cells: string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(width) : cell.padStart(11))).join('')
  const began = now()
  const results: Exhausted[] = []
  if (!json) out.write(`${paint.bold(row('world', 'states', 'steps', 'ends', 'deepest', 'time'))}\n`)
  for (const bound of bounds) {
    const from = now()
    const result = exhaust(bound, { goOn: () => !signal.aborted })
    results.push(result)
    const { states, steps, ends, deepest } = result
    if (!json)
      out.write(
        `${row(bound.name, `${states}`, `${steps}`, `${ends}`, `${deepest}`, durationOf(now() - from))}\n`,
      )
    if (!json) for (const line of storyOf(result)) out.write(`${paint.red(line)}\n`)
    if (!result.complete) break
  }
  const states = results.reduce((sum, result) => sum + result.states, 0)
  if (json) out.write(`${JSON.stringify({ states, results }, null, 2)}\n`)
  else {
    out.write(`\n${states} states in ${durationOf(now() - began)}; in how many of them:\n`)
    for (const [sight, count] of seenIn(results)) out.write(`${`${count}`.padStart(10)}  ${sight}\n`)
  }
  if (results.some(({ fall }) => fall !== undefined)) return EXIT.failed
  return results.length === bounds.length && results.every(({ complete }) => complete)
    ? EXIT.ok
    : EXIT.stopped
}

const seenIn = (results: readonly Exhausted[]): Map<string, number> => {
  const all = new Map<string, number>()
  for (const { seen } of results)
    for (const [sight, count] of Object.entries(seen)) all.set(sight, (all.get(sight) ?? 0) + count)
  return all
}

const storyOf = ({ fall }: Exhausted): string[] =>
  fall === undefined
    ? []
    : [
        `${fall.invariant}: ${fall.what}`,
        ...fall.story.map((words, i) => `  ${`${i + 1}`.padStart(3)} ${words}`),
      ]

const DESCRIPTION = `The sequencer and the instances themselves, in worlds that are small enough to try everything that can happen in them: each message arrives at any moment, each event is emitted at any moment, and one thing goes wrong at any moment. P1 to P6 are checked in every state, and no state is looked at twice.`

const AFTER = `
Examples:
  npx sametick lab exhaust
  npx sametick lab exhaust horizon newcomer --json

Ends with 0 if everything was tried and holds, 1 if an invariant breaks (with what happened, step by step), 2 if it
is called wrongly, 130 if it was stopped.`
