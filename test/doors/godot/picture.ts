import { spawn } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import arena from '../../../examples/arena/app.ts'
import { loop } from '../../../src/app/loop.ts'
import { connect } from '../../../src/client/node.ts'
import { createServer } from '../../../src/server/server.ts'
import { DEMO, findGodot, HOW_TO_GET_GODOT, Project } from './engine.ts'

/**
 * Takes the picture of the README: the demo's arena in a window of an X server in memory, in one session with three
 * players in Node, after some seconds. Look at it before it is kept.
 * `node --import ./test/ts.mjs --import ./test/examples/source.mjs test/doors/godot/picture.ts`
 */
const PICTURE = fileURLToPath(
  new URL('../../../src/bindings/godot/addons/sametick/docs/arena.png', import.meta.url),
)
const NAMES = ['Lynx', 'Heron', 'Otter']
const SECONDS = '9'

const engine = findGodot()
if (engine === undefined) throw new Error(HOW_TO_GET_GODOT)
const project = await Project.make(engine)
const server = await createServer({})
const [address = ''] = server.addresses

/** It goes for whoever comes first, dashes now and then, and turns back at the edge. */
const play = async (name: string): Promise<void> => {
  const link = await connect(`${address}/arena`, arena, { as: { name } })
  let held = 0
  loop(link, {
    input: () => {
      const { bodies } = link.state
      const me = bodies.find(({ player }) => player === link.me)
      const other = bodies.find(({ kind, player, gone }) => kind !== 0 && gone === 0 && player !== link.me)
      if (me === undefined || other === undefined || Math.random() > 0.05) return held
      const isOut = Math.hypot(me.x, me.y) > 300 * 256
      const [x, y] = isOut ? [-me.x, -me.y] : [other.x - me.x, other.y - me.y]
      held = 1 + ((Math.round((Math.atan2(y, x) * 8) / Math.PI) + 16) % 16)
      if (!isOut && Math.random() < 0.4) held += 32
      return held
    },
  })
}

try {
  for (const name of NAMES) await play(name)
  await project.write('project.godot', await readFile(join(DEMO, 'project.godot'), 'utf8'))
  await project.write(
    'override.cfg',
    '[autoload]\n\nPicture="*res://picture.gd"\n\n[sametick]\n\ndebug/overlay=true\n',
  )
  const { command, args } = project.commandInWindow('--rendering-driver', 'opengl3', '--', 'arena', address)
  const child = spawn(command, args, { stdio: 'inherit', env: { ...env, PICTURE_AFTER: SECONDS } })
  await new Promise((resolve) => child.on('close', resolve))
  await writeFile(PICTURE, await readFile(join(project.folder, 'picture.png')))
  console.log(PICTURE)
} finally {
  await server.close()
  await project.remove()
  await rm(join(project.folder, 'picture.png'), { force: true })
}
process.exit()
