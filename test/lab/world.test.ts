import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { Instance } from '../../src/core/session/instance.ts'
import type { Ledger } from '../../src/core/session/ledger.ts'
import { type Discipline, Sequencer } from '../../src/core/session/sequencer.ts'
import { NEVER, SECOND } from '../../src/core/timeline/tick.ts'
import { Clock } from '../../src/lab/clock.ts'
import type { Way } from '../../src/lab/path.ts'
import { World } from '../../src/lab/world.ts'

const WAY: Way = { base: 8_000, jitter: 1_500 }

interface Setup {
  readonly seed?: number
  readonly fps?: number
  readonly instances?: number
  readonly discipline?: Discipline
  readonly eager?: boolean
  readonly lateness?: number
  readonly way?: Way
  readonly datagrams?: boolean
}

/** A session that starts with a number of instances. */
const session = (setup: Setup = {}): World => {
  const { seed = 1, fps = 25, instances = 3, discipline = 'auto', way = WAY } = setup
  const { datagrams = false, ...rest } = setup
  const sequencer = new Sequencer({ epoch: 7, fps, app: 'a', instances, discipline })
  const world = new World({ ...rest, seed, fps, sequencer })
  for (let i = 0; i < instances; i++) join(world, fps, way, datagrams)
  return world
}

const join = (world: World, fps = 25, way = WAY, datagrams = false) =>
  world.add({ instance: (link) => new Instance({ fps, app: 'a', link }), up: way, datagrams })

/** Where the sequencer keeps its promises: to break it. */
const ledgerOf = (world: World): Ledger => (world.sequencer.machine as unknown as { ledger: Ledger }).ledger

/** Events by chance until a moment, so many a second over all. */
const busy = (world: World, rate: number, until: number, seed = 5): void => {
  const chance = new Random(seed)
  const next = (): void => {
    if (world.now >= until) return
    const node = world.instances[chance.below(world.instances.length)]
    if (node) world.emit(node, 1 + chance.below(3), new Uint8Array([chance.below(256)]))
    world.at(world.now + 1 + chance.below((2 * SECOND) / rate), next)
  }
  world.at(SECOND, next)
}

/** Faults of all kinds by chance, the same for the same seed. */
const trouble = (world: World, seed: number): void => {
  const chance = new Random(seed, 1)
  for (let i = 0; i < 6; i++) {
    const at = SECOND + chance.below(8 * SECOND)
    const until = at + chance.below(3 * SECOND)
    const kind = chance.below(7)
    const who = chance.below(world.instances.length)
    world.at(at, () => {
      const node = world.instances[who]
      if (!node) return
      if (kind === 0) world.pause(node, until, 'timer')
      if (kind === 1) world.pause(node, until, 'messages')
      if (kind === 2) world.pause(world.sequencer, until)
      if (kind === 3) world.cut(node, until)
      if (kind === 4) world.kill(node, until - at)
      if (kind === 5) world.leave(node)
      if (kind === 6) join(world)
    })
  }
}

test('a quiet and a busy session keep all invariants and agree', () => {
  for (const discipline of ['gals', 'horizon', 'auto'] as const) {
    const world = session({ discipline })
    busy(world, 10, 20 * SECOND)
    world.run(30 * SECOND)
    const { violations, coverage } = world.finish()
    expect(violations).toEqual([])
    expect(coverage.events).toBeGreaterThan(150)
    expect(coverage.ticks).toBeGreaterThan(3 * 29 * 25)
    expect(coverage.positions).toBeGreaterThan(3 * 29 * 3)
    expect(new Set(world.instances.map((node) => node.inputs.value)).size).toBe(1)
  }
})

const recorded = (seed: number, setup: Setup = {}) => {
  const world = session({ seed, ...setup })
  const lines: string[] = []
  world.trace((line) => lines.push(line))
  busy(world, 10, 10 * SECOND)
  trouble(world, seed)
  world.run(30 * SECOND)
  return {
    lines: lines.join('\n'),
    digest: world.digest,
    messages: world.messages,
    inputs: world.instances.map((node) => [node.id, node.machine.local, node.inputs.value]),
    findings: world.finish(),
  }
}

test('the same seed gives the same run, byte for byte, and another seed another', () => {
  const one = recorded(3)
  expect(recorded(3)).toEqual(one)
  expect(recorded(4).digest).not.toBe(one.digest)
  expect(one.lines).toMatch(/^ {3}\d\d\d\d\.\d {2}1 > emit \.1 event/m)
})

