import { describe, expect, test } from 'vitest'
import { PEER_LIMITS } from '../../../src/core/peer/limits.ts'
import { decode, encode } from '../../../src/core/peer/messages.ts'
import type { FoldRule } from '../../../src/core/peer/options.ts'
import { Peer, type PeerHappening, type PeerOptions } from '../../../src/core/peer/peer.ts'
import { RESERVED } from '../../../src/core/timeline/event.ts'
import type { PeerNode } from '../../../src/lab/peers/node.ts'
import { type PeerLink, PeerWorld } from '../../../src/lab/peers/world.ts'

const SECOND = 1_000_000
const FPS = 50
const WAY = { mean: 20_000, deviation: 2_000, ordered: true }
const FOLD: FoldRule = { keep: 2 * SECOND, forget: 10 * SECOND, away: 2 * SECOND, every: SECOND / 2 }

/** Peers on a line that fold, the first of them alone at first, of which one emits ten times a second. */
const line = (count: number, options: Partial<PeerOptions> = {}) => {
  const world = new PeerWorld({ seed: 1, fps: FPS, replays: true })
  const heard: (PeerHappening & { of: number })[] = []
  world.hear = (node, happening) => heard.push({ ...happening, of: node.index })
  const add = (more: Partial<PeerOptions> = {}): PeerNode =>
    world.add({ fold: FOLD, ...options, ...more, id: world.nodes.length + 1 })
  const link = (a: PeerNode, b: PeerNode): PeerLink => {
    const made = world.link(a, b, WAY)
    world.connect(made)
    return made
  }
  const nodes = Array.from({ length: count }, (_, i) => add({ alone: i === 0 })) as [
    PeerNode,
    PeerNode,
    ...PeerNode[],
  ]
  const links = nodes.slice(1).map((node, i) => link(nodes[i] as PeerNode, node)) as [PeerLink, ...PeerLink[]]
  const emitFor = (seconds: number, node: PeerNode = nodes[0]): void => {
    for (let i = 0; i < 10 * seconds; i++)
      world.at(world.now + i * (SECOND / 10), () => world.emit(node, 1, Uint8Array.of(i)))
  }
  /** It emits for some seconds, and then all have heard of that. */
  const pass = (seconds: number, node: PeerNode = nodes[0]): void => {
    emitFor(seconds, node)
    run(seconds + 1)
  }
  const run = (seconds: number): void => world.run(world.now + seconds * SECOND)
  const endsOf = ({ index }: PeerNode): string[] =>
    heard.flatMap((h) => (h.kind === 'ended' && h.of === index ? [`${h.code}: ${h.hint}`] : []))
  const held = (): number[] => nodes.map(({ peer }) => peer.events.length)
  return { world, nodes, links, heard, add, link, emitFor, pass, run, endsOf, held }
}

const idsOf = ({ peer }: PeerNode, id: number): number[] =>
  peer.events.filter((event) => event.id === id).map(({ source }) => source)

