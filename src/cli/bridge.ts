import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { SametickError } from '../app/errors.ts'
import { BRIDGE_PORT, type Bridge, type BridgeEvent, createBridge } from '../bridge/index.ts'
import { BRIDGE_LIMITS } from '../bridge/limits.ts'
import { countOf, instancesOf, portOf, urlOf } from './numbers.ts'
import { PORT } from './serve.ts'
import { EXIT, type ExitCode, paintFor, type Surroundings } from './terminal.ts'

interface Written {
  readonly server: string
  readonly port?: number
  readonly ports?: readonly number[]
  readonly host?: string
  readonly app?: string
  readonly instances?: number
  readonly trial?: number
  readonly json?: boolean
  readonly quiet?: boolean
}

/** `sametick bridge`: the local client of programs in other languages. */
export const addBridge = (
  program: Command,
  surroundings: Surroundings,
  ended: (code: ExitCode) => void,
): void => {
  program
    .command('bridge')
    .summary('let programs in C, Godot and any other language take part')
    .description(
      'Serves programs of any language on local ports: each that connects takes part in the session as an instance of its own, until it closes its socket.',
    )
    .option('-s, --server <url>', 'where the session is', urlOf, `ws://127.0.0.1:${PORT}`)
    .option('-p, --port <n>', `port for programs (default ${BRIDGE_PORT}; 0 finds a free one)`, portOf)
    .option('--ports <from-to>', 'several of them', portsOf)
    .option('--host <address>', 'address to listen at (default 127.0.0.1: this machine only)')
    .option('--app <id>', 'application and version of programs that name none (default mid@1)')
    .option(
      '-n, --instances <n>',
      'if a program creates the session: start when so many have come',
      instancesOf,
    )
    .option('--trial <ticks>', 'have programs that take requests go back so far, again and again', trialOf)
    .option('--json', 'write what happens as a line of JSON each')
    .option('-q, --quiet', 'say nothing but the ports')
    .addHelpText('after', AFTER)
    .action(async (written: Written, command: Command) => {
      if (written.port !== undefined && written.ports !== undefined)
        return command.error('error: give --port or --ports, not both.', { exitCode: EXIT.usage })
      ended(await bridge(written, surroundings))
    })
}

const AFTER = `
Examples:
  npx sametick bridge
  npx sametick bridge --server ws://127.0.0.1:4600/lesson --port 10007
  npx sametick bridge --ports 10000-10009 --instances 10

Ctrl-C tells every program, and ends.`

/** '10000-10009' */
const portsOf = (text: string): readonly number[] => {
  const [, from = '', to = ''] = /^(\d+)-(\d+)$/.exec(text) ?? []
  const [first, last] = [Number(from), Number(to)]
  if (from === '' || first < 1 || last > 65_535 || last < first || last - first >= PORTS_MAX)
    throw new InvalidArgumentError(`Write the first and the last, like 10000-10009: at most ${PORTS_MAX}.`)
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

const PORTS_MAX = 1_000

/** How far a trial goes back. */
const trialOf = (text: string): number => {
  const ticks = countOf(text)
  if (ticks > BRIDGE_LIMITS.trial_max)
    throw new InvalidArgumentError(`It takes a whole number from 1 to ${BRIDGE_LIMITS.trial_max}.`)
  return ticks
}

const bridge = async (written: Written, surroundings: Surroundings): Promise<ExitCode> => {
  const { out, err, env, signal } = surroundings
  const { server, json = false, quiet = false, host, app, instances, trial } = written
  const say = (line: string): unknown => out.write(`${line}\n`)
  let opened: Bridge
  try {
    opened = await createBridge({
      server,
      ports: written.ports ?? [written.port ?? BRIDGE_PORT],
      ...(host === undefined ? {} : { host }),
      ...(app === undefined ? {} : { app }),
      ...(instances === undefined ? {} : { instances }),
      ...(trial === undefined ? {} : { trial }),
      onEvent: (event) => {
        if (json) say(JSON.stringify(event))
        else if (!quiet) say(paintFor(out, env).dim(wordsOf(event)))
      },
    })
  } catch (error) {
    if (!(error instanceof SametickError)) throw error
    err.write(`${paintFor(err, env).red(`error: ${error.message}`)}\n`)
    return EXIT.failed
  }
  const { ports } = opened
  if (json) say(JSON.stringify({ kind: 'serving', ports, server }))
  else say(greeting(ports, server, surroundings))
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await opened.close()
  return EXIT.ok
}

const greeting = (ports: readonly number[], server: string, { out, env }: Surroundings): string => {
  const paint = paintFor(out, env)
  const [first, last] = [ports[0], ports.at(-1)]
  const where = first === last ? `port ${first}` : `ports ${first} to ${last}`
  return [
    '',
    `  ${paint.bold('Sametick')} bridges ${paint.bold(where)} to ${server}`,
    '',
    `  A program takes part when it calls mid_connect(${first}, fps). Ctrl-C ends it.`,
    '',
  ].join('\n')
}

const wordsOf = (event: BridgeEvent): string => {
  switch (event.kind) {
    case 'joined':
      return `port ${event.port}: a program takes part as instance ${event.player}, at ${event.fps} FPS (${PROTOCOLS[event.protocol]})`
    case 'left': {
      const who = event.player === undefined ? 'a program' : `instance ${event.player}`
      return `port ${event.port}: ${who} has gone (${event.code}). ${event.words}`
    }
  }
}

const PROTOCOLS = { first: 'first protocol', local: 'local protocol' } as const
