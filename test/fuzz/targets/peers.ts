import { decode, encode } from '../../../src/core/peer/messages.ts'
import { rewritten } from '../../core/peer/rewritten.ts'
import { areSame, must, type Target } from '../target.ts'

const EVENT = { seq: 0, stamp: 9, source: 1, number: 2, lead: 40_000, id: 7, payload: Uint8Array.of(1, 2) }
const SEEN = [
  { source: 2, upTo: 3, beyond: [] },
  { source: 5, upTo: 7, beyond: [9, 12] },
]

/** The messages of peers: refused with a code or read, and then what was read is written as it came. */
export const peers: Target = {
  name: 'peers',
  seeds: () => [
    encode.meet(50, 'rect@1', 7),
    encode.have(true, -1, SEEN),
    encode.flood([EVENT, { ...EVENT, number: 3, id: -1 }]),
    encode.missed(true, [EVENT]),
    encode.sync(1_000_000, 900_000, 1_000, 9, 2, 14, 250, 118_000),
    encode.pulse(7, 3, 1_660_000, 2),
    encode.part('closing', 'why'),
    encode.stand({ source: 7, number: 4, tick: 300, promise: 100, upTo: 12, settled: -1, view: 12_345 }),
    encode.bound(80),
    encode.claim({ late: true, source: 9, number: 3, stamp: 64, folded: false, members: 2, least: 4 }),
    encode.folded(true, 80, 40_000, 987_654_321, SEEN),
    encode.fetch(32_768),
    encode.chunk(0, Uint8Array.of(1, 2, 3)),
  ],
  run: (bytes) => {
    const message = decode(bytes)
    if (typeof message === 'string') return
    must(areSame(rewritten(message), bytes), `${message.kind} is written otherwise than it was read`)
  },
}