describe('a settled past', () => {
  test('is folded by all: what is held does not grow with the past', () => {
    const { world, nodes, emitFor, run, held } = line(3)
    emitFor(60)
    run(30)
    const [before] = held() as [number]
    run(31)
    // Two seconds are kept, two rounds of stands pass, and snapshots of that age lie some way apart.
    for (const count of held()) expect(count).toBeLessThan(80)
    expect(before).toBeLessThan(80)
    for (const { peer } of nodes) expect(peer.foldedTo).toBeGreaterThan(52 * FPS)
    expect(world.finish().violations).toEqual([])
  })

  test('is not as long as one is away, who then brings all that it did', () => {
    const { world, nodes, links, emitFor, run, endsOf } = line(3)
    run(10)
    const away = links.at(-1) as PeerLink
    world.disconnect(away)
    const [first, , last] = nodes as [PeerNode, PeerNode, PeerNode]
    const at = first.machine.top
    emitFor(8)
    emitFor(8, last)
    run(8)
    for (const { peer } of nodes) expect(peer.foldedTo).toBeLessThan(at)
    world.connect(away)
    run(10)
    for (const node of nodes) expect(endsOf(node)).toEqual([])
    for (const { peer } of nodes) expect(peer.foldedTo).toBeGreaterThan(at + 8 * FPS)
    for (const { peer } of nodes) expect(peer.folded.upTo(3)).toBeGreaterThan(80)
    expect(world.finish().violations).toEqual([])
  })

  test('is folded without one who is away for too long: it is forgotten, and told which event is refused', () => {
    const { world, nodes, links, emitFor, run, endsOf, add, link } = line(3)
    run(10)
    const away = links.at(-1) as PeerLink
    world.disconnect(away)
    const [first, second, last] = nodes as [PeerNode, PeerNode, PeerNode]
    const at = first.machine.top
    emitFor(30)
    world.at(world.now + SECOND, () => world.emit(last, 1))
    run(30)
    expect(first.peer.foldedTo).toBeGreaterThan(at + 20 * FPS)
    world.connect(away)
    run(2)
    expect(endsOf(last)).toHaveLength(1)
    expect(endsOf(last)[0]).toMatch(/^forgotten: event 2 of 3, for tick \d+, comes too late/)
    expect([first, second].flatMap(endsOf)).toEqual([])
    // It may take part again as somebody else.
    const again = add()
    link(second, again)
    run(5)
    expect(again.peer.joined).toBe(true)
    expect(again.tookOver).toBe(1)
    expect(world.finish().violations).toEqual([])
  })

  test('is taken over by one who was away for too long, if it did nothing: it says that it is back', () => {
    const { world, nodes, links, emitFor, run, endsOf } = line(3)
    run(10)
    const away = links.at(-1) as PeerLink
    const [first, , last] = nodes as [PeerNode, PeerNode, PeerNode]
    world.disconnect(away)
    emitFor(30)
    run(30)
    world.connect(away)
    run(3)
    expect(endsOf(last)).toEqual([])
    expect(last.tookOver).toBe(1)
    expect(idsOf(first, RESERVED.back)).toEqual([3])
    const { foldedTo } = first.peer
    run(10)
    // It takes part in what is settled from then on.
    expect(first.peer.foldedTo).toBeGreaterThan(foldedTo)
    expect(last.peer.foldedTo).toBeGreaterThan(foldedTo)
    expect(world.finish().violations).toEqual([])
  })

  test('of two alone is not folded: whatever they did apart, and for how long, comes together', () => {
    const { world, nodes, links, emitFor, run, endsOf } = line(2)
    run(10)
    world.disconnect(links[0])
    for (const node of nodes) emitFor(60, node)
    run(60)
    world.connect(links[0])
    run(2)
    for (const node of nodes) expect(endsOf(node)).toEqual([])
    for (const { peer } of nodes) expect(peer.hasSeen(1, 600) && peer.hasSeen(2, 600)).toBe(true)
    expect(world.finish().violations).toEqual([])
  })

  test('of two halves that have forgotten each other: the smaller one ends, and nobody is left in between', () => {
    const { world, nodes, links, emitFor, run, endsOf } = line(5)
    run(10)
    const parted = links[2] as PeerLink
    world.disconnect(parted)
    emitFor(30)
    emitFor(30, nodes[4])
    run(30)
    for (const { peer } of nodes) expect(peer.foldedTo).toBeGreaterThan(20 * FPS)
    world.connect(parted)
    run(3)
    expect(nodes.map((node) => endsOf(node).length)).toEqual([0, 0, 0, 1, 0])
    // The one behind it is told when it comes itself.
    const link = world.link(nodes[0], nodes[4] as PeerNode, WAY)
    world.connect(link)
    run(3)
    expect(nodes.map((node) => endsOf(node).length)).toEqual([0, 0, 0, 1, 1])
    expect(world.finish().violations).toEqual([])
  })

  test('is folded all the same when too much is held: nobody is waited for', () => {
    const limits = { ...PEER_LIMITS, held_events_max: 400 }
    const { world, nodes, links, emitFor, run, endsOf } = line(3, {
      limits,
      fold: { ...FOLD, forget: 3_600 * SECOND },
    })
    run(10)
    world.disconnect(links.at(-1) as PeerLink)
    emitFor(100)
    run(100)
    expect(nodes.slice(0, 2).flatMap(endsOf)).toEqual([])
    for (const { peer } of nodes.slice(0, 2)) expect(peer.events.length).toBeLessThan(400)
    expect(nodes[0].peer.hasSeen(1, 1_000)).toBe(true)
    expect(world.finish().violations).toEqual([])
  })

  test('of one who is all alone is folded only when too much is held', () => {
    const limits = { ...PEER_LIMITS, held_events_max: 400 }
    const { world, nodes, links, emitFor, run, endsOf } = line(2, { limits })
    run(5)
    world.disconnect(links[0])
    emitFor(15)
    run(15)
    expect(nodes[0].peer.foldedTo).toBeLessThan(5 * FPS)
    emitFor(60)
    run(60)
    expect(endsOf(nodes[0])).toEqual([])
    expect(nodes[0].peer.foldedTo).toBeGreaterThan(20 * FPS)
    expect(world.finish().violations).toEqual([])
  })
})

