import { expect, test } from 'vitest'
import { Stance } from '../../../src/core/session/stance.ts'
import { dueAt, MILLISECOND, NEVER, SECOND } from '../../../src/core/timeline/tick.ts'

const FPS = 50

test('what was due before it froze was due when it froze, and what is not due has no moment', () => {
  const stance = new Stance(FPS, { reference: (now) => now })
  stance.start(0)
  stance.limit(0, 2)
  expect(stance.clockAt(dueAt(2, FPS))).toBe(40 * MILLISECOND)
  stance.settle(SECOND)
  expect(stance.isFrozen()).toBe(true)
  expect([0, 1, 2, 4].map((tick) => stance.clockAt(dueAt(tick, FPS)))).toEqual([
    ...[60, 60, 60].map((ms) => ms * MILLISECOND),
    NEVER,
  ])
  // Its limit rises, and it goes on.
  stance.limit(SECOND, 9)
  expect(stance.clockAt(dueAt(4, FPS))).toBeLessThan(NEVER)
})
