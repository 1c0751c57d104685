import { afterEach, describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'
import { loop } from '../../src/app/loop.ts'
import { encode } from '../../src/core/peer/messages.ts'
import { Random } from '../../src/core/random.ts'
import { type PeersLink, type PeersOptions, peersBy, type Where } from '../../src/peer/peers.ts'
import { Impairment } from '../../src/transport/impaired.ts'
import { MemoryNetwork } from '../../src/transport/memory.ts'
import { type Connection, type Dial, done, type Owner } from '../../src/transport/transport.ts'
import { until } from '../until.ts'

/** Links as who uses them makes them: the same one twice, from both sides, to one that goes and comes again. */
const still = app({ id: 'still@1', fps: 50, events: { say: event<string>(1) }, start: () => ({}) })
type Still = PeersLink<object, typeof still.events, unknown>

const network = new MemoryNetwork()
const line = new Impairment(new Random(1))
let dials = 0
let [going, most] = [0, 0]
const dial: Dial = async (address, options) => {
  dials++
  most = Math.max(most, ++going)
  const dialled = await network.dial(address, options)
  going--
  return dialled.ok ? done(line.around(dialled.value)) : dialled
}
const peers = peersBy(dial, network.listen)
const open: Still[] = []

const came = async (where: Where, options: PeersOptions = {}): Promise<Still> => {
  const link = await peers(where, still, options)
  open.push(link)
  loop(link)
  return link
}

afterEach(() => {
  for (const link of open.splice(0)) link.leave()
})

/** Whoever has the higher id ends the newer of two links: both must be tried. */
const IDS = [
  [1, 2],
  [2, 1],
] as const

let places = 0
const place = (): string => `memory://links-${++places}`

describe.each(IDS)('a link from peer %i to peer %i', (mine, other) => {
  test('that is there already is there: to ask for it once more gives the same id', async () => {
    const address = place()
    const a = await came({ listen: address }, { id: other })
    const b = await came(address, { id: mine })
    expect(await b.link(address)).toBe(other)
    expect(await Promise.all([b.link(address), b.link(address)])).toEqual([other, other])
    await until(() => b.neighbours.length === 1 && a.neighbours.length === 1)
  })

  test('that the other one has made is there as well', async () => {
    const [here, there] = [place(), place()]
    const a = await came({ listen: there }, { id: other })
    const b = await came({ listen: here }, { id: mine })
    expect(await a.link(here)).toBe(mine)
    expect(await b.link(there)).toBe(other)
    await until(() => b.neighbours.length === 1 && a.neighbours.length === 1)
  })

  test('asked for twice before it is there is one link, and both are told', async () => {
    const [here, there] = [place(), place()]
    const a = await came({ listen: there }, { id: other })
    const b = await came({ listen: here }, { id: mine })
    expect(await Promise.all([a.link(here), b.link(there), b.link(there)])).toEqual([mine, other, other])
    await until(() => b.neighbours.length === 1 && a.neighbours.length === 1)
  })

  test('that is kept comes again, though it was the other one who had made it', async () => {
    const [here, there] = [place(), place()]
    await came({ listen: there }, { id: other }).then((a) => a.link(place()).catch(() => undefined))
    const [a] = open as [Still]
    const b = await came({ listen: here }, { id: mine })
    await a.link(here)
    expect(await b.link(there, { keep: true })).toBe(other)
    await until(() => b.neighbours.length === 1 && a.neighbours.length === 1)
    const before = dials
    line.cut()
    await until(() => dials > before)
    await until(() => b.neighbours.length === 1 && a.neighbours.length === 1)
    // And it is let go of by the address that was kept.
    b.unlink(there)
    await until(() => b.neighbours.length === 0 && a.neighbours.length === 0)
  })
})

test('a link that is kept twice is dialled once at a time, and both are told', async () => {
  const address = place()
  const b = await came({ listen: place() })
  most = 0
  const both = [b.link(address, { keep: true }), b.link(address, { keep: true })]
  const a = await came({ listen: address })
  expect(await Promise.all(both)).toEqual([a.me, a.me])
  expect(await b.link(address, { keep: true })).toBe(a.me)
  expect(most).toBe(1)
  // Unlinked once, it is not kept any more.
  b.unlink(address)
  const before = dials
  await until(() => b.neighbours.length === 0)
  const other = b.link(address, { keep: true })
  expect(await other).toBe(a.me)
  expect(dials).toBe(before + 1)
})

test('a link that two keep is kept until both have given it up', async () => {
  const address = place()
  const b = await came({ listen: place() })
  const [one, two] = [new AbortController(), new AbortController()]
  const both = [one, two].map(({ signal }) => b.link(address, { keep: true, signal }))
  one.abort()
  await expect(both[0]).rejects.toMatchObject({ code: 'aborted' })
  const a = await came({ listen: address })
  expect(await both[1]).toBe(a.me)
  const third = b.link(place(), { keep: true, signal: two.signal })
  two.abort()
  await expect(third).rejects.toMatchObject({ code: 'aborted' })
  await expect(b.link(address, { keep: true, signal: two.signal })).rejects.toMatchObject({ code: 'aborted' })
})

test('a link that two wait for stays for the second when the first gives up', async () => {
  const address = place()
  const accepted: Connection[] = []
  const ended: Connection[] = []
  const listening = await network.listen(address, {
    onConnection: (connection) => {
      connection.attach({ message: () => {}, closed: () => ended.push(connection) })
      connection.send(encode.meet(still.fps, still.id, 1))
      accepted.push(connection)
    },
  })
  const b = await came({ listen: place() }, { id: 2 })
  const controller = new AbortController()
  const first = b.link(address, { signal: controller.signal })
  await until(() => b.neighbours.length === 1)
  let isOver = false
  const second = b.link(address).finally(() => {
    isOver = true
  })
  // Its link is ended, as the newer of two: it waits for the older one with the first.
  await until(() => ended.length === 1)
  controller.abort()
  await expect(first).rejects.toMatchObject({ code: 'aborted' })
  expect([isOver, b.neighbours, ended.indexOf(accepted[1] as Connection)]).toEqual([false, [1], 0])
  accepted[0]?.send(encode.missed(true, []))
  expect(await second).toBe(1)
  if (listening.ok) await listening.value.close()
})

/** A connection that is gone at this end, of which the other one has not heard. */
const deaf = (inner: Connection): { connection: Connection; fall: () => void } => {
  let owner: Owner | undefined
  return {
    connection: Object.create(inner, {
      attach: {
        value: (mine: Owner) => {
          owner = mine
          inner.attach({
            message: (bytes) => owner?.message(bytes),
            closed: (code) => owner?.closed(code),
          })
        },
      },
      send: { value: (bytes: Uint8Array) => inner.send(bytes) },
      close: { value: () => inner.close() },
    }) as Connection,
    fall: () => {
      const mine = owner
      owner = undefined
      mine?.closed('lost')
    },
  }
}

test('a link that the other side still holds is not taken for one that nobody wants: it may be tried again', async () => {
  const address = place()
  await came({ listen: address }, { id: 2 })
  const dialled: { fall: () => void; end: () => void }[] = []
  const falling: Dial = async (url, options) => {
    const result = await network.dial(url, options)
    if (!result.ok) return result
    const { connection, fall } = deaf(result.value)
    dialled.push({ fall, end: () => result.value.destroy() })
    return done(connection)
  }
  const b = await peersBy(falling)(address, still, { id: 1, keep: true })
  open.push(b)
  loop(b)
  dialled[0]?.fall()
  await expect(b.link(address)).rejects.toMatchObject({ code: 'replaced', retry: true })
  // Who keeps it goes on until the other side has found out.
  // A link is there for a moment, until the other side says that it has one already.
  await until(() => dialled.length > 2 && b.neighbours.length === 0)
  dialled[0]?.end()
  await until(() => b.neighbours.length === 1)
})

describe('who wants to know of links', () => {
  const hearing = (link: Still) => {
    const heard: (readonly number[])[] = []
    return { heard, off: link.on('neighbours', (neighbours) => heard.push(neighbours)) }
  }

  test('is told when they come and go, once for all that happens at one moment, and until it wants no more', async () => {
    const [one, two] = [place(), place()]
    const [a, b] = [await came({ listen: one }, { id: 1 }), await came({ listen: two }, { id: 2 })]
    const c = await came({ listen: place() }, { id: 3 })
    const { heard, off } = hearing(c)
    const statuses: string[] = []
    c.on('status', ({ phase }) => statuses.push(phase))
    await c.link(one)
    expect(heard).toEqual([[1]])
    // A second link to the same one ends again, and is no news; nor is one that does not come about.
    await c.link(one)
    await c.link(place()).catch(() => undefined)
    await c.link(two)
    expect([heard, c.neighbours]).toEqual([
      [[1], [1, 2]],
      [1, 2],
    ])
    line.cut()
    await until(() => c.neighbours.length === 0)
    await until(() => heard.length > 2)
    expect(heard.at(-1)).toEqual([])
    await c.link(two)
    off()
    const { length } = heard
    a.leave()
    b.leave()
    await until(() => c.neighbours.length === 0)
    expect(heard.length).toBe(length)
    expect(heard.at(-1)).toEqual([2])
    // What every link tells is told as before.
    c.leave()
    expect(statuses.at(-1)).toBe('ended')
  })

  test('may end and make links when it is told', async () => {
    const address = place()
    await came({ listen: address }, { id: 1 })
    const b = await came({ listen: place() }, { id: 2 })
    const { heard } = hearing(b)
    const off = b.on('neighbours', (neighbours) => {
      if (neighbours.length > 0) b.unlink(address)
      else off()
    })
    // It ends before what the other one had is here.
    await expect(b.link(address)).rejects.toMatchObject({ code: 'lost' })
    await until(() => heard.length === 2)
    expect(heard).toEqual([[1], []])
    expect(b.neighbours).toEqual([])
  })

  test('hears of its own leaving as of any end', async () => {
    const address = place()
    await came({ listen: address }, { id: 1 })
    const b = await came(address, { id: 2 })
    const { heard } = hearing(b)
    b.leave()
    await until(() => heard.length > 0)
    expect(heard).toEqual([[]])
  })
})
