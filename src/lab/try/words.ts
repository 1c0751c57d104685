import { printed } from '../../core/timeline/printed.ts'
import { counted } from '../gals/experiment.ts'
import { type Paint, PLAIN } from '../gals/table.ts'
import type { CannotTry } from './payloads.ts'
import type { Cause, Parting, ShownInput, TryReport } from './report.ts'

/** A report as lines for people. `again`: the command that repeats it. */
export const wordsOf = (report: TryReport | CannotTry, paint: Paint = PLAIN, again?: string): string[] => {
  if (report.verdict === 'refused') return [paint.red(`It cannot be tried: ${report.hint}`)]
  const { parting, causes, notes } = report
  return [
    ...(parting === undefined ? equalIn(report, paint) : partedIn(report, parting, paint)),
    ...causes.flatMap((cause, i) => causeIn(cause, i, causes.length, paint)),
    ...(notes.length > 0 ? ['', ...notes.map((note) => paint.yellow(`Note: ${note}`))] : []),
    ...(parting !== undefined && again !== undefined ? ['', paint.dim(`Again: ${again}`)] : []),
  ]
}

const equalIn = ({ app, instances, ticks, events, network }: TryReport, paint: Paint): string[] => [
  `${paint.bold(app)}: ${instances} instances, ${ticks} ticks, equal at every tick.`,
  `${counted(events, 'event')} over ${network}, on machines with other clocks, chance, last bits and habits; saved and restored on the way.`,
]

const partedIn = ({ app, ticks }: TryReport, parting: Parting, paint: Paint): string[] => {
  const { tick, now, instances, fields, inputs, handler } = parting
  const [a, b] = instances
  const width = Math.max(...fields.map(({ path }) => path.length), 0)
  return [
    paint.red(
      `${app} parts at tick ${tick} (${(now / 1000).toFixed(1)} s) of ${ticks}: instances ${a} and ${b} differ${fields[0] === undefined ? '' : ` in ${fields[0].path || 'the whole state'}`}.`,
    ),
    ...(fields.length > 0 ? [''] : []),
    ...fields.map(({ path, text }) => `  ${path.padEnd(width)}  ${a}: ${text[0]}  ${b}: ${text[1]}`),
    '',
    `  inputs of that tick: ${inputs.map(inputIn).join(', ')}`,
    // They were looked at when they ran again: if they were equal then, nothing is known of where it was.
    ...(fields.length > 0
      ? [
          `  they part ${handler === undefined ? 'after all inputs of the tick, between two steps' : `in ${handler}`}`,
        ]
      : []),
  ]
}

const inputIn = ({ name, player, payload }: ShownInput): string =>
  [
    name,
    ...(player === undefined ? [] : [`of player ${player}`]),
    ...(payload === undefined ? [] : [printed(payload, 60)]),
  ].join(' ')

const causeIn = (cause: Cause, i: number, of: number, paint: Paint): string[] => [
  '',
  `${paint.bold(of > 1 ? `Likely cause ${i + 1}:` : 'Likely cause:')} ${cause.what}`,
  `  What to do: ${cause.instead}`,
  paint.dim(`  How it was found: ${cause.shown}.`),
]
