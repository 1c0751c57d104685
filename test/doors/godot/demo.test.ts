import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sumOf } from '../../../examples/arena/sum.ts'
import { digest } from '../../../src/core/timeline/digest.ts'
import { traceOf } from '../../examples/arena/trace.ts'
import { findGodot, HOW_TO_GET_GODOT, Project } from './engine.ts'

const README = new URL('../../../src/bindings/godot/addons/sametick/README.md', import.meta.url)
const engine = findGodot()
let project: Project

const story = (): void => {
  beforeAll(async () => {
    if (engine !== undefined) project = await Project.make(engine)
  })
  afterAll(() => project.remove())

  test('every script and scene can be loaded, and so can what the README shows', async () => {
    const shown = [...readFileSync(README, 'utf8').matchAll(/```gdscript\n([\s\S]*?)```/g)]
    expect(shown.length).toBeGreaterThan(0)
    // The editor indents by tabs; in what is shown, both are good.
    for (const [i, [, text = '']] of shown.entries()) await project.write(`shown_${i}.gd`, text)
    const lines = (await project.run({}, 'res://load_all.tscn')).trim().split('\n')
    expect(lines.filter((line) => !line.startsWith('loaded '))).toEqual([])
    expect(lines.length).toBeGreaterThan(30)
  })

  test('the arena comes to the same state as in the browser at every 50th tick of a round', async () => {
    const { text, states } = traceOf()
    await project.write('trace.json', text)
    const out = await project.run({}, '--script', 'res://arena_check.gd', '--', 'res://trace.json')
    const { sums } = JSON.parse(text) as { sums: [number, number][] }
    const expected = sums.map(([tick], i) => {
      const state = states[i] as (typeof states)[number]
      return `${tick} ${sumOf(state)} ${digest(state)}`
    })
    expect(out.trim().split('\n')).toEqual(expected)
  })

  test("the engine's own bodies cannot be put back as they were, so they are no state: as the README says", async () => {
    const run = (settings: Readonly<Record<string, string>>) =>
      project.run(settings, '--fixed-fps', '60', 'res://bodies.tscn')
    const [through, back] = [await run({}), await run({ BODIES_BACK: 'yes' })]
    expect(through).toMatch(/^places \d+$/m)
    expect(back).toMatch(/^places \d+$/m)
    expect(back).not.toBe(through)
  })
}

if (engine !== undefined) describe('the demo in Godot', story)
else
  test('the demo in Godot', (context) => {
    console.warn(HOW_TO_GET_GODOT)
    context.skip(HOW_TO_GET_GODOT)
  })
