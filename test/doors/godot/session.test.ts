import { afterAll, describe, expect, test } from 'vitest'
import { node } from '../node/door.ts'
import { playTrouble } from '../trouble.ts'
import { godot, godotOverBridge } from './door.ts'

/** Half of them are more than a lease of gals and what one is stopped for: nobody runs to the end unheard. */
const TICKS = 300
const missing = godot.missing()

if (missing === undefined)
  describe('two instances in Godot, one over the bridge and one in Node', () => {
    afterAll(() => godot.close?.())
    test('are equal at every tick, with one that was stopped for a while and one that was killed', async () => {
      const outcome = await playTrouble([godot, godot, node, godotOverBridge], {
        fps: 60,
        ticks: TICKS,
        paused: 0,
        pausedTicks: 30,
        killed: 2,
      })
      expect(outcome.wrong).toEqual([])
      expect(outcome.equal).toBe(TICKS)
    })
  })
else
  test('a session in Godot', (context) => {
    console.warn(missing)
    context.skip(missing)
  })
