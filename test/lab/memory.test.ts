import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../src/core/limits.ts'
import { Instance } from '../../src/core/session/instance.ts'
import { Sequencer } from '../../src/core/session/sequencer.ts'
import { MILLISECOND, SECOND } from '../../src/core/timeline/tick.ts'
import { experimentNetwork } from '../../src/lab/networks.ts'
import type { InstanceNode } from '../../src/lab/node.ts'
import { World } from '../../src/lab/world.ts'

const HOUR = 3_600 * SECOND
const PAYLOAD = new Uint8Array(16)

/** Ten instances, ten events a second in all, each of 16 bytes. */
const session = (more: object = {}) => {
  const sequencer = new Sequencer({ epoch: 1, instances: 10, fps: 10, app: 'hour@1', ...more })
  const world = new World({ seed: 1, fps: 10, sequencer, checks: false })
  const make = (link: number) => new Instance({ fps: 10, app: 'hour@1', link })
  const nodes = experimentNetwork('wan', 10).ways.map((up) => world.add({ instance: make, up }))
  let turn = 0
  const emit = (): void => {
    world.emit(nodes[turn++ % nodes.length] as InstanceNode, 1, PAYLOAD)
    world.at(world.now + 100 * MILLISECOND, emit)
  }
  world.at(5 * SECOND, emit)
  return { world, sequencer, nodes, make }
}

describe('what a session holds', () => {
  test('after an hour is its events, packed, and nothing else that grows', () => {
    const { world, sequencer, nodes } = session()
    world.run(HOUR / 60)
    const afterAMinute = sequencer.sizes()
    world.run(HOUR)
    const afterAnHour = sequencer.sizes()
    expect(afterAnHour.log?.size).toBeGreaterThan(35_000)
    expect(afterAnHour.logBytes?.size).toBe(
      ((afterAnHour.log?.size ?? 0) - 10) * 16 + joinBytes(nodes.length),
    )
    for (const [name, { size, limit }] of Object.entries(afterAnHour)) {
      expect(size, name).toBeLessThanOrEqual(limit)
      if (!name.startsWith('log')) expect(size, name).toBeLessThanOrEqual((afterAMinute[name]?.size ?? 0) + 2)
    }
    for (const { machine } of nodes)
      for (const [name, { size }] of Object.entries(machine.sizes())) expect(size, name).toBeLessThan(10)
  })

  test('reaches whoever comes late, all of it, however much', () => {
    const { world, make } = session({ discipline: 'gals' })
    world.run(20 * 60 * SECOND)
    const late = world.add({ instance: make, up: { base: 1_000, jitter: 0 } })
    const got: number[] = []
    world.hearing.input = (node, input) => {
      if (node === late && input.id > 0) got.push(input.seq)
    }
    world.run(21 * 60 * SECOND)
    expect(got.length).toBeGreaterThan(12_000)
    expect(late.machine.phase).toBe('running')
  })

  test('beyond its limit is given up, and then newcomers are told so', () => {
    const { world, sequencer, make } = session({ limits: { ...LIMITS, log_events_max: 100 } })
    world.run(30 * SECOND)
    expect(sequencer.sizes().log?.size).toBe(0)
    const late = world.add({ instance: make, up: { base: 1_000, jitter: 0 } })
    const ends: string[] = []
    world.hearing.instance = (node, happening) => {
      if (node === late && happening.kind === 'ended') ends.push(happening.code)
    }
    world.run(31 * SECOND)
    expect(ends).toEqual(['timeline_too_long'])
  })
})

/** A join says the member, the slot and the length of its data, a byte each. */
const joinBytes = (members: number): number => 3 * members
