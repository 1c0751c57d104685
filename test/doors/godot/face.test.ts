import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findGodot, HOW_TO_GET_GODOT, Project } from './engine.ts'

/** Each function of this script is a sentence about what a game sees of the addon. */
const SCRIPT = new URL('project/face_check.gd', import.meta.url)
const sentences = [...readFileSync(SCRIPT, 'utf8').matchAll(/^func _check_(\w+)/gm)].map(
  ([, name = '']) => name,
)

const engine = findGodot()
let project: Project
const wrong = new Map<string, readonly string[]>()

const story = (): void => {
  beforeAll(async () => {
    if (engine === undefined) return
    project = await Project.make(engine)
    for (const line of (await project.run({}, 'res://face_check.tscn')).split('\n'))
      if (line.startsWith('{')) {
        const said = JSON.parse(line) as { name: string; wrong: string[] }
        wrong.set(said.name, said.wrong)
      }
  })
  afterAll(() => project.remove())

  test.each(sentences.map((name) => [name.replaceAll('_', ' '), name]))('%s', (_, name) => {
    expect(wrong.get(name)).toEqual([])
  })
}

if (engine !== undefined) describe('what a game in Godot sees of a session', story)
else
  test('what a game in Godot sees of a session', (context) => {
    console.warn(HOW_TO_GET_GODOT)
    context.skip(HOW_TO_GET_GODOT)
  })
