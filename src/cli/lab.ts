import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { documentOf } from '../lab/gals/document.ts'
import { counted, type Outcome, runExperiment, runsInWords } from '../lab/gals/experiment.ts'
import { figureOf } from '../lab/gals/figure.ts'
import { publishedFor } from '../lab/gals/published.ts'
import { tableOf } from '../lab/gals/table.ts'
import { verdictOf } from '../lab/gals/verdict.ts'
import { calledBy, rulesInWords } from '../lab/gals/worker.ts'
import { addExhaust } from './lab-exhaust.ts'
import { addFaults } from './lab-faults.ts'
import { addGalsOptions, type Wanted, type Written, wantedOf } from './lab-options.ts'
import { addPeersLab } from './lab-peers.ts'
import { addStory } from './lab-story.ts'
import { addTry } from './lab-try.ts'
import {
  durationOf,
  EXIT,
  type ExitCode,
  paintFor,
  rateOf,
  runByCrew,
  type Surroundings,
  stopped,
  widthOf,
} from './terminal.ts'
import { notWritable } from './writable.ts'

/** `sametick lab`: experiments in virtual time. */
export const addLab = (
  program: Command,
  surroundings: Surroundings,
  ended: (code: ExitCode) => void,
): void => {
  const lab = program
    .command('lab')
    .summary('run experiments, trials and searches in virtual time')
    .description('Experiments, trials and searches in virtual time.')
    .helpCommand(false)
  addGalsOptions(lab.command('gals'))
    .summary("the experiment behind the paper's Figure 8")
    .description(DESCRIPTION)
    .addHelpText('after', AFTER)
    .action(async (written: Written, command: Command) => {
      const wanted = wantedOf(written)
      if ('error' in wanted) return command.error(`error: ${wanted.error}`, { exitCode: EXIT.usage })
      const wrong = wanted.value.svg === undefined ? undefined : notWritable(wanted.value.svg)
      if (wrong !== undefined) return command.error(`error: ${wrong}`, { exitCode: EXIT.usage })
      ended(await runGals(wanted.value, surroundings))
    })
  addPeersLab(lab, surroundings, ended)
  addTry(lab, surroundings, ended)
  addExhaust(lab, surroundings, ended)
  addFaults(lab, surroundings, ended)
  addStory(lab, surroundings, ended)
}

const DESCRIPTION = `The experiment behind Figure 8 of Symmetric Distributed Applications, in virtual time: 10 to 100 ticks a second, 2 to 100 instances and an event every 5 to 0.25 seconds in three networks, beside the published figures. All of it is 288 cells, each of 3 runs of 5 virtual minutes: 72 hours.`

const AFTER = `
Examples:
  npx sametick lab gals --demo
  npx sametick lab gals --network wan --fps 25 --instances 10,25 --every 1
  npx sametick lab gals --discipline horizon --svg horizon.svg
  npx sametick lab gals --first --minutes 1 --runs 1
  npx sametick lab gals --json > all.json

The same options give the same figures, with however many jobs, and a part of the cells those of the whole.
Ctrl-C ends it with what is done so far.

Ends with 0; 1 if timelines differ, an invariant is broken or a run fails; 2 if it is called wrongly.`

/** Run it, show it, and judge it. */
const runGals = async (wanted: Wanted, surroundings: Surroundings): Promise<ExitCode> => {
  const { experiment } = wanted
  const { now } = surroundings
  const from = now()
  const outcome = await outcomeOf(wanted, surroundings)
  show(wanted, outcome, now() - from, surroundings)
  if (!outcome.complete) {
    const done = outcome.results.reduce((sum, { runs }) => sum + runs, 0)
    return stopped(surroundings, done, experiment.cells.length * experiment.runs)
  }
  const broken = experiment.rules.kind === 'ours' && outcome.results.some(({ identical }) => !identical)
  return broken ? EXIT.failed : EXIT.ok
}

const outcomeOf = (wanted: Wanted, surroundings: Surroundings): Promise<Outcome> =>
  runByCrew(wanted, surroundings, ({ workers }, tell) =>
    runExperiment(wanted.experiment, workers, tell, surroundings.signal),
  )

const show = (wanted: Wanted, outcome: Outcome, ms: number, surroundings: Surroundings): void => {
  const { experiment, svg, json, quiet } = wanted
  const { out, err } = surroundings
  const { results } = outcome
  if (json) out.write(`${JSON.stringify(documentOf(experiment, outcome), null, 2)}\n`)
  if (results.length === 0) return
  if (!json) out.write(`${pageOf(wanted, outcome, surroundings)}\n`)
  // Of what was stopped early there may be nothing to draw.
  const drawn = svg !== undefined && results.some(({ cell }) => publishedFor(cell))
  if (drawn) writeFileSync(svg, figureOf(results, experiment))
  if (quiet) return
  const notes = json ? err : out
  if (drawn) notes.write(`The figure is in ${svg}.\n`)
  const virtual_s = results.reduce((sum, result) => sum + result.virtual_s, 0)
  const took = `${durationOf(1_000 * virtual_s)} of virtual time took ${durationOf(ms)}`
  notes.write(`${took}: ${rateOf(virtual_s, ms)}.\n`)
}

/** The table and the verdict. */
const pageOf = ({ experiment, quiet }: Wanted, { results }: Outcome, surroundings: Surroundings): string => {
  const { out, env } = surroundings
  const paint = paintFor(out, env)
  const called = calledBy(experiment.rules)
  const verdict = verdictOf(results, experiment.rules, paint)
  if (quiet) return verdict
  return [
    `${counted(results.length, 'cell')} by ${rulesInWords(experiment.rules)}`,
    `of each ${runsInWords(experiment)}`,
    '',
    tableOf(results, { width: widthOf(out, env), paint, called }),
    '',
    verdict,
    '',
  ].join('\n')
}
