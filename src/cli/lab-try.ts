import { type Command, Option } from 'commander'
import { counted } from '../lab/gals/experiment.ts'
import { parseNumber, type Range } from '../lab/gals/select.ts'
import { TRY_NETWORKS, type TryNetwork } from '../lab/try/timeline.ts'
import { TRY_DEFAULTS, tryApp } from '../lab/try/try.ts'
import { wordsOf } from '../lab/try/words.ts'
import { readApp, readScript, whatWentWrong } from './app-file.ts'
import { closureOf } from './closures.ts'
import { orSay } from './lab-options.ts'
import { EXIT, type ExitCode, paintFor, type Surroundings } from './terminal.ts'
import { watchSteps } from './watchdog.ts'

interface Written {
  readonly instances?: number
  readonly network?: TryNetwork
  readonly minutes?: number
  readonly input?: string
  readonly seed?: number
  readonly json?: true
}

const INSTANCES: Range = { min: 2, max: 32, whole: true }
const MINUTES: Range = { min: 0.01, max: 1_440, whole: false }
const SEED: Range = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true }
const one = (range: Range) => (text: string) => orSay(parseNumber(text, range))

/** `sametick lab try`: whether all instances of an application stay equal, and if not, why. */
export const addTry = (lab: Command, surroundings: Surroundings, ended: (code: ExitCode) => void): void => {
  lab
    .command('try')
    .summary('run an application in several instances and see whether they stay equal')
    .description(DESCRIPTION)
    .argument('<app>', 'a module whose default export is an application')
    .option('-i, --instances <number>', `how many (default: ${TRY_DEFAULTS.instances})`, one(INSTANCES))
    .addOption(
      new Option('-n, --network <name>', `over which (default: ${TRY_DEFAULTS.network})`).choices(
        TRY_NETWORKS,
      ),
    )
    .option('--minutes <number>', `virtual length (default: ${TRY_DEFAULTS.minutes})`, one(MINUTES))
    .option('--input <file>', 'what is emitted: random, or a script (default: random)')
    .option('--seed <number>', `all chance comes from it (default: ${TRY_DEFAULTS.seed})`, one(SEED))
    .option('--json', 'one JSON document, and nothing else, on the standard output')
    .addHelpText('after', AFTER)
    .action(async (file: string, written: Written, command: Command) => {
      const stays = staying(file, surroundings.err)
      const usage = (error: string) => {
        stays()
        command.error(`error: ${error}`, { exitCode: EXIT.usage })
      }
      surroundings.busy()
      const app = await readApp(file)
      if ('error' in app) return usage(app.error)
      const { input = 'random', json, ...options } = written
      const script = input === 'random' ? undefined : await readScript(input)
      if (script !== undefined && 'error' in script) return usage(script.error)
      const { out, err, env } = surroundings
      const report = await watching(err, () =>
        tryApp(app.value, {
          ...options,
          closures: closureOf,
          ...(script && { input: script.value }),
        }),
      ).finally(stays)
      if (json) out.write(`${JSON.stringify(report, jsonValue, 2)}\n`)
      else if (report.verdict === 'refused') return usage(report.hint)
      else out.write(`${wordsOf(report, paintFor(out, env), againOf(file, written)).join('\n')}\n`)
      ended(EXITS[report.verdict])
    })
}

/** Whoever ends the process takes the report along: that is said, and is no success. */
const staying = (file: string, err: Surroundings['err']): (() => void) => {
  const told = (): void => {
    err.write(
      `error: ${file} ends the process (process.exit) before it could be tried: an application must not.\n`,
    )
    process.exitCode = EXIT.usage
  }
  process.on('exit', told)
  return () => void process.off('exit', told)
}

/** Says which step does not end, and which promise was rejected and nobody heard it. */
const watching = async <T>(err: Surroundings['err'], run: () => Promise<T>): Promise<T> => {
  const unheard: unknown[] = []
  const hear = (reason: unknown): void => void unheard.push(reason)
  const stopWatching = watchSteps()
  process.on('unhandledRejection', hear)
  try {
    return await run()
  } finally {
    // What failed at last is told a turn later.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', hear)
    stopWatching()
    if (unheard.length > 0)
      err.write(
        `Note: ${counted(unheard.length, 'promise')} of the application failed, and nobody heard of it; the first: ${whatWentWrong(unheard[0])}\n`,
      )
  }
}

const EXITS = { equal: EXIT.ok, differs: EXIT.failed, refused: EXIT.usage } as const

const againOf = (file: string, written: Written): string =>
  [
    `npx sametick lab try ${file}`,
    ...Object.entries({ seed: TRY_DEFAULTS.seed, ...written })
      .filter(([name]) => name !== 'json')
      .map(([name, value]) => `--${name} ${value}`),
  ].join(' ')

/** What JSON has no word for, in words. */
const jsonValue = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (value instanceof Map || value instanceof Set) return [...value]
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

const DESCRIPTION = `Runs an application in several instances, in virtual time, and compares their states at every tick. The inputs come over a session of the product's own, through a network; each instance runs on a machine of its own, with another clock, other chance, other last bits of sines and powers, another language, another way to sort, promises and timers that go on later, drawing at another rate, and is saved and restored on the way. If they part: at which tick, in which fields, and why.`

const AFTER = `
The module may export beside the application, by these names:
  samples   payloads to emit: { steer: ['left', 'right'], aim: (random) => random.unit() }
            (without: what the check and the handler of an event speak of, and else simple values that pass)
  render    what draws: it is called with the state, and must not change it

A script is a JSON file, or a module whose default export is such a list:
  [{ "tick": 10, "player": 1, "event": "steer", "payload": "left" }]

Examples:
  npx sametick lab try game.js
  npx sametick lab try game.js --instances 5 --network lossy --minutes 20 --seed 7
  npx sametick lab try game.ts --input report.json --json

Ends with 0 if they are equal at every tick, 1 if they part, 2 if it is called wrongly or cannot be tried.`
