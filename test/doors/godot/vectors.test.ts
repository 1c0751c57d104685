import { expect, test } from 'vitest'
import { findGodot, HOW_TO_GET_GODOT, Project } from './engine.ts'
import { transcripts, vectors } from './vectors.ts'

const WORLDS = 6
const engine = findGodot()

/** How a set of vectors came out: how many were held against each other, and the first that differ. */
interface Checked {
  readonly name: string
  readonly checked: number
  readonly wrong: readonly string[]
}

if (engine !== undefined)
  test('in Godot, messages, payloads, digests and every call of an instance are those of the core', async () => {
    const sets = [...vectors(), ...transcripts(WORLDS)]
    const project = await Project.make(engine)
    try {
      await project.write('vectors.jsonl', sets.map((set) => JSON.stringify(set)).join('\n'))
      const out = await project.run({}, '--script', 'res://check.gd', '--', 'res://vectors.jsonl')
      const checked = out
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Checked)
      expect(checked.map(({ name }) => name)).toEqual(sets.map(({ name }) => name))
      expect(checked.filter(({ wrong }) => wrong.length > 0)).toEqual([])
      for (const { name, checked: count } of checked) expect([name, count]).not.toEqual([name, 0])
    } finally {
      await project.remove()
    }
  })
else
  test('in Godot, everything is as in the core', (context) => {
    console.warn(HOW_TO_GET_GODOT)
    context.skip(HOW_TO_GET_GODOT)
  })