test('applications that are given inputs when they are due get the same as those that are given them later', () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.nat(),
        fps: fc.constantFrom(1, 10, 25, 60, 333),
        instances: fc.integer({ min: 1, max: 5 }),
        discipline: fc.constantFrom<Discipline>('gals', 'horizon', 'auto'),
        lateness: fc.constantFrom(0, 400),
      }),
      ({ seed, ...setup }) => {
        const lazy = recorded(seed, setup)
        const eager = recorded(seed, { ...setup, eager: true })
        expect(eager.lines).toBe(lazy.lines)
        expect([eager.digest, eager.inputs]).toEqual([lazy.digest, lazy.inputs])
        expect([...lazy.findings.violations, ...eager.findings.violations]).toEqual([])
      },
    ),
    { numRuns: 40, seed: 1 },
  )
})

test('an instance that is paused gets everything at once afterwards, and the others do not wait', () => {
  for (const first of ['timer', 'messages'] as const) {
    const world = session()
    busy(world, 4, 20 * SECOND)
    world.at(5 * SECOND, () => world.pause(world.instances[0]!, 8 * SECOND, first))
    world.run(7.9 * SECOND)
    const [paused, other] = world.instances.map((node) => node.machine.local)
    expect(paused).toBeLessThan(5 * 25)
    expect(other).toBeGreaterThan(7.5 * 25)
    world.run(8 * SECOND)
    world.run(30 * SECOND)
    expect(world.finish().violations).toEqual([])
    expect(world.findings.coverage).toMatchObject({ pauses: 1 })
    expect(world.findings.coverage.catchUps).toBeGreaterThan(0)
    expect(new Set(world.instances.map((node) => node.inputs.value)).size).toBe(1)
  }
})

test('what is cut off arrives later, and in its order', () => {
  const world = session()
  busy(world, 4, 20 * SECOND)
  const [node] = world.instances
  world.at(5 * SECOND, () => world.cut(node!))
  world.at(9 * SECOND, () => world.heal(node!))
  world.run(30 * SECOND)
  expect(world.finish().violations).toEqual([])
  expect(node?.machine.phase).toBe('running')
  expect(world.findings.coverage.freezes).toBeGreaterThan(0)
})

test('who is killed leaves the timeline of all others, when its link is gone or after a long silence', () => {
  for (const heardAfter of [100_000, NEVER]) {
    const world = session()
    const gone: unknown[] = []
    world.hearing.sequencer = (happening) => {
      if (happening.kind === 'gone') gone.push(happening.why)
    }
    busy(world, 4, 20 * SECOND)
    world.at(5 * SECOND, () => world.kill(world.instances[0]!, heardAfter))
    world.run(30 * SECOND)
    expect(world.finish().violations).toEqual([])
    expect(gone).toEqual([heardAfter === NEVER ? 'silent' : 'lost'])
    expect(world.findings.coverage).toMatchObject({ kills: 1, departures: 1 })
  }
})

test('who leaves has run the same as the others up to there, and a newcomer gets everything', () => {
  const world = session()
  busy(world, 4, 20 * SECOND)
  world.at(5 * SECOND, () => world.leave(world.instances[0]!))
  world.at(10 * SECOND, () => join(world))
  world.run(30 * SECOND)
  expect(world.finish().violations).toEqual([])
  expect(world.findings.coverage).toMatchObject({ departures: 1, lateJoins: 1 })
  const [left, stayed, , newcomer] = world.instances
  expect(left?.machine.phase).toBe('ended')
  expect(newcomer?.inputs.value).toBe(stayed?.inputs.value)
})

test('a connection that breaks is heard of on each side in its time', () => {
  const world = session()
  const ends: [number, string][] = []
  world.hearing.instance = (node, happening, at) => {
    if (happening.kind === 'ended') ends.push([at, `${node.name} ${happening.code}`])
  }
  world.hearing.sequencer = (happening, at) => {
    if (happening.kind === 'gone') ends.push([at, `gone ${happening.why}`])
  }
  world.at(5 * SECOND, () => world.disconnect(world.instances[1]!, SECOND, 2 * SECOND))
  world.run(20 * SECOND)
  expect(ends).toEqual([
    [6 * SECOND, '2 lost'],
    [7 * SECOND, 'gone lost'],
  ])
  expect(world.finish().violations).toEqual([])
})

const LOSSY: Way = { ...WAY, loss: 0.05, burst: { mean: 3 }, duplicate: 0.02, reorder: 0.05 }

test('over datagrams that get lost, doubled and overtaken nothing is missing and the same is agreed', () => {
  const run = (eager: boolean) => {
    const world = session({ way: LOSSY, datagrams: true, eager })
    busy(world, 10, 20 * SECOND)
    trouble(world, 1)
    world.run(30 * SECOND)
    return world
  }
  const world = run(false)
  const { violations, coverage } = world.finish()
  expect(violations).toEqual([])
  expect(coverage.events).toBeGreaterThan(100)
  const again = run(true)
  expect(again.digest).toBe(world.digest)
  expect(again.instances.map(({ inputs }) => inputs.value)).toEqual(
    world.instances.map(({ inputs }) => inputs.value),
  )
})

