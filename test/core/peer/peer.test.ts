import { describe, expect, test } from 'vitest'
import { decode, encode } from '../../../src/core/peer/messages.ts'
import { Peer, type PeerHappening, type PeerOptions } from '../../../src/core/peer/peer.ts'
import { readJoin } from '../../../src/core/session/membership.ts'
import { RESERVED } from '../../../src/core/timeline/event.ts'
import { NEVER } from '../../../src/core/timeline/tick.ts'
import type { PeerNode } from '../../../src/lab/peers/node.ts'
import { PeerWorld } from '../../../src/lab/peers/world.ts'

const SECOND = 1_000_000
const WAY = { mean: 20_000, deviation: 2_000, ordered: true }

/** Peers on a line, the first of them alone at first. */
const line = (count: number, options: Partial<PeerOptions> = {}) => {
  const world = new PeerWorld({ seed: 1, fps: 50, replays: true })
  const heard: (PeerHappening & { of: number })[] = []
  world.hear = (node, happening) => heard.push({ ...happening, of: node.index })
  const nodes = Array.from({ length: count }, (_, i) => world.add({ alone: i === 0, ...options, id: i + 1 }))
  const links = nodes.slice(1).map((node, i) => world.link(nodes[i] as PeerNode, node, WAY))
  for (const link of links) world.connect(link)
  return { world, nodes: nodes as [PeerNode, PeerNode, ...PeerNode[]], links, heard }
}

/** A peer without a world, and a neighbour that is written by hand. */
const lonely = (options: Partial<PeerOptions> = {}) => {
  const peer = new Peer(SECOND, { fps: 50, app: 'a@1', id: 5, alone: true, ...options })
  peer.linked(SECOND, 1)
  const said = (): string[] => peer.happenings().map((h) => ('code' in h ? `${h.kind} ${h.code}` : h.kind))
  const hear = (bytes: Uint8Array, now = SECOND): string[] => {
    peer.receive(now, 1, bytes)
    return said()
  }
  said()
  return { peer, hear, said }
}

const event = (number: number, more = {}) => ({
  seq: 0,
  stamp: 10,
  source: 9,
  number,
  lead: 0,
  id: 1,
  payload: Uint8Array.of(7),
  ...more,
})

describe('a link', () => {
  test.each([
    ['another FPS', encode.meet(60, 'a@1', 9), 'fps_differs'],
    ['another version of the application', encode.meet(50, 'a@2', 9), 'app_differs'],
    ['the same id', encode.meet(50, 'a@1', 5), 'same_id'],
    ['what is no message', Uint8Array.of(1, 99), 'malformed'],
    ['another version of the protocol', Uint8Array.of(9, 65), 'version'],
    ['events before it says who it is', encode.flood([event(1)]), 'malformed'],
  ])('with %s is ended, and it is said why', (_, bytes, code) => {
    const { peer, hear } = lonely()
    expect(hear(bytes)).toEqual(['close', `unlinked ${code}`])
    expect(peer.neighbours).toEqual([])
  })

  test('with one by whose name others speak is ended', () => {
    const { hear } = lonely()
    hear(encode.meet(50, 'a@1', 9))
    expect(hear(encode.flood([event(1)]))).toEqual([])
    // The same once more is nothing; another one in its place is somebody else's.
    expect(hear(encode.flood([event(1)]))).toEqual([])
    expect(hear(encode.flood([event(1, { stamp: 11 })]))).toEqual(['close', 'unlinked same_id'])
  })

  test('with one that speaks in the own name is ended', () => {
    const { hear } = lonely()
    hear(encode.meet(50, 'a@1', 9))
    expect(hear(encode.flood([event(70, { source: 5 })]))).toEqual(['close', 'unlinked same_id'])
  })

  test('that brings an event of the far future is ended', () => {
    const { hear } = lonely()
    hear(encode.meet(50, 'a@1', 9))
    hear(encode.sync(SECOND, 0, 0, 0, 9, 1, 0, 0))
    expect(hear(encode.flood([event(1, { stamp: 50 * 3_700 })]))).toEqual(['close', 'unlinked bad_request'])
  })

  test('whose time is more than a week ahead is ended', () => {
    const { hear } = lonely()
    hear(encode.meet(50, 'a@1', 9))
    expect(hear(encode.sync(SECOND, 0, 0, 8 * 86_400 * SECOND, 9, 1, 0, 0))).toEqual([
      'close',
      'unlinked bad_request',
    ])
  })

  test('beyond the limit is refused', () => {
    const { peer, said } = lonely()
    for (let link = 2; link <= 65; link++) peer.linked(SECOND, link)
    expect(said()).toEqual(['close', 'unlinked busy'])
    expect(peer.sizes().links).toEqual({ size: 64, limit: 64 })
  })

  test('that says nothing for ten seconds is ended', () => {
    const { peer, hear, said } = lonely()
    hear(encode.meet(50, 'a@1', 9))
    peer.wake(10.9 * SECOND)
    expect(said()).toEqual([])
    peer.wake(11.1 * SECOND)
    expect(said()).toEqual(['close', 'unlinked silent'])
    expect(peer.nextWake()).toBe(NEVER)
  })

  test('of two between the same peers one is ended, and the same one by both', () => {
    const { world, nodes } = line(2)
    const second = world.link(nodes[0], nodes[1], WAY)
    world.connect(second)
    world.run(2 * SECOND)
    expect(nodes.map(({ peer }) => peer.neighbours)).toEqual([[2], [1]])
    expect(nodes.map(({ hops }) => hops.size)).toEqual([1, 1])
  })
})

