import { describe, expect, test } from 'vitest'
import { NEVER, SECOND } from '../../src/core/timeline/tick.ts'
import { Backlog } from '../../src/lab/backlog.ts'

describe('what is under way by a channel', () => {
  test('counts for nothing while nothing is wrong', () => {
    const backlog = new Backlog()
    for (let now = 0; now < 5; now++) {
      backlog.goes(now * SECOND, Number.NEGATIVE_INFINITY)
      if (now > 2) backlog.comes(now * SECOND)
      expect(backlog.since).toBe(Number.NEGATIVE_INFINITY)
    }
  })

  test('while something is wrong has come with the last of it, and not before', () => {
    const backlog = new Backlog()
    backlog.goes(1 * SECOND, Number.NEGATIVE_INFINITY)
    // Until the end of the third second.
    backlog.goes(2 * SECOND, 3 * SECOND)
    backlog.goes(4 * SECOND, 3 * SECOND)
    backlog.comes(5 * SECOND)
    expect(backlog.since).toBe(NEVER)
    backlog.comes(6 * SECOND)
    expect(backlog.since).toBe(6 * SECOND)
    backlog.comes(7 * SECOND)
    expect(backlog.since).toBe(6 * SECOND)
  })

  test('when something went wrong has come with what goes next, also if nothing went meanwhile', () => {
    const backlog = new Backlog()
    backlog.goes(1 * SECOND, Number.NEGATIVE_INFINITY)
    backlog.goes(4 * SECOND, 3 * SECOND)
    backlog.goes(5 * SECOND, 3 * SECOND)
    backlog.comes(6 * SECOND)
    expect(backlog.since).toBe(NEVER)
    backlog.comes(7 * SECOND)
    expect(backlog.since).toBe(7 * SECOND)
  })
})
