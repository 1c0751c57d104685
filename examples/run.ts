import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { argv, execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildPages, EXAMPLES } from './common/build.ts'
import { ABOUT, pageAt, serveExamples } from './common/serve.ts'

/**
 * `npm run example -- NAME`: one server on this machine for all examples, and the one that was named. A page is
 * opened in a browser; a program, `main.ts`, is run here and given the address of the server.
 */

/** Those that need no second window. */
const ALONE: readonly string[] = ['six-peers']
const PORT = 4601
const LOOPBACK = '127.0.0.1'
const ANYWHERE = '0.0.0.0'
const PAGES = fileURLToPath(new URL('../out/examples', import.meta.url))
const LOADER = fileURLToPath(new URL('../test/ts.mjs', import.meta.url))

const isExample = (name: string): boolean =>
  ['page.ts', 'main.ts'].some((file) => existsSync(join(EXAMPLES, name, file)))

const usage = (): string =>
  [
    'usage: npm run example -- NAME [--port N] [--open]',
    '',
    `  NAME      ${readdirSync(EXAMPLES).filter(isExample).join(', ')}`,
    `  --port N  of the server (default ${PORT}; 0 finds a free one)`,
    '  --open    let others than this machine connect',
  ].join('\n')

const { values, positionals } = (() => {
  try {
    return parseArgs({
      args: argv.slice(2),
      allowPositionals: true,
      options: { port: { type: 'string', default: `${PORT}` }, open: { type: 'boolean', default: false } },
    })
  } catch (error) {
    return fail(error instanceof Error ? error.message : `${error}`)
  }
})()

const [name = '', ...rest] = positionals
const port = Number(values.port)
if (!isExample(name)) fail(name === '' ? 'Name an example.' : `There is no example called ${name}.`)
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`There is no port ${values.port}.`)

function fail(why: string): never {
  console.error(`${why}\n\n${usage()}`)
  process.exit(2)
}

/** The address of a server of the examples that runs already: one machine needs only one. */
const running = async (): Promise<string | undefined> => {
  if (port === 0) return undefined
  const answer = await fetch(`http://${LOOPBACK}:${port}${ABOUT}`).catch(() => undefined)
  return answer?.ok ? `ws://${LOOPBACK}:${port}` : undefined
}

const reachable = (address: string): string => {
  const others = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const found = others.find(({ family, internal }) => family === 'IPv4' && !internal)
  return address.replace(ANYWHERE, found?.address ?? LOOPBACK)
}

const found = await running()
if (found === undefined) await buildPages(PAGES)
const server =
  found === undefined
    ? await serveExamples(PAGES, { port, ...(values.open ? { host: ANYWHERE } : {}) }).catch((error: Error) =>
        fail(error.message),
      )
    : undefined
const address = found ?? (server?.addresses[0] as string)

if (existsSync(join(EXAMPLES, name, 'main.ts'))) {
  // In a process of its own, as it would be run anywhere else.
  const program = spawn(
    execPath,
    ['--import', LOADER, join(EXAMPLES, name, 'main.ts'), address.replace(ANYWHERE, LOOPBACK), ...rest],
    { stdio: 'inherit' },
  )
  // Ctrl-C is for the program, and it ends both.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => program.kill())
  program.on('exit', async (code) => {
    await server?.close()
    process.exitCode = code ?? 1
  })
} else {
  console.log(
    `\n  ${name}: ${ALONE.includes(name) ? 'open it' : 'open it in two windows'}\n\n    ${pageAt(reachable(address), name)}\n`,
  )
  if (server === undefined) console.log('  A server of the examples runs already, in another terminal.\n')
  else {
    console.log(
      `  ${values.open ? 'Whoever reaches this machine can open it.' : 'Only this machine can open it; --open lets others.'} Ctrl-C ends it.\n`,
    )
    const end = () => server.close()
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
  }
}
