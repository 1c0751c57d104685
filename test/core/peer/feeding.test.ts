import { describe, expect, test } from 'vitest'
import { PEER_LIMITS } from '../../../src/core/peer/limits.ts'
import { decode, type Message } from '../../../src/core/peer/messages.ts'
import type { FoldRule } from '../../../src/core/peer/options.ts'
import { Peer, type PeerHappening, type PeerOptions } from '../../../src/core/peer/peer.ts'
import { RESERVED } from '../../../src/core/timeline/event.ts'
import type { PeerNode } from '../../../src/lab/peers/node.ts'
import { type PeerLink, PeerWorld } from '../../../src/lab/peers/world.ts'

/** What a neighbour lacks, bit by bit; and how long those wait who give it, and who get it. */
const SECOND = 1_000_000
const FPS = 50
const WAY = { mean: 20_000, deviation: 0, ordered: true }
const FOLD: FoldRule = { keep: 2 * SECOND, forget: 10 * SECOND, away: 2 * SECOND, every: SECOND / 2 }
const FETCH = 76
const CHUNK = 77

const stage = (options: Partial<PeerOptions> = {}) => {
  const world = new PeerWorld({ seed: 1, fps: FPS, replays: true })
  const heard: string[] = []
  world.hear = ({ index }, happening: PeerHappening) => {
    if (happening.kind === 'unlinked') heard.push(`${index}: ${happening.code} ${happening.hint}`)
  }
  const add = (more: Partial<PeerOptions> = {}): PeerNode =>
    world.add({ ...options, ...more, id: world.nodes.length + 1, alone: world.nodes.length === 0 })
  const link = (a: PeerNode, b: PeerNode): PeerLink => {
    const made = world.link(a, b, WAY)
    world.connect(made)
    return made
  }
  const run = (seconds: number): void => world.run(world.now + seconds * SECOND)
  /** It emits ten times a second. */
  const emits = (seconds: number, node: PeerNode): void => {
    for (let i = 0; i < 10 * seconds; i++)
      world.at(world.now + i * (SECOND / 10), () => world.emit(node, 1, Uint8Array.of(i)))
  }
  return { world, heard, add, link, run, emits }
}

/** It hears nothing of that type. */
const isDeafTo = (type: number, { peer }: PeerNode): void => {
  const receive = peer.receive.bind(peer)
  peer.receive = (now, from, bytes) => {
    if (bytes[1] !== type) receive(now, from, bytes)
  }
}

const missedIn = (bytes: Uint8Array): Extract<Message, { kind: 'missed' }> | undefined => {
  const message = decode(bytes)
  return typeof message !== 'string' && message.kind === 'missed' ? message : undefined
}

describe.each([
  ['that folds nothing', {}],
  ['that folds', { fold: FOLD }],
])('a neighbour that lacks more than may be on its way, of a peer %s', (_, folding) => {
  const limits = { ...PEER_LIMITS, fed_bytes_max: 1_000 }

  test('gets it in parts, each when it has read the one before, and all that is new meanwhile', () => {
    const { world, add, link, run, emits } = stage({ ...folding, limits })
    const [first, second] = [add(), add()]
    link(first, second)
    emits(20, first)
    run(20)
    const late = add()
    const parts = new Map<number, number>()
    let done = 0
    world.see = ({ to, from }, bytes) => {
      const missed = to === late && from === first ? missedIn(bytes) : undefined
      if (missed === undefined) return
      parts.set(world.now, (parts.get(world.now) ?? 0) + bytes.length)
      if (missed.done) done++
      expect(late.peer.joined).toBe(false)
    }
    emits(10, second)
    link(first, late)
    while (done === 0) run(0.1)
    run(0.1)
    expect(late.peer.joined).toBe(true)
    expect(parts.size).toBeGreaterThan('fold' in folding ? 1 : 5)
    for (const bytes of parts.values()) expect(bytes).toBeLessThanOrEqual(limits.fed_bytes_max)
    run(12)
    expect(done).toBe(1)
    expect(world.finish().violations).toEqual([])
  })
})

describe('who is given a snapshot and does not fetch its end', () => {
  const stalled = (limits: Partial<typeof PEER_LIMITS>) => {
    const world = stage({ fold: FOLD, limits: { ...PEER_LIMITS, ...limits } })
    const [first, second] = [world.add(), world.add()]
    world.link(first, second)
    world.emits(20, first)
    world.run(20)
    const late = world.add({ limits: PEER_LIMITS })
    isDeafTo(CHUNK, late)
    const toLate = world.link(second, late)
    return { ...world, first, second, late, toLate }
  }

  test('holds back what is folded, but not for longer than it may take', () => {
    const { run, emits, first, second, heard, world } = stalled({ fed_within_max: 8 * SECOND })
    const { foldedTo } = second.peer
    emits(30, first)
    run(7)
    expect([first.peer.foldedTo, second.peer.foldedTo]).toEqual([foldedTo, foldedTo])
    expect(heard).toEqual([])
    // It is there all the while, and says so: nobody claims that it is gone.
    expect(first.peer.events.filter(({ id }) => id === RESERVED.drop)).toEqual([])
    run(3)
    expect(heard[0]).toMatch(/^1: silent What one of the two lacks did not come through in time/)
    run(4)
    for (const { peer } of [first, second]) expect(peer.foldedTo).toBeGreaterThan(foldedTo + 5 * FPS)
    run(16)
    for (const { peer } of [first, second]) expect(peer.events.length).toBeLessThan(80)
    expect(world.watch.findings.violations).toEqual([])
  })

  test('is not taken for as long again, and then it is', () => {
    const { run, emits, first, second, late, toLate, heard, world } = stalled({ fed_within_max: 8 * SECOND })
    emits(20, first)
    run(9)
    heard.length = 0
    for (let second = 0; second < 6; second++) {
      world.connect(toLate)
      run(1)
    }
    expect(heard.filter((what) => what.startsWith('1: '))).toEqual(
      Array.from({ length: 6 }, () => '1: busy What one of the two lacks did not come through in time.'),
    )
    const { foldedTo } = second.peer
    expect(foldedTo).toBeGreaterThan(22 * FPS)
    // It hears again what it is told.
    late.peer.receive = Peer.prototype.receive
    run(3)
    world.connect(toLate)
    run(3)
    expect([late.tookOver, late.peer.joined]).toEqual([1, true])
    expect(world.finish().violations).toEqual([])
  })
})

test('who promises a snapshot and sends nothing of it holds up no other: that link ends', () => {
  const { world, add, link, run, emits, heard } = stage({
    fold: FOLD,
    limits: { ...PEER_LIMITS, fed_within_max: 3_600 * SECOND },
  })
  const [first, second] = [add(), add()]
  link(first, second)
  emits(20, first)
  run(20)
  isDeafTo(FETCH, second)
  const late = add({ limits: { ...PEER_LIMITS, fed_within_max: 5 * SECOND } })
  link(second, late)
  run(0.5)
  link(first, late)
  run(3)
  expect([late.tookOver, late.peer.joined]).toEqual([0, false])
  run(4)
  expect(heard[0]).toMatch(/^2: silent What one of the two lacks did not come through in time/)
  expect([late.tookOver, late.peer.joined]).toEqual([1, true])
  expect(world.watch.findings.violations).toEqual([])
})