describe('a link that comes up', () => {
  const kindsOf = (peer: Peer): string[] =>
    peer.outgoing().map(({ bytes }) => {
      const message = decode(bytes)
      return typeof message === 'string' ? message : message.kind
    })

  test('carries at once who is there, where the time is, and what it has', () => {
    expect(kindsOf(lonely().peer)).toEqual(['meet', 'sync', 'have'])
  })

  test.each([
    ['in order', [encode.meet(50, 'a@1', 9), encode.have(true, -1, [])]],
    ['where messages overtake each other', [encode.have(true, -1, []), encode.meet(50, 'a@1', 9)]],
  ])('is answered with what the other end lacks once both are known, %s', (_, [first, second]) => {
    const { peer, hear } = lonely()
    kindsOf(peer)
    hear(first as Uint8Array)
    expect(kindsOf(peer)).toEqual([])
    hear(second as Uint8Array)
    expect(kindsOf(peer)).toEqual(['missed'])
    expect(peer.neighbours).toEqual([9])
  })

  test('beside an older one carries nothing more until the other end has answered, since it may end it', () => {
    const { peer, hear } = lonely()
    hear(encode.meet(50, 'a@1', 9))
    hear(encode.have(true, -1, []))
    peer.linked(SECOND, 2)
    peer.receive(SECOND, 2, encode.meet(50, 'a@1', 9))
    peer.receive(SECOND, 2, encode.sync(SECOND, 0, 0, 0, 9, 1, 0, 0))
    kindsOf(peer)
    peer.receive(SECOND, 2, encode.have(true, -1, []))
    expect(kindsOf(peer)).toEqual([])
    peer.receive(SECOND, 2, encode.sync(SECOND, SECOND, 0, 0, 9, 1, 0, 0))
    expect(kindsOf(peer)).toEqual(['sync', 'missed'])
  })
})

