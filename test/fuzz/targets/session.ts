import { Instance } from '../../../src/core/session/instance.ts'
import { encode, NO_LEASE } from '../../../src/core/session/messages.ts'
import { Sequencer } from '../../../src/core/session/sequencer.ts'
import { deed, joined, must, Script, type Target } from '../target.ts'

const EPOCH = 7
const APP = 'fuzzed@1'

const TO_SEQUENCER = 0
const FROM_ANOTHER = 1
const TO_INSTANCE = 2
const PASSES = 3
const EMITS = 4

const PAYLOAD = Uint8Array.of(1)
const event = (seq: number, stamp: number) => ({
  seq,
  stamp,
  source: 1,
  number: seq,
  id: 3,
  payload: PAYLOAD,
})

/** A sequencer whose members say anything, and an instance whose sequencer does. */
export const session: Target = {
  name: 'session',
  seeds: () => [
    joined(
      deed(TO_SEQUENCER, encode.emit(1, 0, -1, 1, PAYLOAD)),
      deed(TO_SEQUENCER, encode.ack(EPOCH, 1, 5, 2)),
      deed(PASSES, Uint8Array.of(100)),
      deed(TO_SEQUENCER, encode.pulse(1_000_000, 900_000, 0, 3, 90_000, 100, 10, 0)),
    ),
    joined(
      deed(FROM_ANOTHER, encode.hello(20, APP, '', 0, PAYLOAD)),
      deed(TO_SEQUENCER, encode.ask(-5, PAYLOAD)),
      deed(FROM_ANOTHER, encode.bye(3)),
      deed(TO_SEQUENCER, encode.ask(-7, PAYLOAD)),
    ),
    joined(
      deed(TO_INSTANCE, encode.grant(30, 5_000)),
      deed(PASSES, Uint8Array.of(250)),
      deed(TO_INSTANCE, encode.propose(EPOCH, 1, 0, 10_000)),
      deed(TO_INSTANCE, encode.sync(EPOCH, 1, NO_LEASE, [event(1, 90), event(2, 91)])),
      deed(EMITS, PAYLOAD),
    ),
    joined(
      deed(TO_INSTANCE, encode.grant(30, 5_000)),
      deed(PASSES, Uint8Array.of(0, 20)),
      deed(TO_INSTANCE, encode.sync(EPOCH, 0, 31, [])),
    ),
    joined(
      deed(TO_INSTANCE, encode.beat(1_000_000, 1, 1, 250_000, 250_000, 60)),
      deed(TO_INSTANCE, encode.sync(EPOCH, 0, 70, [])),
      deed(TO_INSTANCE, encode.denied(1, 'busy')),
      deed(TO_INSTANCE, encode.refuse('closing', '')),
    ),
  ],
  run: (bytes) => {
    const script = new Script(bytes)
    let now = 1_000_000
    const sequencer = new Sequencer({ epoch: EPOCH, instances: 1, fps: 20, app: APP, discipline: 'auto' })
    sequencer.receive(now, 1, encode.hello(20, APP, '', 1, PAYLOAD))
    sequencer.receive(now, 1, encode.pulse(now, 1, 0, -1, 0, 0, 0, 0))
    sequencer.wake(now + 1_000_000)
    const instance = new Instance({ fps: 20, app: APP, link: 0 })
    instance.open(now)
    instance.receive(now, 0, encode.welcome(1, EPOCH, 20))
    instance.receive(now, 0, encode.start(now, 0))
    now += 1_000_000
    let tick = -1
    while (!script.isOver) {
      const what = script.byte() % 5
      const block = script.block()
      if (what === TO_SEQUENCER) sequencer.receive(now, 1, block)
      else if (what === FROM_ANOTHER) sequencer.receive(now, 2, block)
      else if (what === TO_INSTANCE) instance.receive(now, 0, block)
      else if (what === EMITS) instance.emit(now, 1, block)
      else {
        now += (block[0] ?? 0) * 1_000 + (block[1] ?? 0) * 100_000
        sequencer.wake(now)
        instance.wake(now)
      }
      for (let taken = 0; taken < 64; taken++) {
        const input = instance.take(now)
        if (input === undefined) break
        must(input.tick === tick + 1, 'P5: a tick is repeated or left out')
        if (input.id === 0) tick = input.tick
      }
      for (const machine of [sequencer, instance]) {
        machine.outgoing()
        machine.happenings()
        must(!Number.isNaN(machine.nextWake()), 'it does not know when to be woken')
        for (const [name, { size, limit }] of Object.entries(machine.sizes()))
          must(size <= limit, `P8: ${name} holds ${size} of ${limit}`)
      }
    }
  },
}
