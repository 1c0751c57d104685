import { describe, expect, test } from 'vitest'
import { Instance } from '../../src/core/session/instance.ts'
import { type Discipline, Sequencer } from '../../src/core/session/sequencer.ts'
import { MILLISECOND, type Micros, SECOND } from '../../src/core/timeline/tick.ts'
import { LIES, Liar } from '../../src/lab/liar.ts'
import type { InstanceNode } from '../../src/lab/node.ts'
import type { Way } from '../../src/lab/path.ts'
import { World } from '../../src/lab/world.ts'

/** What networks and programs do to one of a session, and that it is nobody else's harm. */

const FPS = 30
const APP = 'harm@1'
const GOOD: Way = { base: 10 * MILLISECOND, jitter: MILLISECOND }

interface Stage {
  readonly size?: number
  readonly way?: Way
  readonly datagrams?: boolean
  readonly discipline?: Discipline
  /** The number of one that does not follow the protocol. */
  readonly liar?: number
}

const staged = ({ size = 3, way = GOOD, datagrams = false, discipline = 'auto', liar = 0 }: Stage = {}) => {
  const sequencer = new Sequencer({ epoch: 1, instances: size, fps: FPS, app: APP, discipline })
  const world = new World({ seed: 5, fps: FPS, sequencer })
  const nodes = Array.from({ length: size }, (_, i) =>
    world.add({
      instance: (link) => new (i + 1 === liar ? Liar : Instance)({ fps: FPS, app: APP, link }),
      up: way,
      datagrams,
      honest: i + 1 !== liar,
    }),
  )
  const gone: string[] = []
  world.hearing.sequencer = (happening) => {
    if (happening.kind === 'gone') gone.push(`${happening.id} ${happening.why}`)
  }
  return { world, nodes, gone }
}

/** Everybody emits once in every second of a stretch of time. How many were, by the end of it. */
const emitting = (world: World, nodes: readonly InstanceNode[], until: Micros): (() => number) => {
  let emitted = 0
  const emit = (node: InstanceNode): void => {
    if (typeof world.emit(node, 1) === 'number') emitted++
  }
  for (let at = 2 * SECOND; at < until; at += SECOND)
    for (const node of nodes) world.at(at + node.link * 10 * MILLISECOND, () => emit(node))
  return () => emitted
}

describe.each(['gals', 'horizon', 'auto'] as const)('in %s', (discipline) => {
  test('a network that loses 30 %, doubles 50 % and delays by half a second more or less is survived, and all goes on', () => {
    const way: Way = {
      base: 10 * MILLISECOND,
      jitter: 250 * MILLISECOND,
      shape: 'even',
      loss: 0.3,
      duplicate: 0.5,
    }
    const { world, nodes, gone } = staged({ size: 4, way, datagrams: true, discipline })
    const end = 180 * SECOND
    const emitted = emitting(world, nodes, end - 20 * SECOND)
    world.run(end)
    expect(world.finish().violations).toEqual([])
    expect(gone).toEqual([])
    expect(emitted()).toBeGreaterThan(600)
    // The others are the joins.
    expect(world.findings.coverage.events).toBe(emitted() + nodes.length)
    for (const { machine } of nodes) expect(machine.local).toBeGreaterThan(0.9 * (end / SECOND) * FPS)
  })
})

test('datagrams that are damaged or have no end are as good as lost', () => {
  const way: Way = { ...GOOD, corrupt: 0.2, truncate: 0.2 }
  const { world, nodes, gone } = staged({ way, datagrams: true })
  const emitted = emitting(world, nodes, 50 * SECOND)
  world.run(60 * SECOND)
  expect(world.finish().violations).toEqual([])
  expect(gone).toEqual([])
  expect(emitted()).toBeGreaterThan(140)
  expect(world.findings.coverage.events).toBe(emitted() + nodes.length)
})

test('an instance over datagrams goes on from another address, and over a stream there is no such thing', () => {
  for (const datagrams of [true, false]) {
    const { world, nodes, gone } = staged({ datagrams })
    emitting(world, nodes, 50 * SECOND)
    for (let at = 3 * SECOND; at < 40 * SECOND; at += 3 * SECOND)
      world.at(at, () => world.readdress(nodes[1] as InstanceNode))
    world.run(60 * SECOND)
    expect(world.finish().violations).toEqual([])
    expect(gone).toEqual([])
    expect(nodes[1]?.channel?.heardFrom).toBe(datagrams ? 13 : undefined)
  }
})

describe('a message of a stream that arrives damaged', () => {
  /** Messages without an end are never taken for whole ones: wherever one is cut, a code says so. */
  test.each(['up', 'down'] as const)('%s ends that connection with a code, and no other', (which) => {
    for (let seed = 1; seed <= 20; seed++) {
      const { world, nodes, gone } = staged({ liar: 2 })
      emitting(world, nodes, 20 * SECOND)
      world.at(5 * SECOND + seed * 77 * MILLISECOND, () =>
        world.damage(nodes[1] as InstanceNode, which, 'end', seed),
      )
      world.run(40 * SECOND)
      expect(world.finish().violations).toEqual([])
      expect(gone).toEqual([`${nodes[1]?.id} ${which === 'up' ? 'malformed' : 'lost'}`])
      expect(nodes.map(({ machine }) => machine.phase)).toEqual(['running', 'ended', 'running'])
    }
  })

  test('with wrong bits does no harm to the others, whatever they come to mean', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { world, nodes } = staged({ liar: 2 })
      emitting(world, nodes, 20 * SECOND)
      world.at(5 * SECOND + seed * 77 * MILLISECOND, () =>
        world.damage(nodes[1] as InstanceNode, seed % 2 === 0 ? 'up' : 'down', 'bits', seed),
      )
      world.run(40 * SECOND)
      expect(world.finish().violations).toEqual([])
      expect(nodes[0]?.machine.phase).toBe('running')
      expect(nodes[2]?.machine.phase).toBe('running')
    }
  })
})

test('a process that gets a tenth of its machine is behind, and with the others when it gets all of it', () => {
  const { world, nodes, gone } = staged()
  emitting(world, nodes, 50 * SECOND)
  world.at(5 * SECOND, () =>
    world.slow(nodes[1] as InstanceNode, 20 * SECOND, 100 * MILLISECOND, 90 * MILLISECOND),
  )
  world.run(60 * SECOND)
  expect(world.finish().violations).toEqual([])
  expect(gone).toEqual([])
})

test.each(Object.entries(LIES))('one that %s breaks nothing among the others', (_what, lies) => {
  const { world, nodes } = staged({ size: 4, liar: 4, discipline: 'gals' })
  emitting(world, nodes, 40 * SECOND)
  world.at(5 * SECOND, () => {
    ;(nodes[3]?.machine as Liar).lies = lies
  })
  world.at(30 * SECOND, () => {
    ;(nodes[3]?.machine as Liar).lies = {}
  })
  world.run(60 * SECOND)
  expect(world.finish().violations).toEqual([])
  for (const { machine } of nodes.slice(0, 3)) expect(machine.phase).toBe('running')
})
