import { env, exit } from 'node:process'
import { connect } from '../../../src/client/node.ts'
import { APP, Chance, digestOf, on, start, tick } from '../rules.ts'

/** An instance in Node: the timeline by hand, as the doors of other languages take it. */

const ticks = Number(env.DOOR_TICKS)
const chance = new Chance(Number(env.DOOR_SEED))
const link = await connect(env.DOOR_URL ?? '', { id: APP, fps: Number(env.DOOR_FPS) })
const state = start()

for await (const input of link) {
  if (input.id > 0) on(state, input.id, (input.payload as [number])[0])
  if (input.id !== 0) continue
  tick(state)
  console.log(`${input.tick} ${digestOf(state)}`)
  if (input.tick + 1 >= ticks) break
  const event = chance.event()
  if (event !== undefined) link.emit(event.evt, [event.p, 0, 0])
}
const { status } = link
if (status.phase === 'ended') console.error(`the session has ended: ${status.why}`)
link.leave()
exit(status.phase === 'ended' ? 1 : 0)