describe('a peer', () => {
  test('joins once it knows where the others are, and its first event is its join', () => {
    const { world, nodes } = line(2)
    world.run(10 * SECOND)
    const before = nodes.map(({ peer }) => peer.stats.late)
    const late = world.add({ id: 7 })
    world.connect(world.link(nodes[1], late, WAY))
    world.run(15 * SECOND)
    const joined = late.peer.events.filter(({ id }) => id === RESERVED.join)
    expect(joined.map(({ payload }) => readJoin(payload)?.member).sort()).toEqual([1, 2, 7])
    const [own] = joined.filter(({ source }) => source === 7)
    expect(own?.number).toBe(1)
    // It changed nobody's past.
    expect(own?.stamp).toBeGreaterThan(500)
    expect(nodes.map(({ peer }) => peer.stats.late)).toEqual(before)
    expect(world.finish().violations).toEqual([])
  })

  test('may not emit before, unless it starts alone', () => {
    const peer = new Peer(SECOND, { fps: 50, app: 'a@1', id: 5 })
    expect(peer.emit(SECOND, 1)).toBe('not_admitted')
    const alone = new Peer(SECOND, { fps: 50, app: 'a@1', id: 5, alone: true })
    expect(alone.emit(SECOND, 1)).toBe(2)
  })

  test('that comes late is where the others are within half a second, and runs a few ticks twice at most', () => {
    const { world, nodes } = line(3)
    for (let i = 1; i < 40; i++) world.at(i * SECOND, () => world.emit(nodes[0], 1, Uint8Array.of(i)))
    world.run(60 * SECOND)
    const late = world.add({ id: 9 })
    world.connect(world.link(nodes[2], late, WAY))
    world.run(60.5 * SECOND)
    const behind =
      nodes[0].peer.position(nodes[0].clock.local(world.now)) -
      late.peer.position(late.clock.local(world.now))
    expect(behind).toBeLessThan(20_000)
    world.run(70 * SECOND)
    // It had begun to run from tick 0 while it asked.
    expect(late.machine.stats.farthest).toBeLessThan(10)
    expect(world.finish().violations).toEqual([])
  })

  test('that went on alone merges with the others, and each side goes back once', () => {
    const { world, nodes, links } = line(2, { delay: { fixed: 60_000 } })
    world.run(5 * SECOND)
    for (const link of links) world.disconnect(link)
    for (let i = 0; i < 5; i++)
      for (const node of nodes)
        world.at(world.now + (1 + i) * SECOND, () => world.emit(node, 1, Uint8Array.of(i)))
    world.run(15 * SECOND)
    const before = nodes.map(({ machine }) => machine.stats.rollbacks)
    expect(nodes[0].mixture.state).not.toEqual(nodes[1].mixture.state)
    for (const link of links) world.connect(link)
    world.run(20 * SECOND)
    expect(nodes.map(({ machine }) => machine.stats.rollbacks)).toEqual(before.map((count) => count + 1))
    expect(nodes[0].peer.events).toHaveLength(12)
    expect(world.finish().violations).toEqual([])
  })

  test('that started alone and did nothing joins again where the others are: nobody goes back to its beginning', () => {
    const { world, nodes } = line(2)
    world.run(30 * SECOND)
    const before = nodes.map(({ machine }) => machine.stats.travelled)
    const lonely = world.add({ id: 9, alone: true })
    world.run(35 * SECOND)
    expect(lonely.peer.events).toHaveLength(1)
    world.connect(world.link(nodes[1], lonely, WAY))
    world.run(40 * SECOND)
    const joins = nodes[0].peer.events.filter(({ source }) => source === 9)
    expect(joins).toHaveLength(1)
    expect(joins[0]?.stamp).toBeGreaterThan(35 * 50)
    expect(nodes.map(({ machine }) => machine.stats.travelled)).toEqual(before)
    expect(world.finish().violations).toEqual([])
  })

  test('that started alone and did something brings all of it', () => {
    const { world, nodes } = line(2)
    world.run(30 * SECOND)
    const lonely = world.add({ id: 9, alone: true })
    world.run(32 * SECOND)
    world.emit(lonely, 1, Uint8Array.of(7))
    world.connect(world.link(nodes[1], lonely, WAY))
    world.run(40 * SECOND)
    const brought = nodes[0].peer.events.filter(({ source }) => source === 9)
    expect(brought.map(({ number }) => number)).toEqual([1, 2])
    expect(brought[0]?.stamp).toBeLessThan(10)
    expect(world.finish().violations).toEqual([])
  })

  test('goes on in the same time when the one that gave it is gone', () => {
    const { world, nodes, links } = line(4)
    world.run(10 * SECOND)
    expect(new Set(nodes.map(({ peer }) => peer.root))).toEqual(new Set([1]))
    world.disconnect(links[0] as (typeof links)[0])
    world.run(30 * SECOND)
    const others = nodes.slice(1)
    expect(new Set(others.map(({ peer }) => peer.root))).toEqual(new Set([2]))
    const positions = nodes.map(({ peer, clock }) => peer.position(clock.local(world.now)))
    expect(Math.max(...positions) - Math.min(...positions)).toBeLessThan(10_000)
  })

  test('that is dropped and hears of it says that it is back', () => {
    const { world, nodes } = line(3)
    world.run(5 * SECOND)
    world.call(nodes[0], (local) => expect(nodes[0].peer.drop(local, 3)).toBeUndefined())
    world.run(8 * SECOND)
    const names = nodes[1].peer.events.filter(({ id }) => id === RESERVED.drop || id === RESERVED.back)
    expect(names.map(({ id, source }) => [id, source])).toEqual([
      [RESERVED.drop, 1],
      [RESERVED.back, 3],
    ])
  })

  test('that leaves says so to all, and its links end', () => {
    const { world, nodes } = line(3)
    world.run(5 * SECOND)
    world.call(nodes[2], (local) => nodes[2]?.peer.leave(local))
    world.run(8 * SECOND)
    expect(nodes[0].peer.events.at(-1)).toMatchObject({ id: RESERVED.leave, source: 3 })
    expect(nodes[1].peer.neighbours).toEqual([1])
    expect(nodes[2]?.peer.emit(0, 1)).toBe('session_ended')
  })

  test('does not act on what is said in the name of another', () => {
    const { peer, hear } = lonely()
    hear(encode.meet(50, 'a@1', 9))
    hear(encode.flood([event(1, { id: RESERVED.leave, payload: Uint8Array.of(5, 0), stamp: 3 })]))
    const ids: number[] = []
    for (let i = 0; i < 6; i++) ids.push(peer.next().id)
    expect(ids).not.toContain(RESERVED.leave)
    expect(peer.events).toHaveLength(2)
  })

  test('joins in time whatever a neighbour says of how far away all others are', () => {
    const peer = new Peer(SECOND, { fps: 50, app: 'a@1', id: 5 })
    peer.linked(SECOND, 1)
    peer.receive(SECOND, 1, encode.meet(50, 'a@1', 9))
    peer.receive(SECOND, 1, encode.missed(true, []))
    peer.receive(SECOND, 1, encode.sync(SECOND, SECOND - 1_000, 0, 0, 9, 1, 0, 1e15))
    expect(peer.joined).toBe(true)
    // Half a minute, and no more.
    expect(peer.events[0]?.stamp).toBeLessThanOrEqual(30 * 50 + 1)
  })

  test('stamps its events later when ways are longer, and no later than it takes', () => {
    const { world, nodes } = line(5, {})
    world.run(40 * SECOND)
    const [first, , third] = nodes.map(({ peer }) => peer.delay) as [number, number, number]
    expect(first).toBeGreaterThan(4 * 20_000)
    expect(first).toBeLessThan(1.3 * 4 * 20_000)
    expect(third).toBeLessThan(1.4 * 2 * 20_000)
  })
})
