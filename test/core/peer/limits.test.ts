import { describe, expect, test } from 'vitest'
import { PEER_LIMITS } from '../../../src/core/peer/limits.ts'
import { decode, encode } from '../../../src/core/peer/messages.ts'
import type { FoldRule } from '../../../src/core/peer/options.ts'
import { Peer } from '../../../src/core/peer/peer.ts'

const SECOND = 1_000_000
const FPS = 50
const FOLD: FoldRule = { keep: 2 * SECOND, forget: 10 * SECOND, away: 2 * SECOND, every: SECOND / 2 }

/** A peer with small limits and a neighbour on link 1, which may not have said who it is. */
const small = (isMet: boolean) => {
  const limits = { ...PEER_LIMITS, sources_max: 20, held_events_max: 500 }
  const peer = new Peer(SECOND, { fps: FPS, app: 'a@1', id: 5, alone: true, fold: FOLD, limits })
  const said = (): string[] =>
    peer
      .happenings()
      .map((h) => ('code' in h ? `${h.kind} ${h.code}` : h.kind === 'linked' ? `linked ${h.id}` : h.kind))
  const hear = (bytes: Uint8Array, link = 1): string[] => {
    peer.receive(SECOND, link, bytes)
    return said()
  }
  peer.linked(SECOND, 1)
  if (isMet) hear(encode.meet(FPS, 'a@1', 9))
  said()
  return { peer, hear, said }
}

const stand = { number: 1, tick: 0, promise: -1, upTo: 0, settled: -1, view: 1 }
const seen = (source: number, from: number) => ({
  source,
  upTo: 0,
  beyond: Array.from({ length: 100 }, (_, i) => from + 2 * i),
})

describe('a peer takes no more memory than its limits say', () => {
  test.each([
    ['has seen', false, (from: number) => encode.have(false, -1, [seen(2, from)])],
    ['gives in a snapshot', true, (from: number) => encode.folded(false, 9, 30, 1, [seen(2, from)])],
  ])('for what a neighbour says without end that it %s', (_, isMet, part) => {
    const { hear } = small(isMet)
    let parts = 0
    while (parts < 20 && hear(part(3 + 200 * parts)).length === 0) parts++
    expect(parts).toBe(5)
  })

  test.each([
    ['has met', true],
    ['has not met', false],
  ])('for stands of those whom nobody knows, from a neighbour that it %s', (_, isMet) => {
    const { peer, hear } = small(isMet)
    for (let source = 100; source < 200; source++)
      for (const number of [0, 1]) expect(hear(encode.stand({ ...stand, source, number }))).toEqual([])
    expect(peer.sizes().members?.size).toBe(20)
  })

  test('for neighbours by ever new names: beyond the limit they are not taken, and those that are known are', () => {
    const { peer, hear } = small(false)
    const come = (link: number, id: number): string[] => {
      peer.linked(SECOND, link)
      const heard = hear(encode.meet(FPS, 'a@1', id), link)
      hear(encode.have(true, -1, []), link)
      hear(encode.sync(SECOND, 1, 0, 0, id, 1, 0, 0), link)
      hear(encode.missed(true, []), link)
      hear(encode.part('closing'), link)
      return heard
    }
    // It knows itself as well.
    const taken = Array.from({ length: 40 }, (_, i) => come(10 + i, 100 + i)[0])
    expect(taken.filter((what) => what?.startsWith('linked'))).toHaveLength(19)
    expect(come(60, 200)).toEqual(['close', 'unlinked overflow'])
    expect(come(61, 100)).toEqual(['linked 100'])
    expect(peer.sizes().members?.size).toBeLessThanOrEqual(20)
  })
})

test('a neighbour is still known when the second of two links to it ends', () => {
  const { peer, hear } = small(true)
  hear(encode.have(true, -1, []))
  const { size } = peer.sizes().members as { size: number }
  peer.linked(SECOND, 2)
  hear(encode.meet(FPS, 'a@1', 9), 2)
  hear(encode.part('replaced'), 2)
  expect(peer.neighbours).toEqual([9])
  expect(peer.sizes().members?.size).toBe(size)
})

test('a snapshot of nothing is none: it would be waited for without end', () => {
  const { hear } = small(true)
  expect(hear(encode.folded(true, 9, 0, 1, [{ source: 9, upTo: 2, beyond: [] }]))).toEqual([
    'close',
    'unlinked malformed',
  ])
})

test('a peer that holds all it may, and is sent more, lets go of its links and says why', () => {
  const { peer, hear, said } = small(true)
  peer.linked(SECOND, 2)
  said()
  peer.outgoing()
  const event = (number: number) =>
    ({ seq: 0, stamp: 10, source: 9, number, lead: 0, id: 1, payload: new Uint8Array(0) }) as const
  const all = Array.from({ length: 499 }, (_, i) => event(i + 1))
  expect(hear(encode.flood(all))).toEqual([])
  expect(hear(encode.flood([event(500)]))).toEqual([
    'close',
    'unlinked overflow',
    'close',
    'unlinked overflow',
    'ended overflow',
  ])
  const last = peer.outgoing().map(({ to, bytes }) => {
    const message = decode(bytes)
    return typeof message === 'string'
      ? message
      : `${to} ${message.kind} ${'code' in message ? message.code : ''}`
  })
  expect(last.filter((what) => what.includes('part'))).toEqual(['1 part overflow', '2 part overflow'])
})
