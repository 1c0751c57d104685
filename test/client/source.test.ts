import { expect, test } from 'vitest'
import type { SourceListener } from '../../src/app/source.ts'
import type { Seat } from '../../src/client/seat.ts'
import { SessionSource } from '../../src/client/source.ts'
import { NEVER } from '../../src/core/timeline/tick.ts'

/** A seat whose next input is set by hand. */
const seatWith = (instance: { next: number }): Seat =>
  ({
    now: () => 0,
    lookAgain: () => {},
    instance: {
      phase: 'running',
      catchingUp: false,
      nextFreeze: () => NEVER,
      nextInput: () => instance.next,
    },
  }) as unknown as Seat

test('after a freeze whoever waits is woken, though the next input is later than the one before it', () => {
  const instance = { next: 100 }
  const source = new SessionSource(25)
  let woken = 0
  const listener: SourceListener = {
    landed: () => {},
    denied: () => {},
    status: () => {},
    woken: () => {
      woken++
    },
  }
  source.sit(seatWith(instance))
  source.listen(listener)
  source.stirred()
  woken = 0
  // The input at 100 is taken, and then nothing may run: whoever waits has no moment to wait for.
  instance.next = NEVER
  // Something is heard, and the tick at 140 may run.
  instance.next = 140
  source.stirred()
  expect(woken).toBe(1)
})
