import { describe, expect, test } from 'vitest'
import { LIMITS, type Limits } from '../../../src/core/limits.ts'
import { Instance } from '../../../src/core/session/instance.ts'
import { decode, encode } from '../../../src/core/session/messages.ts'
import { Sequencer } from '../../../src/core/session/sequencer.ts'
import { RESERVED } from '../../../src/core/timeline/event.ts'
import { EMPTY } from '../../../src/core/wire/bytes.ts'

const FEW: Limits = { ...LIMITS, unstamped_max: 3 }

/** A sequencer in gals, which has to ask before it stamps, and one instance that it has admitted. */
const admitted = (instances: number) => {
  const sequencer = new Sequencer({ epoch: 7, fps: 25, app: 'a', instances, discipline: 'gals', limits: FEW })
  const hear = (at: number, bytes: Uint8Array) => {
    sequencer.receive(at, 1, bytes)
    return sequencer.outgoing().map(({ bytes: said }) => {
      const message = decode(said)
      return typeof message === 'object' ? { ...message } : message
    })
  }
  hear(1, encode.hello(25, 'a', '', instances, EMPTY))
  return { sequencer, hear }
}

const PAUSE = encode.ask(RESERVED.pause, EMPTY)
const denied = (code: string) => ({ kind: 'denied', number: 0, code })

describe('what is asked of a session', () => {
  test('before its start is denied', () => {
    expect(admitted(2).hear(2, PAUSE)).toEqual([denied('not_admitted')])
  })

  test('is limited for each member, like its events and together with them', () => {
    const { sequencer, hear } = admitted(1)
    // A pulse that echoes a beat: now its round trip is known, and it gets a long lease.
    hear(2_000, encode.pulse(1, 1, 0, -1, 0, 0, 0, 0))
    sequencer.wake(sequencer.nextWake())
    sequencer.outgoing()
    const answers = Array.from({ length: 5 }, (_, i) => hear(1_600_000 + i, PAUSE)).flat()
    // It has a long lease and answers no round: none of them can have its stamp yet.
    expect(sequencer.sizes().waiting?.size).toBeLessThanOrEqual(FEW.unstamped_max)
    expect(answers.filter((each) => typeof each === 'object' && each.kind === 'denied')).toEqual([
      denied('busy'),
      denied('busy'),
    ])
    expect(hear(1_700_000, encode.emit(1, 0, -1, 5, EMPTY))).toContainEqual({ ...denied('busy'), number: 1 })
  })

  test('is counted by the instance until it has come, and it hears why it does not', () => {
    const instance = new Instance({ fps: 25, app: 'a', link: 0, limits: FEW })
    instance.open(0)
    instance.receive(1, 0, encode.welcome(1, 7, 25))
    const ask = () => instance.ask('pause')
    expect([ask(), ask(), ask(), ask()]).toEqual([undefined, undefined, undefined, 'busy'])
    expect(instance.emit(2, 5)).toBe('busy')
    instance.receive(3, 0, encode.denied(0, 'busy'))
    expect([ask(), ask()]).toEqual([undefined, 'busy'])
    const asked = { seq: 1, stamp: 4, source: 0, number: 1, id: RESERVED.pause }
    const by = (member: number) => encode.sync(7, 0, -2, [{ ...asked, payload: Uint8Array.of(member, 0) }])
    instance.receive(4, 0, by(2))
    expect(ask()).toBe('busy')
    instance.receive(5, 0, by(1))
    expect([ask(), ask()]).toEqual([undefined, 'busy'])
    expect(instance.happenings().filter(({ kind }) => kind === 'denied')).toEqual([])
  })
})