describe('a newcomer', () => {
  test('gets a snapshot and what came after it, and nothing else', () => {
    const { world, nodes, pass, run, add, link, heard } = line(2)
    pass(30)
    const late = add()
    const missed: number[] = []
    world.see = ({ to }, bytes) => {
      if (to === late) missed.push(...stampsIn(bytes))
    }
    link(nodes[1], late)
    run(1)
    expect(late.tookOver).toBe(1)
    const [given] = heard.flatMap((h) => (h.kind === 'snapshot' ? [h.tick] : [])) as [number]
    expect(given).toBeGreaterThan(20 * FPS)
    expect(missed.length).toBeGreaterThan(10)
    expect(Math.min(...missed)).toBeGreaterThan(given)
    run(10)
    expect(world.finish().violations).toEqual([])
  })

  test('with two links is given one snapshot, and both links stay', () => {
    const { world, nodes, pass, run, add, link, heard } = line(3)
    pass(30)
    const late = add()
    link(nodes[0], late)
    link(nodes[2] as PeerNode, late)
    run(2)
    expect(late.tookOver).toBe(1)
    expect([...late.peer.neighbours].sort()).toEqual([1, 3])
    expect(heard.filter(({ kind }) => kind === 'unlinked')).toEqual([])
    expect(world.finish().violations).toEqual([])
  })

  test('that started alone and did nothing joins where the others are', () => {
    const { world, nodes, pass, run, add, link, endsOf } = line(2)
    pass(30)
    const late = add({ alone: true })
    run(1)
    link(nodes[1], late)
    run(3)
    expect(endsOf(late)).toEqual([])
    expect(late.tookOver).toBe(1)
    expect(world.finish().violations).toEqual([])
  })

  test('that did something before the others had settled all that brings it', () => {
    const { world, nodes, emitFor, run, add, link, endsOf } = line(2)
    emitFor(1)
    run(1)
    const late = add({ alone: true })
    world.emit(late, 1, Uint8Array.of(9))
    run(0.5)
    link(nodes[1], late)
    run(3)
    expect(endsOf(late)).toEqual([])
    expect(nodes[0].peer.hasSeen(3, 2)).toBe(true)
    expect(world.finish().violations).toEqual([])
  })

  test('that has done something long before is told that it comes too late', () => {
    const { world, nodes, pass, run, add, link, endsOf } = line(2)
    pass(30)
    const late = add({ alone: true })
    world.emit(late, 1, Uint8Array.of(9))
    run(0.5)
    link(nodes[1], late)
    run(3)
    expect(endsOf(late)[0]).toMatch(/^forgotten: event 1 of 3, for tick \d+, comes too late for them$/)
    expect(nodes.flatMap(endsOf)).toEqual([])
    expect(world.finish().violations).toEqual([])
  })

  test('or who was away hands on what it was given: with who lacks it too the link begins again', () => {
    const { world, nodes, links, pass, run, heard } = line(4)
    run(10)
    const [, toNear, toFar] = links as unknown as [PeerLink, PeerLink, PeerLink]
    for (const link of [toNear, toFar]) world.disconnect(link)
    pass(30)
    heard.length = 0
    world.connect(toFar)
    run(1)
    world.connect(toNear)
    run(4)
    expect(nodes.map(({ tookOver }) => tookOver)).toEqual([0, 0, 1, 1])
    expect(heard.flatMap((h) => (h.kind === 'unlinked' ? [h.code] : []))).toEqual(['again', 'again'])
    expect(world.finish().violations).toEqual([])
  })
})

