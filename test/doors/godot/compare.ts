import type { Engine } from './engine.ts'
import { Project } from './engine.ts'
import { transcripts, vectors } from './vectors.ts'

/** How a set of vectors came out: how many were held against each other, and the first that differ. */
export interface Compared {
  readonly name: string
  readonly checked: number
  readonly wrong: readonly string[]
}

/** Holds the addon's parts against the core's; instances in every golden story and in so many random worlds. */
export const compareWithCore = async (engine: Engine, worlds: number): Promise<Compared[]> => {
  const sets = [...vectors(), ...transcripts(worlds)]
  const project = await Project.make(engine)
  try {
    await project.write('vectors.jsonl', sets.map((set) => JSON.stringify(set)).join('\n'))
    const out = await project.run({}, '--script', 'res://check.gd', '--', 'res://vectors.jsonl')
    const compared = new Map(
      out
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Compared)
        .map((one) => [one.name, one]),
    )
    // A set that nothing was said of, or in which nothing was compared, is as wrong as one that differs.
    return sets.map(({ name }) => {
      const one = compared.get(name)
      return one !== undefined && one.checked > 0
        ? one
        : { name, checked: 0, wrong: ['nothing was compared'] }
    })
  } finally {
    await project.remove()
  }
}
