import type { Door } from '../door.ts'
import { startProcess } from '../door.ts'
import { findGodot, HOW_TO_GET_GODOT, Project } from './engine.ts'

const engine = findGodot()
let project: Project | undefined

/** One project serves all instances: none of them writes there. */
const prepare = async (): Promise<void> => {
  if (engine === undefined || project !== undefined) return
  project = await Project.make(engine)
}

const close = async (): Promise<void> => {
  await project?.remove()
  project = undefined
}

const door = (name: string, ...args: readonly string[]): Door => ({
  name,
  missing: () => (engine === undefined ? HOW_TO_GET_GODOT : undefined),
  prepare,
  close,
  start: async (place) => {
    await prepare()
    const { command, args: all } = (project as Project).commandOf('res://door.tscn', '--', ...args)
    return startProcess(place, command, all)
  },
})

/** Godot, which speaks the session's protocol itself. */
export const godot = door('Godot')

/** Godot over a bridge. */
export const godotOverBridge = door('Godot over the bridge', 'bridge')
