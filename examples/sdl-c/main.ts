import { execFile, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { argv, env, exit } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createBridge } from 'sametick/bridge'

/**
 * `npm run example -- sdl-c`: compiles the program, opens a bridge, and runs two instances of it. Whoever has more
 * machines runs `npx sametick bridge` and the program on each.
 */

const run = promisify(execFile)
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const folder = here('../../out/examples')
const program = join(folder, 'sdl-c')

const missing = (what: string): never => {
  console.error(`${what} Install what it needs: apt-get install gcc libsdl2-dev`)
  return exit(1)
}

const { stdout: flags } = await run('sdl2-config', ['--cflags', '--libs']).catch(() =>
  missing('SDL2 was not found.'),
)
await mkdir(folder, { recursive: true })
await run(env.CC ?? 'cc', [
  ...['-std=c99', '-O2', '-I', here('../../src/bindings/c'), here('./rect.c'), '-o', program],
  ...flags.trim().split(/\s+/),
]).catch((error: Error) => missing(error.message))

const server = `${argv[2] ?? 'ws://127.0.0.1:4601'}/sdl`
const bridge = await createBridge({ server, ports: [0] })
const port = `${bridge.ports[0]}`
console.log(`A bridge to ${server} at port ${port}. Arrow keys steer, space stops, Escape leaves.`)
const instances = [1, 2].map(() => spawn(program, [port], { stdio: 'inherit' }))
await Promise.all(instances.map((one) => new Promise((resolve) => one.on('close', resolve))))
await bridge.close()
