import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../src/core/limits.ts'
import { Ledger } from '../../../src/core/session/ledger.ts'
import { Member } from '../../../src/core/session/member.ts'
import { Reckoning } from '../../../src/core/session/reckoning.ts'
import { MILLISECOND, type Micros, SECOND } from '../../../src/core/timeline/tick.ts'

const FPS = 25
/** Its lease ends here. */
const FARTHEST: Micros = 3 * SECOND

const session = () => {
  const ledger = new Ledger()
  const member = new Member(0, 1, 1, 0, new Uint8Array())
  member.grant = 3 * FPS - 1
  member.trip.set(20 * MILLISECOND, 0)
  ledger.members.set(1, member)
  const reckoning = new Reckoning(ledger, { epoch: 1, reference: 'fastest' }, LIMITS)
  reckoning.fps = FPS
  reckoning.set(0, 0)
  return { reckoning, member }
}

describe('where the fastest is the reference, it', () => {
  test('is where the one most ahead stands by the time that this is heard, and nobody else', () => {
    const { reckoning, member } = session()
    reckoning.followFastest(SECOND, member, SECOND + 5 * MILLISECOND)
    expect(reckoning.reference(SECOND)).toBe(SECOND + 15 * MILLISECOND)
    reckoning.followFastest(SECOND, member, SECOND)
    expect(reckoning.reference(SECOND)).toBe(SECOND + 15 * MILLISECOND)
  })

  test('is hurried by nobody by more than a quarter of the time, whatever he says and how often', () => {
    const { reckoning, member } = session()
    const began = reckoning.reference(SECOND)
    for (let now: Micros = SECOND; now <= 2 * SECOND; now += MILLISECOND) {
      member.grant = 1_000 * FPS
      reckoning.followFastest(now, member, 100 * SECOND)
    }
    // A quarter of the second before as well: whoever is heard once a second may have gained that.
    expect(reckoning.reference(2 * SECOND) - began).toBeLessThanOrEqual(1.25 * SECOND + 0.25 * SECOND)
    expect(reckoning.reference(2 * SECOND) - began).toBeGreaterThan(1.4 * SECOND)
  })

  test('does not pass what may be run', () => {
    const { reckoning, member } = session()
    reckoning.set(2 * SECOND, FARTHEST - 50 * MILLISECOND)
    reckoning.followFastest(2 * SECOND, member, 100 * SECOND)
    expect(reckoning.reference(2 * SECOND)).toBe(FARTHEST)
  })
})
