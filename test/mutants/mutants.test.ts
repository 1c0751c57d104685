import { describe, expect, test } from 'vitest'
import { huntAll, isCaught, wayOut } from './hunt.ts'
import { editsOf, occurrences } from './mutant.ts'
import { MUTANTS } from './mutants.ts'

/**
 * Every rule of the protocol is turned off, one at a time, and the checks must find it out. Here every eighth is
 * tried, with the seed or the story that found it; `npm run mutants -- --hints` does the same with all, and without
 * `--hints` they are hunted anew.
 */
const SOME = MUTANTS.filter((_, i) => i % 8 === 0)

test.each(MUTANTS)('is a change of the source as it stands: $name', (mutant) => {
  for (const edit of editsOf(mutant)) expect(occurrences(edit), edit.find).toBe(1)
  expect(mutant.seed ?? mutant.story).toBeDefined()
})

describe('the checks find out', async () => {
  const hunted = await huntAll(SOME, { hints: true, workers: 2 })

  test.each(hunted)('that $mutant.name', (one) => {
    expect(isCaught(one), wayOut(one)).toBe(true)
  })
})

test('there is a mutant for every rule', () => {
  expect(MUTANTS.length).toBeGreaterThanOrEqual(40)
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
})
