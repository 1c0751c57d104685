import { describe, expect, test } from 'vitest'
import { c, first } from './c/doors.ts'
import type { Door } from './door.ts'
import { node } from './node/door.ts'
import { playDoors } from './session.ts'

/** The short form of `npm run doors`: what every machine with a C compiler can run. */
const here: Door[] = []
for (const door of [node, c, first]) {
  const missing = door.missing()
  if (missing === undefined) here.push(door)
  else
    test(door.name, (context) => {
      console.warn(`${door.name} was left out. ${missing}`)
      context.skip(missing)
    })
}

describe('programs in different languages in one session', () => {
  test('are equal at every tick', async () => {
    for (const door of here) await door.prepare?.()
    const ticks = 120
    const outcome = await playDoors(here, { fps: 60, ticks })
    expect(outcome.wrong).toEqual([])
    expect(outcome.equal).toBe(ticks)
    expect(outcome.states).toBeGreaterThan(10)
  })
})
