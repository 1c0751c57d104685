import { afterEach, describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'
import type { Link } from '../../src/app/link.ts'
import { loop } from '../../src/app/loop.ts'
import { type PastLoop, past } from '../../src/app/past.ts'
import { connect } from '../../src/client/node.ts'
import { digest } from '../../src/core/timeline/digest.ts'
import { peersBy } from '../../src/peer/peers.ts'
import { createServer } from '../../src/server/server.ts'
import { MemoryNetwork } from '../../src/transport/memory.ts'
import { until } from '../until.ts'

/** Pasts that several keep who agree in different ways: they must have been the same. */
const counter = app({
  id: 'past-counter@1',
  fps: 50,
  events: { add: event<number>(1) },
  start: () => ({ sum: 0, order: [] as number[], ticks: 0, chance: 0 }),
  on: {
    add(s, e) {
      s.sum = s.sum * 3 + e.payload
      s.order.push(e.payload)
    },
  },
  tick(s, t) {
    s.ticks++
    s.chance = t.random()
  },
})
type State = ReturnType<typeof counter.start>
type Counter = Link<State, typeof counter.events, undefined>

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Both look back here and there while they go on and emit; then all that both have is compared. */
const compare = async (links: readonly Counter[], settled: number): Promise<void> => {
  const loops = links.map((link): PastLoop<State> => loop(link, { past: past(), render: () => undefined }))
  for (const running of loops) ends.push(() => running.stop())
  const [a, b] = loops as [PastLoop<State>, PastLoop<State>]
  for (let i = 0; i < 10; i++) {
    for (const link of links) link.emit('add', link.me * 100 + i)
    const to = a.range.to + 4
    await until(() => a.range.to >= to)
    if (i % 3 === 0) a.rewind({ ticks: i })
    if (i % 3 === 1) a.play({ speed: -1 })
    if (i % 3 === 2) a.live()
  }
  await until(() => links.every(({ state }) => state.order.length === 20))
  const last = Math.max(a.range.to, b.range.to)
  await until(() => loops.every(({ range }) => range.to > last + settled))
  const from = Math.max(a.range.from, b.range.from)
  expect(from).toBeLessThan(last - 20)
  const differing: number[] = []
  for (let tick = last; tick >= from; tick--)
    if (digest(a.at(tick)) !== digest(b.at(tick))) differing.push(tick)
  expect(differing).toEqual([])
  expect(a.at(last).order).toHaveLength(20)
  expect(a.at(from).order.length).toBeLessThan(20)
}

describe('the pasts of several', () => {
  test('in a session are the same', async () => {
    const server = await createServer({ ws: 0 })
    ends.push(() => server.close())
    const url = `${server.addresses[0]}/past`
    const links = [await connect(url, counter), await connect(url, counter)]
    for (const link of links) ends.push(() => link.leave())
    await compare(links, 0)
  })

  test('in a session are the same where one runs ahead and is rolled back by what it did not guess', async () => {
    const server = await createServer({ ws: 0 })
    ends.push(() => server.close())
    const url = `${server.addresses[0]}/past`
    const links = [await connect(url, counter, { predict: true }), await connect(url, counter)]
    for (const link of links) ends.push(() => link.leave())
    await compare(links, 25)
  })

  test('without a server are the same, once what was late has rolled them back', async () => {
    const network = new MemoryNetwork()
    const peers = peersBy(network.dial, network.listen)
    // Without a delay whatever the other does comes late.
    const a = await peers({ listen: 'memory://past' }, counter, { delay: 0 })
    ends.push(() => a.leave())
    const b = await peers('memory://past', counter, { delay: 0 })
    ends.push(() => b.leave())
    await compare([a, b], 10)
  })
})
