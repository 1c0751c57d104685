import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { STORIES } from './stories.ts'

/**
 * Stories of a session, told line by line, beside the text that a person has read and found right. To read
 * them anew after a change: `UPDATE_STORIES=1 npx vitest run test/golden`, then look at what git says changed.
 */
describe('the stories of a session are told as they were read', () => {
  for (const [name, tell] of Object.entries(STORIES))
    test(name, () => {
      const file = new URL(`./${name}.txt`, import.meta.url)
      const told = `${tell().join('\n')}\n`
      if (process.env.UPDATE_STORIES === '1') writeFileSync(file, told)
      expect(told).toBe(readFileSync(file, 'utf8'))
    })
})
