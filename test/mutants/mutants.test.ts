import { describe, expect, test } from 'vitest'
import { huntAll } from './hunt.ts'
import { editsOf, occurrences } from './mutant.ts'
import { MUTANTS } from './mutants.ts'

/**
 * Every rule of the protocol is turned off, one at a time, and the checks must find it out. Here those are hunted
 * that are known to be found soon, by the story that found them; `npm run mutants` hunts all, without a hint.
 */
const SOON = MUTANTS.filter((mutant) => mutant.seed !== undefined)
const SECONDS = 60

test.each(MUTANTS)('is a change of the source as it stands: $name', (mutant) => {
  for (const edit of editsOf(mutant)) expect(occurrences(edit), edit.find).toBe(1)
})

describe('the checks find out', async () => {
  const hunted = await huntAll(SOON, { hints: true, seconds: SECONDS, workers: 2 })

  test.each(hunted)('that $mutant.name', ({ mutant, by }) => {
    expect(
      mutant.by.some((expected) => by.includes(expected)),
      `caught by ${by.join(' ') || 'nothing'}`,
    ).toBe(true)
  })

  test('most of what is there', () => {
    expect(SOON.length).toBeGreaterThanOrEqual(40)
  })
})
