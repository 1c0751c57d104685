import { connect } from '../../../src/client/browser.ts'
import { APP, Chance, digestOf, on, start, tick } from '../rules.ts'

/** An instance in a page; what it is told stands in the page's address, what it says goes to its console. */

const { location } = globalThis as unknown as { location: { search: string } }
const told = new URLSearchParams(location.search)
const ticks = Number(told.get('ticks'))
const chance = new Chance(Number(told.get('seed')))

const play = async (): Promise<void> => {
  const link = await connect(told.get('url') ?? '', { id: APP, fps: Number(told.get('fps')) })
  const state = start()
  for await (const input of link) {
    if (input.id > 0) on(state, input.id, (input.payload as [number])[0])
    if (input.id !== 0) continue
    tick(state)
    console.log(`${input.tick} ${digestOf(state)}`)
    if (input.tick + 1 >= ticks) {
      link.leave()
      return console.log('done')
    }
    const event = chance.event()
    if (event !== undefined) link.emit(event.evt, [event.p, 0, 0])
  }
  const { status } = link
  console.log(`failed: ${status.phase === 'ended' ? status.why : status.phase}`)
}

play().catch((error: unknown) => console.log(`failed: ${error}`))