test('a channel over datagrams outlives a short cut and ends at both sides after a long one', () => {
  for (const seconds of [3, 20]) {
    const world = session({ way: LOSSY, datagrams: true })
    const node = world.instances[0]!
    world.at(5 * SECOND, () => world.cut(node, (5 + seconds) * SECOND))
    world.run(40 * SECOND)
    expect(world.finish().violations).toEqual([])
    expect(node.machine.phase).toBe(seconds === 3 ? 'running' : 'ended')
    expect(world.sequencer.machine.memberIds()).toHaveLength(seconds === 3 ? 3 : 2)
  }
})

test('who leaves over datagrams has said so, and whose process is gone is missed', () => {
  const world = session({ way: LOSSY, datagrams: true })
  const gone: unknown[] = []
  world.hearing.sequencer = (happening) => {
    if (happening.kind === 'gone') gone.push(happening.why)
  }
  world.at(5 * SECOND, () => world.leave(world.instances[0]!))
  world.at(6 * SECOND, () => world.kill(world.instances[1]!))
  world.at(25 * SECOND, () => world.kill(world.instances[2]!, SECOND))
  world.run(40 * SECOND)
  expect(world.finish().violations).toEqual([])
  expect(gone).toEqual([undefined, expect.stringMatching('silent|lost'), 'lost'])
})

test('instances keep together on clocks that run apart and are put forward', () => {
  const world = session()
  world.setRate(world.instances[0]!, 150)
  world.at(5 * SECOND, () => world.stepClock(world.instances[1]!, 300_000))
  world.run(60 * SECOND)
  const { violations, coverage } = world.finish()
  expect(violations).toEqual([])
  expect(coverage.corrections).toBeGreaterThan(0)
  const reference = world.sequencer.machine.reference(world.sequencer.clock.local(world.now))
  for (const { machine, clock } of world.instances)
    expect(Math.abs(machine.position(clock.local(world.now)) - reference)).toBeLessThan(12_000)
})

test('a sequencer that forgets those who have not answered is found out', () => {
  const world = session({ discipline: 'gals' })
  const ledger = ledgerOf(world)
  const { stamp } = ledger
  ledger.stamp = (base, waiting) => {
    const answers = [...(ledger.rounds[0]?.deadlines.values() ?? [])]
    return stamp.call(ledger, answers.length > 0 ? Math.max(ledger.floor + 1, ...answers) : base, waiting)
  }
  busy(world, 4, 20 * SECOND)
  world.at(5 * SECOND, () => world.cut(world.instances[0]!, 7 * SECOND))
  world.run(30 * SECOND)
  const found = world.finish().violations.map(({ invariant }) => invariant)
  expect(found).toContain('P1')
  expect(found).toContain('P4')
})

test('a sequencer that falls silent for no reason is found out', () => {
  const world = session({ discipline: 'gals' })
  world.at(5 * SECOND, () => {
    world.sequencer.pausedUntil = NEVER
  })
  world.run(14 * SECOND)
  const [first] = world.finish().violations
  expect(first?.invariant).toBe('P7')
  expect(first?.at).toBeLessThan(10 * SECOND)
})

test('a clock read wrongly is found out', () => {
  const world = session()
  const { machine } = world.instances[0]!
  const position = machine.position.bind(machine)
  machine.position = (now) => position(now) + 40_000
  world.run(5 * SECOND)
  expect(world.findings.violations[0]?.invariant).toBe('P9')
})

test('a machine that finds its own invariant broken ends the run, and it is in the findings', () => {
  const world = session()
  const ledger = ledgerOf(world)
  world.at(5 * SECOND, () => {
    ledger.floor = 1e6
    ledger.top = () => 200
  })
  busy(world, 4, 20 * SECOND)
  world.run(30 * SECOND)
  const { violations } = world.findings
  expect(violations.at(-1)).toMatchObject({
    invariant: 'P4',
    what: 'a stamp of 201 is not above the floor 1000000',
  })
  expect(world.now).toBeLessThan(7 * SECOND)
})

test('of an instance that does not follow the protocol nothing is expected', () => {
  const sequencer = new Sequencer({ epoch: 7, fps: 25, app: 'a', instances: 2 })
  const world = new World({ seed: 1, fps: 25, sequencer })
  world.add({ instance: (link) => new Instance({ fps: 25, app: 'a', link }), up: WAY })
  const liar = world.add({
    instance: (link) => new Instance({ fps: 25, app: 'a', link }),
    up: WAY,
    clock: new Clock(1, 180_000),
    honest: false,
  })
  liar.machine.position = () => 1e9
  busy(world, 4, 5 * SECOND)
  world.run(10 * SECOND)
  expect(world.finish().violations).toEqual([])
})

test('a machine that wants to be woken at once for ever is stopped', () => {
  const world = session()
  const { machine, clock } = world.sequencer
  machine.nextWake = () => clock.local(world.now)
  expect(() => world.run(SECOND)).toThrow('again and again')
})
