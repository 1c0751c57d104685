import { afterEach, describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'
import { loop } from '../../src/app/loop.ts'
import { digest } from '../../src/core/timeline/digest.ts'
import { peers as nodePeers } from '../../src/peer/node.ts'
import { type PeersLink, peersBy } from '../../src/peer/peers.ts'
import { MemoryNetwork } from '../../src/transport/memory.ts'
import { until } from '../until.ts'

/** What everybody has said, in the order of the timeline: it changes by events alone, so that peers can be compared. */
const board = app({
  id: 'board@1',
  fps: 50,
  events: { say: event<string>(1) },
  start: () => ({ said: [] as string[], members: 0 }),
  on: {
    say(s, e) {
      s.said.push(`${e.player.data}: ${e.payload}`)
    },
    join(s) {
      s.members++
    },
    leave(s) {
      s.members--
    },
  },
})
type Board = PeersLink<{ said: string[]; members: number }, typeof board.events, unknown>

const network = new MemoryNetwork()
const peers = peersBy(network.dial, network.listen)
const open: Board[] = []

const started = <T extends Board>(link: T): T => {
  open.push(link)
  loop(link)
  return link
}

afterEach(() => {
  for (const link of open.splice(0)) link.leave()
})

const agree = (links: readonly Board[], count: number): Promise<void> =>
  until(() => {
    const digests = new Set(links.map(({ state }) => digest(state)))
    return digests.size === 1 && links.every(({ state }) => state.said.length === count)
  })

describe('peers', () => {
  test('on a line agree on what everybody has said', async () => {
    const a = started(await peers({ listen: 'memory://a' }, board, { as: 'a' }))
    const b = started(await peers({ listen: 'memory://b', link: 'memory://a' }, board, { as: 'b' }))
    const c = started(await peers('memory://b', board, { as: 'c' }))
    expect([a.neighbours, c.neighbours]).toEqual([[b.me], [b.me]])
    expect(a.addresses).toEqual(['memory://a'])
    for (const link of [a, b, c]) for (let i = 0; i < 5; i++) link.emit('say', `${i}`)
    await agree([a, b, c], 15)
    await until(() => [a, b, c].every(({ state }) => state.members === 3))
    expect(new Set(a.players.map(({ slot }) => slot))).toEqual(new Set([0, 1, 2]))
    expect(c.stats()).toMatchObject({ links: 1, voided: 0, failed: 0 })
  })

  test('that were parted merge what each did alone', async () => {
    const a = started(await peers({ listen: 'memory://a2' }, board, { as: 'a' }))
    const b = started(await peers('memory://a2', board, { as: 'b' }))
    await until(() => a.state.members === 2)
    b.unlink('memory://a2')
    await until(() => a.neighbours.length === 0)
    a.emit('say', 'alone')
    b.emit('say', 'as well')
    await until(() => a.state.said.length === 1 && b.state.said.length === 1)
    expect(await b.link('memory://a2')).toBe(a.me)
    await agree([a, b], 2)
  })

  test('emit is answered with the tick at once', async () => {
    const a = started(await peers({ listen: 'memory://a3' }, board, { as: 'a', delay: 100 }))
    const { tick } = a.stats()
    const landed = await a.emit('say', 'x').landed
    expect(landed).toMatchObject({ ok: true })
    if (landed.ok) expect(landed.tick).toBeGreaterThan(tick)
  })

  test('stamp as far ahead as they are told to from now on', async () => {
    const a = started(await peers({ listen: 'memory://a8' }, board, { as: 'a', delay: 0 }))
    const stamped = async (): Promise<number> => {
      const landed = await a.emit('say', 'x').landed
      return landed.ok ? landed.tick : Number.NaN
    }
    const first = await stamped()
    a.setDelay({ delay: 600_000 })
    const second = await stamped()
    expect(second - first).toBeGreaterThanOrEqual(30_000)
    a.setDelay({ late: 0.5 })
    // What was emitted first comes first.
    expect(await stamped()).toBe(second)
    expect(a.stats().delayMicros).toBe(0)
    expect(() => a.setDelay({ delay: -1 })).toThrow(/0 or more/)
    expect(() => a.setDelay({ late: 0 })).toThrow(/between 0 and 1/)
  })

  test('who leaves is gone for all, and its port is free again', async () => {
    const a = started(await peers({ listen: 'memory://a4' }, board, { as: 'a' }))
    const b = started(await peers({ listen: 'memory://b4', link: 'memory://a4' }, board, { as: 'b' }))
    await until(() => a.state.members === 2)
    b.leave()
    expect(b.status).toMatchObject({ phase: 'ended', why: 'left' })
    await until(() => a.state.members === 1 && a.neighbours.length === 0)
    started(await peers({ listen: 'memory://b4' }, board, { as: 'again' }))
  })

  test.each([
    ['nobody listens', 'memory://nowhere', {}, 'refused'],
    ['the id is none', 'memory://a5', { id: 0 }, 'bad_request'],
    ['the delay is none', 'memory://a5', { delay: -1 }, 'bad_request'],
    ['the share is none', 'memory://a5', { late: 1 }, 'bad_request'],
  ])('are refused when %s', async (_, address, options, code) => {
    await expect(peers(address, board, options)).rejects.toMatchObject({ code })
  })

  test('are refused with another FPS, another version, or the same id', async () => {
    const a = started(await peers({ listen: 'memory://a6' }, board, { id: 5 }))
    const other = (more: object) => app({ id: 'board@1', fps: 50, start: () => ({}), ...more })
    await expect(peers('memory://a6', other({ fps: 25 }))).rejects.toMatchObject({ code: 'fps_differs' })
    await expect(peers('memory://a6', other({ id: 'board@2' }))).rejects.toMatchObject({
      code: 'app_differs',
    })
    await expect(peers('memory://a6', board, { id: 5 })).rejects.toMatchObject({ code: 'same_id' })
    expect(a.neighbours).toEqual([])
  })

  test('with a state that cannot be rolled back are refused at once, with the path of the culprit', async () => {
    const when = new Date(0)
    const bad = app({ id: 'bad@1', fps: 50, start: () => ({ deep: { when } }) })
    await expect(peers({ listen: 'memory://a7' }, bad)).rejects.toThrow(/deep\.when is of the class Date/)
  })

  test('cannot listen in a page', async () => {
    await expect(peersBy(network.dial)({ listen: 'ws://127.0.0.1:0' }, board)).rejects.toMatchObject({
      code: 'not_permitted',
    })
  })

  test.each(['tcp', 'udp', 'ws'])('meet over %s, and where they listen is told', async (scheme) => {
    const a = started(await nodePeers({ listen: `${scheme}://127.0.0.1:0` }, board, { as: 'a' }))
    const [address = ''] = a.addresses
    const b = started(await nodePeers(address, board, { as: 'b' }))
    b.emit('say', 'hello')
    await agree([a, b], 1)
  })
})
