import { describe, expect, test } from 'vitest'
import { huntAll, PEERS_PREY } from './hunt.ts'
import { editsOf, occurrences } from './mutant.ts'
import { PEER_MUTANTS } from './peers.ts'

/** The rules of peers and of the time machine are turned off, one at a time, and the checks must find it out. */
test.each(PEER_MUTANTS)('is a change of the source as it stands: $name', (mutant) => {
  for (const edit of editsOf(mutant)) expect(occurrences(edit), edit.find).toBe(1)
})

describe('the checks find out', async () => {
  const hunted = await huntAll(PEER_MUTANTS, { hints: true, seconds: 60, workers: 2, prey: PEERS_PREY })

  test.each(hunted)('that $mutant.name', ({ mutant, by }) => {
    expect(
      mutant.by.some((expected) => by.includes(expected)),
      `caught by ${by.join(' ') || 'nothing'}`,
    ).toBe(true)
  })
})
