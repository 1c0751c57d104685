import { afterEach, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'
import { digest } from '../../src/core/timeline/digest.ts'
import { peers } from '../../src/peer/node.ts'
import { VirtualPeers } from './virtual.ts'

const SECOND = 1_000_000
const FOLD = { keep: 10 * SECOND, forget: 20 * SECOND, away: 5 * SECOND, every: SECOND }

/** A state with everything in it that has to travel: chance, seats with their data, and what was done. */
const tallies = app({
  id: 'tallies@1',
  fps: 50,
  events: { add: event<number>(1) },
  start: () => ({ sum: 0, dice: 0, by: new Map<number, number>(), list: [] as number[] }),
  on: {
    add(s, e) {
      s.sum = (s.sum * 31 + e.payload) | 0
      s.by.set(e.player.id, (s.by.get(e.player.id) ?? 0) + e.payload)
    },
  },
  tick(s, t) {
    s.dice = (s.dice + Math.floor(t.random() * 6)) | 0
    if (t.tick % 50 === 0) s.list.push(s.dice)
    if (s.list.length > 9) s.list.shift()
  },
})

/** The same in one buffer, whose snapshots are bytes. */
const buffers = app({
  id: 'buffers@1',
  fps: 50,
  events: { add: event<number>(1) },
  start: () => {
    const buffer = new ArrayBuffer(100_000)
    return { sums: new Int32Array(buffer, 0, 20_000), rest: new Uint8Array(buffer, 80_000) }
  },
  on: {
    add(s, e) {
      s.sums[e.payload % 20_000] = ((s.sums[e.payload % 20_000] as number) * 31 + e.payload) | 0
    },
  },
  tick(s, t) {
    s.rest[t.tick % 20_000] = t.tick & 255
  },
})

let running: { end(): void } | undefined
afterEach(() => running?.end())

test.each([
  ['a state of objects', tallies],
  ['a state of one buffer, in several parts', buffers],
] as const)('a newcomer goes on from a snapshot: %s', async (_, application) => {
  const group = new VirtualPeers(application as typeof tallies, FOLD)
  running = group
  group.add()
  group.add(0)
  let count = 0
  const emit = (tick: number): void => {
    if (tick % 10 === 0) group.links[tick % 20 === 0 ? 0 : 1]?.emit('add', count++ % 1_000)
  }
  await group.pass(60, emit)
  const before = group.links.map((link) => link.stats())
  // Of 300 events those of the last ten seconds are held, and of the time until all have agreed on the rest.
  for (const { held = 0, folded = 0 } of before) {
    expect(held).toBeLessThan(150)
    expect(folded).toBeGreaterThan(30 * 50)
  }
  const late = group.add(1)
  await group.pass(5, emit)
  await group.pass(1)
  expect(group.snapshots).toHaveLength(1)
  expect(group.links[late]?.stats().ticksRun).toBeLessThan(45 * 50)
  const states = group.links.map((link) => [link.stats().tick, digest(link.state), link.players.length])
  expect(states[late]).toEqual(states[0])
  expect(states[1]).toEqual(states[0])
  expect(group.links[late]?.players.map(({ id }) => id)).toEqual([1, 2, 3])
})

test('a page that was away for too long is told so, and what it did is named', async () => {
  const group = new VirtualPeers(tallies, FOLD)
  running = group
  group.add()
  group.add(0)
  const lone = group.add()
  let cut = group.connect(lone, 1)
  await group.pass(15)
  cut()
  const said: unknown[] = []
  group.links[lone]?.on('status', (status) => said.push(status))
  await group.pass(60, (tick) => {
    if (tick % 50 === 0) for (const link of group.links) link.emit('add', 1)
  })
  cut = group.connect(lone, 1)
  await group.pass(2)
  expect(said.at(-1)).toMatchObject({
    phase: 'ended',
    why: 'forgotten',
    hint: expect.stringMatching(/^event \d+ of 3, for tick \d+, comes too late for them$/),
  })
  expect(group.links.slice(0, 2).map(({ status }) => status.phase)).toEqual(['running', 'running'])
})

test('of ten minutes of five events a second those of the last are held, and some more', async () => {
  const group = new VirtualPeers(tallies, {
    keep: 60 * SECOND,
    forget: 60 * SECOND,
    away: 30 * SECOND,
    every: 10 * SECOND,
  })
  running = group
  group.add()
  group.add(0)
  let emitted = 0
  await group.pass(600, (tick) => {
    if (tick % 10 === 0) group.links[emitted++ % 2]?.emit('add', 1)
  })
  expect(emitted).toBe(3_000)
  for (const link of group.links) expect(link.stats().held).toBeLessThan(700)
})

test('how long somebody may be away is a second or more, or no matter how long', async () => {
  await expect(peers([], tallies, { forget: 10 })).rejects.toMatchObject({ code: 'bad_request' })
  const link = await peers([], tallies, { forget: Number.POSITIVE_INFINITY })
  link.leave()
})
