import { networkInterfaces } from 'node:os'
import type { Command } from 'commander'
import { SametickError } from '../app/errors.ts'
import type { RoomHappening } from '../core/meeting/room.ts'
import { DISCIPLINES, type Discipline } from '../core/session/options.ts'
import { hex } from '../core/timeline/recording.ts'
import type { SessionOptions } from '../server/options.ts'
import { PAGE_FOLDER, readPages } from '../server/pages.ts'
import { createServer, type Server, type ServerEvent, type ServerSettings } from '../server/server.ts'
import { isOrigin } from '../server/settings.ts'
import { fpsOf, instancesOf, portOf } from './numbers.ts'
import { EXIT, type ExitCode, paintFor, type Surroundings, visible } from './terminal.ts'

interface Written {
  readonly port?: number
  readonly tcp?: number
  readonly udp?: number
  readonly host?: string
  readonly open?: boolean
  readonly instances?: number
  readonly members?: number
  readonly fps?: number
  readonly discipline: string
  readonly session?: string[]
  readonly origin?: string[]
  readonly rooms: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Where the server is found unless told otherwise. */
export const PORT = 4600
const LOOPBACK = '127.0.0.1'
const ANYWHERE = '0.0.0.0'

/** `sametick serve`: a sequencer, and the demo page beside it. */
export const addServe = (
  program: Command,
  surroundings: Surroundings,
  ended: (code: ExitCode) => void,
): void => {
  program
    .command('serve')
    .summary('run a sequencer and a meeting point of peers, with the demo page')
    .description(
      'Runs a sequencer for any number of sessions. Each is created by the first who connects to its name, who also fixes its application and FPS. Peers meet at the same addresses, in rooms of the same kind of names, and then talk to each other directly, or through the server where no direct way is found.',
    )
    .option(
      '-p, --port <n>',
      `port of the page and of WebSockets (default ${PORT}; 0 finds a free one)`,
      portOf,
    )
    .option('--tcp <n>', 'listen for TCP as well', portOf)
    .option('--udp <n>', 'listen for UDP as well', portOf)
    .option('--host <address>', `address to listen at (default ${LOOPBACK}: this machine only)`)
    .option('--open', `listen at all addresses: whoever reaches this machine can connect`)
    .option('-n, --instances <n>', 'start each session when so many have come, all together', instancesOf)
    .option('--members <n>', 'admit no more than so many to each session', instancesOf)
    .option('--fps <n>', 'ticks a second of every session', fpsOf)
    .option('--discipline <name>', DISCIPLINES.join(', '), 'auto')
    .option('--session <name...>', 'serve sessions of these names, beside those of the page, and no others')
    .option('--no-rooms', 'do not let peers meet here, nor pass on what they say')
    .option('--origin <url...>', 'pages from elsewhere that may connect as well, or * for all')
    .option('--json', 'write what happens as a line of JSON each')
    .option('-q, --quiet', 'say nothing but the addresses')
    .addHelpText('after', AFTER)
    .action(async (written: Written, command: Command) => {
      const wrong = wrongIn(written)
      if (wrong !== undefined) return command.error(`error: ${wrong}`, { exitCode: EXIT.usage })
      ended(await serve(written, surroundings))
    })
}

const AFTER = `
Examples:
  npx sametick serve
  npx sametick serve --instances 2 --discipline gals
  npx sametick serve --open --port 8080 --udp 8080
  npx sametick serve --session lesson --fps 30
  npx sametick serve --origin https://play.example

Ctrl-C tells everybody, lets what was sent arrive, and ends.`

const wrongIn = (written: Written): string | undefined => {
  const { discipline, host, open, origin = [], instances = 0, members = instances } = written
  if (!DISCIPLINES.includes(discipline as Discipline))
    return `there is no discipline called ${discipline}: take one of ${DISCIPLINES.join(', ')}.`
  if (instances > members) return `a session that admits ${members} never starts with ${instances}.`
  if (host !== undefined && open) return 'give --host or --open, not both.'
  for (const page of origin)
    if (!isOrigin(page)) return `${page} is no origin: write it as https://play.example, without a path.`
  return undefined
}

const serve = async (written: Written, surroundings: Surroundings): Promise<ExitCode> => {
  const { out, err, env, signal } = surroundings
  const { json = false, quiet = false } = written
  const host = written.host ?? (written.open ? ANYWHERE : LOOPBACK)
  const say = (line: string): unknown => out.write(`${line}\n`)
  const addresses = (): readonly string[] => server.addresses
  // Others cannot reach this machine at the address that stands for all of its own.
  const reachable = (): string[] => addresses().map((address) => address.replace(ANYWHERE, reachableAt()))
  const info = (): unknown => ({ addresses: reachable(), open: host !== LOOPBACK })
  // Without the page's files there is no page, and sessions all the same.
  const pages = await readPages(PAGE_FOLDER, { '/info.json': info }).catch(() => undefined)
  let server: Server
  try {
    server = await openAt(written, {
      host,
      origins: written.origin ?? [],
      ...(written.rooms ? {} : { roomsMax: 0 }),
      sessions: (name) => sessionOf(name, written),
      ...(pages === undefined ? {} : { pages }),
      onEvent: (event) => {
        if (json) say(JSON.stringify(event, bytesAsHex))
        else if (!quiet) for (const line of wordsOf(event)) say(paintFor(out, env).dim(line))
      },
    })
  } catch (error) {
    if (!(error instanceof SametickError)) throw error
    err.write(`${paintFor(err, env).red(`error: ${error.message}`)}\n`)
    return EXIT.failed
  }
  if (json) say(JSON.stringify({ kind: 'serving', addresses: server.addresses }))
  else say(greeting(server.addresses, host, written.rooms, surroundings))
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  if (!json && !quiet) say('Ending: everybody is told.')
  await server.close()
  return EXIT.ok
}

/** At the port that was asked for; at the usual one, or a free one if that is taken. */
const openAt = async (written: Written, settings: ServerSettings): Promise<Server> => {
  const { tcp, udp } = written
  const more = { ...(tcp === undefined ? {} : { tcp }), ...(udp === undefined ? {} : { udp }) }
  if (written.port !== undefined) return createServer({ ...settings, ...more, ws: written.port })
  try {
    return await createServer({ ...settings, ...more, ws: PORT })
  } catch (error) {
    if (!(error instanceof SametickError) || error.code !== 'port_in_use') throw error
    return createServer({ ...settings, ...more, ws: 0 })
  }
}

/** Of the demo page each discipline has a session of its own; of all others the options hold. */
const sessionOf = (name: string, written: Written): SessionOptions | undefined => {
  const demo = /^demo-.*-(gals|horizon|auto)$/.exec(name)?.[1]
  if (demo !== undefined) return { discipline: demo as Discipline }
  if (written.session !== undefined && !written.session.includes(name)) return undefined
  const { instances, members, fps, discipline } = written
  return {
    discipline: discipline as Discipline,
    ...(instances === undefined ? {} : { instances }),
    ...(members === undefined ? {} : { members }),
    ...(fps === undefined ? {} : { fps }),
  }
}

const greeting = (
  addresses: readonly string[],
  host: string,
  isRooms: boolean,
  { out, env }: Surroundings,
): string => {
  const paint = paintFor(out, env)
  // Others cannot reach this machine at the address that stands for all of its own.
  const reachable = addresses.map((address) => address.replace(ANYWHERE, reachableAt()))
  const page = reachable.find((address) => address.startsWith('ws:'))?.replace(/^ws/, 'http')
  const width = Math.max(...reachable.map((address) => address.length), page?.length ?? 0)
  const line = (address: string, paint: (text: string) => string, what: string): string =>
    `    ${paint(address)}${' '.repeat(width - address.length)}   ${what}`
  return [
    '',
    `  ${paint.bold('Sametick')} serves at`,
    '',
    ...(page === undefined ? [] : [line(page, paint.bold, 'the page: open it in a browser')]),
    ...reachable.map((address) =>
      line(
        address,
        String,
        isRooms && address.startsWith('ws') ? 'for programs, and where peers meet' : 'for programs',
      ),
    ),
    '',
    `  ${host === LOOPBACK ? 'Only this machine can connect; --open lets others.' : 'Whoever reaches this machine can connect.'} Ctrl-C ends it.`,
    '',
  ].join('\n')
}

/** An address by which others may find this machine. */
const reachableAt = (): string => {
  for (const addresses of Object.values(networkInterfaces()))
    for (const { family, internal, address } of addresses ?? [])
      if (family === 'IPv4' && !internal) return address
  return LOOPBACK
}

const wordsOf = (event: ServerEvent): string[] => {
  switch (event.kind) {
    case 'opened':
      return [`${named(event.session)}: created`]
    case 'forgotten':
      return [`${named(event.session)}: forgotten, nobody came back`]
    case 'turned_away':
      return [`${event.remote}: turned away (${event.code})`]
    case 'kept_out':
      return [`${event.remote}: kept out of a room (${event.code})`]
    case 'room':
      return meetingIn(event.happening).map((words) => `${roomNamed(event.room)}: ${words}`)
    case 'session':
      return happeningIn(event).map((words) => `${named(event.session)}: ${words}`)
  }
}

/** Whoever connects chose the name: nothing in it may speak to the terminal. */
const named = (session: string): string => (session === '' ? 'session' : `session "${visible(session)}"`)

const roomNamed = (room: string): string => (room === '' ? 'room' : `room "${visible(room)}"`)

const meetingIn = (happening: RoomHappening): string[] => {
  switch (happening.kind) {
    case 'entered':
      return [`peer ${happening.id} has come`]
    case 'gone':
      return [`peer ${happening.id} has gone${happening.why === undefined ? '' : ` (${happening.why})`}`]
    case 'refused':
      return [`a peer was refused (${happening.code})`]
    case 'close':
      return []
  }
}

/** Payloads, in JSON. */
const bytesAsHex = (_key: string, value: unknown): unknown =>
  value instanceof Uint8Array ? hex(value) : value

const happeningIn = ({ happening }: Extract<ServerEvent, { kind: 'session' }>): string[] => {
  switch (happening.kind) {
    case 'admitted':
      return [`instance ${happening.id} has come`]
    case 'started':
      return ['started']
    case 'gone':
      return [`instance ${happening.id} has gone${happening.why === undefined ? '' : ` (${happening.why})`}`]
    case 'refused':
      return [`somebody was refused (${happening.code})`]
    case 'distrusted':
      return [`instance ${happening.id} is not waited for (${happening.why})`]
    default:
      return []
  }
}
