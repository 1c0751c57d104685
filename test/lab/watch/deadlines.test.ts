import { expect, test } from 'vitest'
import { MILLISECOND, type Micros, SECOND } from '../../../src/core/timeline/tick.ts'
import { CHANNEL_LIMITS } from '../../../src/core/wire/limits.ts'
import { Checks } from '../../../src/lab/checks.ts'
import type { Drive } from '../../../src/lab/drive.ts'
import type { InstanceNode } from '../../../src/lab/node.ts'
import { Deadlines } from '../../../src/lab/watch/deadlines.ts'

const WAY: Micros = 50 * MILLISECOND
const AT = 10 * SECOND

/** An instance that stands at tick 20 for so long, since a deadline says so or its lease. */
const standing = (stood: Micros, what: { lease: number; datagrams?: boolean }): InstanceNode => {
  const path = { way: { base: WAY, jitter: 0 } }
  const machine = {
    limit: 20,
    grant: what.lease,
    sizes: () => ({ armed: { size: 1, limit: 32 } }),
    nextFreeze: () => AT - stood,
  }
  const channel = what.datagrams ? {} : undefined
  return { id: 3, link: 3, machine, channel, up: { path }, down: { path } } as unknown as InstanceNode
}

/** Something of so many bytes is sent to it as it comes to stand; what the checks say of it later. */
const said = (node: InstanceNode, bytes: number, stood: Micros): readonly string[] => {
  const checks = new Checks()
  const drive = { now: AT - stood } as Drive
  const deadlines = new Deadlines(drive, checks.health, { fps: 25 } as ConstructorParameters<
    typeof Deadlines
  >[2])
  deadlines.added(node)
  deadlines.sent(node, new Uint8Array(bytes))
  drive.now = AT
  deadlines.look(node, AT, 2 * WAY)
  return checks.findings.violations.map(({ what }) => what)
}

const LONG = 3 * CHANNEL_LIMITS.window_bytes_min

test('who stands at a deadline may do so for both ways, a tick, and what timers and gaps add', () => {
  const most = 2 * WAY + 60 * MILLISECOND
  expect(said(standing(most, { lease: 30 }), 20, most)).toEqual([])
  expect(said(standing(most + 1_000, { lease: 30 }), 20, most + 1_000)).toEqual([
    'instance 3 stands at a deadline for 161 ms, of at most 160',
  ])
})

test('who stands at the end of its lease stands at no deadline, though one lies ahead', () => {
  expect(said(standing(SECOND, { lease: 20 }), 20, SECOND)).toEqual([])
})

test('a long message over a path that lets its least window through takes a round trip for each', () => {
  const stood = 3 * (2 * WAY + CHANNEL_LIMITS.ack_gap) + 100 * MILLISECOND
  expect(said(standing(stood, { lease: 30, datagrams: true }), LONG, stood)).toEqual([])
  expect(said(standing(stood, { lease: 30, datagrams: true }), 200, stood)).toHaveLength(1)
  expect(said(standing(stood, { lease: 30 }), LONG, stood)).toHaveLength(1)
  expect(said(standing(2 * stood, { lease: 30, datagrams: true }), LONG, 2 * stood)).toHaveLength(1)
})
