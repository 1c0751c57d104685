import { type Channel, connectBy, type Direct, dial, direct, peersBy } from 'sametick'
import { Random } from 'sametick/deterministic'
import { type Dial, Impairment } from 'sametick/transport'

/** Three ways for the same game; the first two play in one session. */
export const MODES = ['lockstep', 'predicted', 'peers'] as const
export type Mode = (typeof MODES)[number]

export const isMode = (name: unknown): name is Mode => MODES.includes(name as Mode)

/** The most that a round trip can be made longer, in milliseconds. */
export const LONGER_MAX = 300

const network = new Impairment(new Random(1))

/** Makes every round trip longer by so many milliseconds, as if the others were far away. */
export const makeLonger = (ms: number): void => network.change({ base: (ms / 2) * 1_000 })

const slowDial: Dial = async (address, options) => {
  const dialled = await dial(address, options)
  return dialled.ok ? { ok: true, value: network.around(dialled.value) } : dialled
}

/** What is put in comes out so much later, in the order in which it was put in. */
const slowly = <T>(out: (what: T) => void): ((what: T) => void) => {
  let last = 0
  return (what) => {
    const now = performance.now()
    last = Math.max(last, now + network.way.base / 1_000)
    setTimeout(() => out(what), last - now)
  }
}

/** A direct channel between two pages is as slow as the way to the server. */
const slowChannel = (channel: Channel): Channel => {
  const send = slowly((bytes: Uint8Array) => channel.send(bytes))
  const close = slowly(() => channel.close())
  return {
    get buffered() {
      return channel.buffered
    },
    send,
    close: () => close(undefined),
    attach: ({ message, closed }) =>
      channel.attach({
        message: slowly(message),
        closed: () => setTimeout(closed, network.way.base / 1_000),
      }),
  }
}

const slowDirect: Direct = async () => {
  const make = await direct()
  return make && ((options) => make({ ...options, opened: (it) => options.opened(slowChannel(it)) }))
}

/** Those of the library, over a network that can be made worse: `import { connect, peers } from 'sametick'` else. */
export const connect = connectBy(slowDial)
export const peers = peersBy(slowDial, undefined, slowDirect)
