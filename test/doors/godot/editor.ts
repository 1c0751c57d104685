import { findGodot, Project } from './engine.ts'

const WHEN_ON = [
  'autoload/Sametick',
  'sametick/connection/application',
  'sametick/connection/catch_up_ms',
  'sametick/connection/thread',
  'sametick/debug/overlay',
]

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
