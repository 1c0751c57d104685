import { describe, expect, test } from 'vitest'
import { huntAll, isCaught, PEERS_PREY, wayOut } from './hunt.ts'
import { editsOf, occurrences } from './mutant.ts'
import { PEER_MUTANTS } from './peers.ts'

/** The rules of peers and of the time machine are turned off, one at a time, and the checks must find it out. */
test.each(PEER_MUTANTS)('is a change of the source as it stands: $name', (mutant) => {
  for (const edit of editsOf(mutant)) expect(occurrences(edit), edit.find).toBe(1)
  expect(mutant.seed ?? mutant.story).toBeDefined()
})

describe('the checks find out', async () => {
  const hunted = await huntAll(PEER_MUTANTS, { hints: true, workers: 2, prey: PEERS_PREY })

  test.each(hunted)('that $mutant.name', (one) => {
    expect(isCaught(one), wayOut(one)).toBe(true)
  })
})
