import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { EXIT, type ExitCode, hasColours, paintFor, type Surroundings, widthOf } from './terminal.ts'

type Add = (program: Command, surroundings: Surroundings, ended: (code: ExitCode) => void) => void

/** The verbs in the order in which they are listed. Only the one that is asked for is loaded: a server starts at once. */
const VERBS: Readonly<Record<string, () => Promise<Add>>> = {
  serve: async () => (await import('./serve.ts')).addServe,
  join: async () => (await import('./join.ts')).addJoin,
  bridge: async () => (await import('./bridge.ts')).addBridge,
  addon: async () => (await import('./addon.ts')).addAddon,
  diff: async () => (await import('./diff.ts')).addDiff,
  peer: async () => (await import('./peer.ts')).addPeer,
  lab: async () => (await import('./lab.ts')).addLab,
}

const added = (verb = ''): Promise<readonly Add[]> => {
  const loads = Object.hasOwn(VERBS, verb) ? [VERBS[verb] as () => Promise<Add>] : Object.values(VERBS)
  return Promise.all(loads.map((load) => load()))
}

/** Run what a command line says; what it ends with is the process's exit code. */
export const runProgram = async (argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> => {
  const { out, err, env } = surroundings
  let code: ExitCode = EXIT.ok
  const program = new Command('sametick')
    .description('One program on many machines, every copy doing the same thing at the same tick.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', '\nTry: npx sametick lab gals --demo')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void out.write(text),
      writeErr: (text) => void err.write(text),
      getOutHelpWidth: () => Math.min(HELP_WIDTH_MAX, widthOf(out, env)),
      getErrHelpWidth: () => Math.min(HELP_WIDTH_MAX, widthOf(err, env)),
      getOutHasColors: () => hasColours(out, env),
      getErrHasColors: () => hasColours(err, env),
      outputError: (text, write) => write(`${paintFor(err, env).red(text.trimEnd())}\n`),
    })
    .configureHelp({ styleTitle: (text) => `\x1b[1m${text}\x1b[22m` })
    .showHelpAfterError('Add --help to see what there is.')
  for (const add of await added(argv[0]))
    add(program, surroundings, (ended) => {
      code = ended
    })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    err.write(`${paintFor(err, env).red(`error: ${error instanceof Error ? error.message : error}`)}\n`)
    return EXIT.failed
  }
}

const HELP_WIDTH_MAX = 110

const version = (): string => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
