import { expect } from 'vitest'
import { besideGodot } from './beside-godot.ts'

besideGodot('rectangle', async (page) => {
  expect(await page.evaluate(() => watched.events.map(({ name, by }) => `${name} ${by}`))).toContain(
    'steer 2',
  )
})
