import { findGodot, Project } from './engine.ts'

const WHEN_ON = [
  'autoload/Sametick',
  'sametick/connection/application',
  'sametick/connection/catch_up_ms',
  'sametick/connection/thread',
  'sametick/debug/overlay',
]

/** A project into which the addon was copied, as its users have it: not enabled, and nothing of it in the settings. */
const NEW_PROJECT = `config_version=5

[application]

config/name="New"

[editor_plugins]

enabled=PackedStringArray("res://addons/sametick_test/plugin.cfg")
`

/** What is in the project's settings when the addon is off, when it is on, and when it is off again. */
const EXPECTED = [
  { found: [], when: 'off' },
  { found: WHEN_ON, when: 'on' },
  { found: [], when: 'off again' },
]

/**
 * Opens a project in Godot's editor and turns the addon on and off there. What went wrong, as sentences; the editor
 * complaining of anything counts. It takes half a minute, nearly all of it the editor's own.
 */
export const tryEditor = async (): Promise<string[]> => {
  const engine = findGodot()
  if (engine === undefined) return []
  const project = await Project.make(engine)
  try {
    await project.write('project.godot', NEW_PROJECT)
    // Scripts of tests and of the demo speak of the autoload, which is not there yet.
    await project.keepOnly('addons', 'project.godot')
    const out = await project.run({ SAMETICK_TEST_EDITOR: '1' }, '--editor')
    const said = out.split('\n').filter((line) => line.startsWith('{'))
    const expected = EXPECTED.map((what) => JSON.stringify(what))
    return JSON.stringify(said) === JSON.stringify(expected) ? [] : [`the editor has ${said.join(', ')}`]
  } catch (error) {
    return [error instanceof Error ? error.message : `${error}`]
  } finally {
    await project.remove()
  }
}
