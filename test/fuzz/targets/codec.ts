import { describe } from '../../../src/core/session/describe.ts'
import { decode, encode, type Message, NO_LEASE } from '../../../src/core/session/messages.ts'
import { areSame, must, type Target } from '../target.ts'

/** The same message, written again; undefined for kinds whose writing needs more than what was read. */
const rewritten = (m: Message): Uint8Array | undefined => {
  switch (m.kind) {
    case 'hello':
      return encode.hello(m.fps, m.app, m.session, m.instances, m.data)
    case 'emit':
      return encode.emit(m.number, m.want, m.at, m.id, m.payload)
    case 'ack':
      return encode.ack(m.epoch, m.round, m.deadline, m.local)
    case 'pulse':
      return encode.pulse(m.clock, m.echo, m.held, m.local, m.position, m.down, m.spread, m.late)
    case 'bye':
      return encode.bye(m.tick)
    case 'ask':
      return encode.ask(m.id, m.data)
    case 'sync':
      return encode.sync(m.epoch, m.round, m.lease, m.events)
    case 'grant':
      return encode.grant(m.tick, m.lead)
    case 'propose':
      return encode.propose(m.epoch, m.round, m.want, m.reach)
    case 'denied':
      return encode.denied(m.number, m.code)
    default:
      return undefined
  }
}

const PAYLOAD = Uint8Array.of(1, 2, 3)
const EVENT = { seq: 4, stamp: 9, source: 1, number: 2, id: 7, payload: PAYLOAD }

/** The messages of a session: refused with a code or read, and then what was read is written as it came. */
export const codec: Target = {
  name: 'codec',
  seeds: () => [
    encode.hello(40, 'rect@1', 'room', 2, PAYLOAD),
    encode.emit(1, 25_000, -1, 1, PAYLOAD),
    encode.ack(7, 1, 12, 9),
    encode.pulse(1_000_000, 900_000, 1_000, 9, 250_000, 10_000, 500, 0),
    encode.bye(12),
    encode.ask(-5, PAYLOAD),
    encode.welcome(1, 7, 40),
    encode.lobby(1, 2),
    encode.start(1_000_000, -5_000),
    encode.propose(7, 1, 25_000, 10_000),
    encode.sync(7, 1, NO_LEASE, [EVENT, { ...EVENT, seq: 5, id: -1 }]),
    encode.grant(12, 5_000),
    encode.beat(1_000_000, 900_000, 1_000, 250_000, 250_000, 40),
    encode.refuse('session_full', '16'),
    encode.denied(3, 'busy'),
  ],
  run: (bytes) => {
    const message = decode(bytes)
    if (typeof message === 'string') return
    const again = rewritten(message)
    must(
      again === undefined || areSame(again, bytes),
      `${message.kind} is written otherwise than it was read`,
    )
    describe(bytes)
  },
}
