import { decodePayload, encodePayload } from '../../../src/app/payload.ts'
import { areSame, must, type Target } from '../target.ts'

/** What events carry: refused, or read as a value that is written and read again as itself. */
export const payload: Target = {
  name: 'payload',
  seeds: () =>
    [
      null,
      true,
      -1,
      200,
      70_000,
      -40_000,
      2 ** 40,
      1.5,
      'left',
      'ä€😀',
      'x'.repeat(40),
      Uint8Array.of(1, 2, 3),
      [1, [2, [3]]],
      { x: 1, y: { z: [true, null] } },
      Array.from({ length: 20 }, (_, i) => i),
      Object.fromEntries(Array.from({ length: 18 }, (_, i) => [`k${i}`, i])),
    ].map(encodePayload),
  run: (bytes) => {
    const read = decodePayload(bytes)
    if (read === undefined) return
    const written = encodePayload(read.value)
    const again = decodePayload(written)
    must(again !== undefined, 'what was written cannot be read')
    must(areSame(encodePayload(again?.value), written), 'what is read again is another value')
  },
}
