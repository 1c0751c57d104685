import { expect } from 'vitest'
import { besideGodot } from '../examples/beside-godot.ts'

interface Arena {
  readonly bodies: readonly { readonly face: number }[]
}

/** What is held is no event: it is to be seen in the state. */
besideGodot('arena', async (page) => {
  const faces = await page.evaluate(() =>
    [...watched.states.values()].map((text) => (JSON.parse(text) as Arena).bodies[1]?.face),
  )
  expect(new Set(faces).size).toBeGreaterThan(1)
})
