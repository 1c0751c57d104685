import { afterAll, describe, expect, test } from 'vitest'
import { NEVER } from '../../src/core/timeline/tick.ts'
import { dial } from '../../src/transport/dial.ts'
import { Gate } from '../bridge/gate.ts'
import { until } from '../until.ts'
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

afterAll(async () => {
  for (const door of here) await door.close?.()
})

describe('programs in different languages in one session', () => {
  test('are equal at every tick', async () => {
    for (const door of here) await door.prepare?.()
    // Two leases of gals: who is granted the first has run it, and moved by nothing, where a machine stands still.
    const ticks = 240
    const outcome = await playDoors(here, { fps: 60, ticks })
    expect(outcome.wrong).toEqual([])
    expect(outcome.equal).toBe(ticks)
    expect(outcome.states).toBeGreaterThan(10)
  })

  test('and so they are after the programs of a bridge were frozen, whose last tick was repeated', async () => {
    if (first.missing() !== undefined) return
    const gate = new Gate(dial)
    // By ticks, and before any of them: a machine that stands still meanwhile plays the same story.
    const freezes = [30, 60, 90]
    const frozen: string[] = []
    gate.upTo(freezes[0] as number)
    const outcome = await playDoors([first, c, node], {
      ...{ fps: 60, ticks: 120, discipline: 'horizon', dial: gate.dial },
      meanwhile: async ([one]) => {
        for (const [i, tick] of freezes.entries()) {
          const told = `frozen after tick ${tick}`
          await until(() => one?.said.includes(told) ?? false)
          frozen.push(told)
          gate.upTo(freezes[i + 1] ?? NEVER)
        }
      },
    })
    expect(outcome.wrong).toEqual([])
    expect(frozen).toHaveLength(freezes.length)
    expect(outcome.equal).toBe(120)
  })
})
