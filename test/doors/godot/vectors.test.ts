import { expect, test } from 'vitest'
import { compareWithCore } from './compare.ts'
import { findGodot, HOW_TO_GET_GODOT } from './engine.ts'

/** `npm run doors` plays more of them. */
const WORLDS = 3
const engine = findGodot()

if (engine !== undefined)
  test('in Godot, messages, payloads, digests and every call of an instance are those of the core', async () => {
    const compared = await compareWithCore(engine, WORLDS)
    expect(compared.filter(({ wrong }) => wrong.length > 0)).toEqual([])
    expect(compared.length).toBeGreaterThan(40)
  })
else
  test('in Godot, everything is as in the core', (context) => {
    console.warn(HOW_TO_GET_GODOT)
    context.skip(HOW_TO_GET_GODOT)
  })
