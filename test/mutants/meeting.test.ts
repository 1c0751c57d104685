import { describe, expect, test } from 'vitest'
import { huntAll, isCaught, MEETING_PREY, wayOut } from './hunt.ts'
import { MEETING_MUTANTS } from './meeting.ts'
import { editsOf, occurrences } from './mutant.ts'

/** The rules of a meeting point are turned off, one at a time, and the checks must find it out. */
test.each(MEETING_MUTANTS)('is a change of the source as it stands: $name', (mutant) => {
  for (const edit of editsOf(mutant)) expect(occurrences(edit), edit.find).toBe(1)
  expect(mutant.seed ?? mutant.story).toBeDefined()
})

describe('the checks find out', async () => {
  const hunted = await huntAll(MEETING_MUTANTS, { hints: true, workers: 2, prey: MEETING_PREY })

  test.each(hunted)('that $mutant.name', (one) => {
    expect(isCaught(one), wayOut(one)).toBe(true)
  })
})
