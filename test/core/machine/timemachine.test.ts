import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Memory } from '../../../src/core/machine/memory.ts'
import { type Rewindable, TimeMachine } from '../../../src/core/machine/timemachine.ts'

/** A world in which order matters: whatever happens is mixed into one number. It counts what it costs. */
class Mixed implements Rewindable<number> {
  state = 1
  steps = 0
  readonly inputs = new Map<number, number[]>()

  put(tick: number, input: number): void {
    this.inputs.set(
      tick,
      [...(this.inputs.get(tick) ?? []), input].sort((a, b) => a - b),
    )
  }

  save(): number {
    return this.state
  }

  restore(state: number): void {
    this.state = state
  }

  step(tick: number): void {
    this.steps++
    for (const input of this.inputs.get(tick) ?? []) this.state = Math.imul(this.state ^ input, 0x0100_0193)
    this.state = Math.imul(this.state ^ tick, 0x85eb_ca6b)
  }
}

const fromTheStart = ({ inputs }: Mixed, tick: number): number => {
  const world = new Mixed()
  for (const [at, all] of inputs) world.inputs.set(at, all)
  new TimeMachine(world, -1).run(tick)
  return world.state
}

/** Runs of some ticks, and inputs that come for ticks before and after the present. */
const histories = fc.array(
  fc.oneof(
    fc.record({ run: fc.integer({ min: 1, max: 40 }), budget: fc.option(fc.integer({ min: 1, max: 30 })) }),
    fc.record({ input: fc.integer({ min: 0, max: 0xffff }), back: fc.integer({ min: -5, max: 60 }) }),
  ),
  { minLength: 1, maxLength: 60 },
)

describe('a rollback and a run forward', () => {
  test('equal a run from tick 0, whatever came late and in whatever order (Q3)', () => {
    let rollbacks = 0
    let interrupted = 0
    fc.assert(
      fc.property(histories, (history) => {
        const world = new Mixed()
        const machine = new TimeMachine(world, -1)
        for (const one of history) {
          if ('run' in one) {
            const to = machine.top + one.run
            const done = machine.run(to, one.budget ?? undefined)
            if (machine.travelling) interrupted++
            if (done) expect(world.state).toBe(fromTheStart(world, to))
            expect(done).toBe(machine.local === to)
          } else {
            const tick = Math.max(0, machine.top - one.back)
            world.put(tick, one.input)
            expect(machine.change(tick)).toBe(true)
          }
        }
        machine.run(machine.top)
        expect(machine.travelling).toBe(false)
        expect(world.state).toBe(fromTheStart(world, machine.top))
        rollbacks += machine.stats.rollbacks
      }),
      { numRuns: 400 },
    )
    expect(rollbacks).toBeGreaterThan(300)
    // By chance some 190, and 23 more or less.
    expect(interrupted).toBeGreaterThan(50)
  })

  test('of n ticks cost one restore and at most 2n ticks', () => {
    let dearest = 0
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.double({ min: 0, max: 1, noNaN: true })), {
          maxLength: 30,
        }),
        (travels) => {
          const world = new Mixed()
          const machine = new TimeMachine(world, -1)
          for (const [forward, share] of travels) {
            machine.run(machine.top + forward)
            const tick = Math.floor(share * share * machine.top)
            const n = machine.top - tick + 1
            const { steps } = world
            const { restores } = machine.stats
            machine.change(tick)
            machine.run(machine.top)
            expect(world.steps - steps).toBeLessThanOrEqual(2 * n)
            expect(machine.stats.restores - restores).toBe(1)
            dearest = Math.max(dearest, (world.steps - steps) / n)
          }
        },
      ),
      { numRuns: 500 },
    )
    expect(dearest).toBeGreaterThan(1.3)
  })

  test('of one tick costs at most two, at every tick', () => {
    const world = new Mixed()
    const machine = new TimeMachine(world, -1)
    for (let tick = 0; tick < 500; tick++) {
      machine.run(tick)
      const { steps } = world
      machine.change(tick)
      machine.run(tick)
      expect(world.steps - steps).toBeLessThanOrEqual(2)
    }
  })

  test('make everything void that was saved after the tick that changed', () => {
    const world = new Mixed()
    const machine = new TimeMachine(world, -1)
    machine.run(1_000)
    expect(machine.kept.some((tick) => tick >= 500)).toBe(true)
    machine.change(500)
    machine.run(1_000, 1)
    expect(machine.travelling).toBe(true)
    expect(machine.kept.every((tick) => tick <= machine.local)).toBe(true)
    machine.run(1_000)
    expect(world.state).toBe(fromTheStart(world, 1_000))
  })

  test('several late inputs are one travel, to the earliest of them', () => {
    const machine = new TimeMachine(new Mixed(), -1)
    machine.run(100)
    for (const tick of [90, 70, 80]) machine.change(tick)
    machine.run(101)
    expect(machine.stats).toMatchObject({ rollbacks: 1, travelled: 31, farthest: 31, restores: 1 })
  })

  test('nothing travels for what has not been run yet', () => {
    const machine = new TimeMachine(new Mixed(), -1)
    machine.run(10)
    machine.change(11)
    machine.run(20)
    expect(machine.stats).toMatchObject({ rollbacks: 0, ticks: 21 })
  })
})

