import { describe, expect, test } from 'vitest'
import { Instance } from '../../../src/core/session/instance.ts'
import { encode } from '../../../src/core/session/messages.ts'
import { Sequencer } from '../../../src/core/session/sequencer.ts'
import { boundOf } from '../../../src/lab/exhaust/bounds.ts'
import { fingerprint, fork } from '../../../src/lab/exhaust/fork.ts'
import { exhaust } from '../../../src/lab/exhaust/search.ts'

const APP = 'forked@1'

const busy = (): Sequencer => {
  const sequencer = new Sequencer({ epoch: 7, instances: 1, fps: 10, app: APP, discipline: 'gals' })
  sequencer.receive(1_000_000, 1, encode.hello(10, APP, '', 1, new Uint8Array(3)))
  sequencer.receive(1_010_000, 1, encode.pulse(5, 1_000_000, 100, -1, 0, 0, 0, 0))
  sequencer.wake(3_000_000)
  sequencer.receive(3_000_100, 1, encode.emit(1, 0, -1, 4, Uint8Array.of(9)))
  return sequencer
}

describe('a machine that is forked', () => {
  test('is the same, and goes on as the original would', () => {
    const original = busy()
    const copy = fork(original)
    expect(fingerprint(copy)).toBe(fingerprint(original))
    for (const machine of [original, copy]) {
      machine.receive(3_020_000, 1, encode.ack(7, 1, 3, 0))
      machine.wake(3_050_000)
    }
    expect(fingerprint(copy)).toBe(fingerprint(original))
    expect(copy.outgoing().map(({ bytes }) => [...bytes])).toEqual(
      original.outgoing().map(({ bytes }) => [...bytes]),
    )
  })

  test('shares nothing with it that either of them changes', () => {
    const original = busy()
    const before = fingerprint(original)
    const copy = fork(original)
    copy.receive(3_020_000, 1, encode.ack(7, 1, 3, 0))
    copy.receive(3_020_000, 1, encode.emit(2, 0, -1, 4, Uint8Array.of(9)))
    copy.closed(3_030_000, 1)
    expect(fingerprint(original)).toBe(before)
    expect(fingerprint(copy)).not.toBe(before)
  })

  test('keeps what is one object one object', () => {
    const copy = fork(busy())
    const [member] = copy.ledger.members.values()
    copy.receive(3_020_000, 1, encode.emit(2, 0, -1, 4, Uint8Array.of(9)))
    // The link leads to the very member that the ledger holds.
    expect(member?.emitted).toBe(2)
  })

  test('is told from one that has heard something more', () => {
    const instance = new Instance({ fps: 10, app: APP, link: 0 })
    instance.open(0)
    const copy = fork(instance)
    copy.receive(1, 0, encode.welcome(1, 7, 10))
    expect(fingerprint(copy)).not.toBe(fingerprint(instance))
  })
})

describe('every interleaving of a small world', () => {
  const gals = boundOf('gals: two events')
  const small = { ...gals, name: 'small', quanta: 1, acts: ['emit'], faults: ['crash', 'leave'] } as const

  test('is tried to the end, and every invariant holds in every state', () => {
    const result = exhaust(small)
    expect(result.fall).toBeUndefined()
    expect(result).toMatchObject({ complete: true })
    expect(result.states).toBeGreaterThan(2_000)
    expect(result.ends).toBeGreaterThan(100)
  })

  test('reaches what the invariants guard', () => {
    const { seen } = exhaust(gals, { statesMax: 6_000 })
    for (const sight of [
      'a round is open',
      'two rounds are open',
      'an instance is frozen',
      'promises differ',
    ] as const)
      expect(seen[sight], sight).toBeGreaterThan(20)
  })

  test('is the same every time, and stops where it is told to', () => {
    const quick = { ...small, faults: [] }
    expect(exhaust(quick)).toEqual(exhaust(quick))
    const stopped = exhaust(small, { statesMax: 500 })
    expect(stopped).toMatchObject({ states: 500, complete: false, fall: undefined })
  })
})