describe('who is not heard', () => {
  test('is dropped by the first who notices, and says that it is back', () => {
    const { world, nodes, links, run } = line(4)
    run(10)
    world.disconnect(links[2] as PeerLink)
    run(6)
    expect(idsOf(nodes[0], RESERVED.drop)).toHaveLength(1)
    // Who has no link says of nobody that he is gone.
    expect(idsOf(nodes[3] as PeerNode, RESERVED.drop)).toEqual([])
    world.connect(links[2] as PeerLink)
    run(2)
    expect(idsOf(nodes[0], RESERVED.back)).toEqual([4])
    expect(world.finish().violations).toEqual([])
  })

  test('and does not fold is not folded without: where one keeps all, all do', () => {
    const { world, nodes, pass, link } = line(2)
    const keeps = world.add({ id: 9 })
    link(nodes[1], keeps)
    pass(8)
    for (const { peer } of nodes) expect(peer.foldedTo).toBeLessThan(FPS)
    expect(world.finish().violations).toEqual([])
  })
})

describe('a neighbour that says anything', () => {
  const met = (options: Partial<PeerOptions> = {}) => {
    const peer = new Peer(SECOND, { fps: FPS, app: 'a@1', id: 5, alone: true, fold: FOLD, ...options })
    peer.linked(SECOND, 1)
    peer.receive(SECOND, 1, encode.meet(FPS, 'a@1', 9))
    peer.happenings()
    return (bytes: Uint8Array): string[] => {
      peer.receive(SECOND, 1, bytes)
      return peer.happenings().map((h) => ('code' in h ? `${h.kind} ${h.code}` : h.kind))
    }
  }
  const stand = { source: 9, number: 1, tick: 20, promise: 10, upTo: 0, settled: 5, view: 1 }

  test.each([
    ['a part that nobody asked for', encode.chunk(0, Uint8Array.of(1))],
    ['a request for what is not given', encode.fetch(0)],
    ['a promise beyond what was run', encode.stand({ ...stand, promise: 30 })],
    ['a stand of nobody', encode.stand({ ...stand, source: 0 })],
  ])('is no neighbour any more after %s', (_, bytes) => {
    expect(met()(bytes)).toEqual(['close', 'unlinked malformed'])
  })

  test('nor after a snapshot that is too large, or one of the far future', () => {
    const size = PEER_LIMITS.snapshot_bytes_max + 1
    expect(met()(encode.folded(true, 9, size, 1, []))).toEqual(['close', 'unlinked overflow'])
    const hear = met()
    expect(hear(encode.sync(SECOND, 0, 0, 0, 9, 1, 0, 0))).toEqual([])
    expect(hear(encode.stand({ ...stand, tick: FPS * 3_700 }))).toEqual(['close', 'unlinked bad_request'])
  })

  test('nor after a snapshot whose bytes are others than was said', () => {
    const hear = met({ alone: false })
    expect(hear(encode.folded(true, 9, 3, 12_345, [{ source: 9, upTo: 2, beyond: [] }]))).toEqual([])
    expect(hear(encode.chunk(0, Uint8Array.of(1, 2, 3)))).toEqual(['close', 'unlinked malformed'])
  })

  test('is not told by an older stand of somebody than the one that is known', () => {
    const hear = met()
    expect(hear(encode.stand({ ...stand, number: 3 }))).toEqual([])
    expect(hear(encode.stand({ ...stand, number: 2, promise: 15 }))).toEqual([])
  })
})

const stampsIn = (bytes: Uint8Array): number[] => {
  const message = decode(bytes)
  return typeof message !== 'string' && message.kind === 'missed'
    ? message.events.map(({ stamp }) => stamp)
    : []
}