describe('snapshots', () => {
  test('grow in number with the logarithm of the past', () => {
    const machine = new TimeMachine(new Mixed(), -1)
    for (let tick = 0, next = 1; tick < 200_000; tick++) {
      machine.run(tick)
      if (tick !== next) continue
      expect(machine.kept.length).toBeLessThanOrEqual(2 * Math.log2(tick + 1) + 3)
      next = Math.ceil(next * 1.1)
    }
    // An hour at 50 FPS.
    expect(machine.kept.length).toBeLessThanOrEqual(38)
    expect(machine.kept.length).toBeGreaterThan(20)
  })

  test('write over those that are no longer needed, once there are as many as there will be', () => {
    const buffer = new ArrayBuffer(64)
    const numbers = new Float64Array(buffer)
    const memory = new Memory(buffer)
    const seen = new Set<Uint8Array>()
    const machine = new TimeMachine<Uint8Array>(
      {
        save: (spare) => {
          const snapshot = memory.save(spare)
          seen.add(snapshot)
          return snapshot
        },
        restore: (snapshot) => memory.restore(snapshot),
        step: (tick) => {
          for (let i = 0; i < numbers.length; i++) numbers[i] = (numbers[i] as number) * 0.5 + tick + i
        },
      },
      -1,
    )
    machine.run(0)
    for (let tick = 1; tick < 4_000; tick++) {
      machine.run(tick)
      if (tick % 7 === 0) machine.change(tick - 5)
    }
    expect(seen.size).toBeLessThanOrEqual(machine.kept.length + 12)
    const after = numbers.slice()
    machine.change(0)
    machine.run(3_999)
    expect(numbers).toEqual(after)
  })

  test('of a settled past are folded, and what is folded is not had back', () => {
    const world = new Mixed()
    const machine = new TimeMachine(world, -1)
    machine.run(1_000)
    machine.fold(900)
    expect(machine.from).toBeGreaterThan(700)
    expect(machine.from).toBeLessThanOrEqual(900)
    expect(machine.change(machine.from)).toBe(false)
    world.put(machine.from + 1, 5)
    expect(machine.change(machine.from + 1)).toBe(true)
    machine.run(1_001)
    expect(world.state).toBe(fromTheStart(world, 1_001))
  })

  test('what has changed and is not yet run again is not folded', () => {
    const world = new Mixed()
    const machine = new TimeMachine(world, -1)
    machine.run(1_000)
    world.put(300, 9)
    machine.change(300)
    machine.fold(900)
    expect(machine.from).toBeLessThan(300)
    machine.run(1_001)
    expect(world.state).toBe(fromTheStart(world, 1_001))
  })
})
