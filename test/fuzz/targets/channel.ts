import { Channel } from '../../../src/core/wire/channel.ts'
import { channelKeys } from '../../../src/core/wire/cookie.ts'
import { DATAGRAM_BYTES_MAX, KIND, putU32, seal, TAG_BYTES } from '../../../src/core/wire/datagram.ts'
import { deed, joined, must, Script, type Target } from '../target.ts'

const NONCE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const COOKIE = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1)
const ACCEPTED = { id: 9, opening: { id: 7, nonce: NONCE }, cookie: COOKIE, salt: NONCE }
const KEYS = channelKeys(ACCEPTED.opening, COOKIE, NONCE)

const SEALED = 0
const CLOSING = 1
const RAW = 2
const PASSES = 3
const SENDS = 4
const LONG = 5

/** A datagram of the other end's: whatever it says, it bears the right number and the right tag. */
const sealedOf = (kind: number, body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(5 + body.length + TAG_BYTES)
  bytes[0] = kind
  putU32(bytes, 1, ACCEPTED.id)
  bytes.set(body, 5)
  seal(KEYS.fromClient, bytes, 0, 5 + body.length)
  return bytes
}

/** As much of a piece as there is beside the head. */
const body = (number: number, ...rest: number[]): Uint8Array =>
  Uint8Array.of(number, 0, 0, 0, 1, 0, number - 1, 0, 0, 0, 0, ...rest)

/** An end of a channel whose other end has the keys and no good will. */
export const channel: Target = {
  name: 'channel',
  seeds: () => [
    joined(
      deed(SEALED, body(1, 1, 0, 3, 0, 9, 9, 9)),
      deed(SENDS, Uint8Array.of(1, 2)),
      deed(PASSES, Uint8Array.of(40)),
    ),
    joined(
      deed(SEALED, body(2, 2, 0, 1, 0, 5)),
      deed(SEALED, body(1, 1, 0, 2, 0, 1, 7)),
      deed(PASSES, Uint8Array.of(200)),
    ),
    joined(deed(SENDS, new Uint8Array(40)), deed(PASSES, Uint8Array.of(3)), deed(SEALED, body(1, 2, 0, 255))),
    joined(
      deed(SEALED, body(1)),
      deed(CLOSING, Uint8Array.of(2, 0, 0, 0, 0)),
      deed(PASSES, Uint8Array.of(250)),
    ),
    joined(
      deed(LONG, Uint8Array.of(200)),
      deed(PASSES, Uint8Array.of(9)),
      deed(RAW, Uint8Array.of(0x13, 9, 0, 0, 0)),
    ),
  ],
  run: (bytes) => {
    const script = new Script(bytes)
    let now = 0
    const end = Channel.accept(now, ACCEPTED)
    while (!script.isOver) {
      const what = script.byte() % 6
      const block = script.block()
      if (what === SEALED) end.receive(now, sealedOf(KIND.data, block))
      else if (what === CLOSING) end.receive(now, sealedOf(KIND.close, block))
      else if (what === RAW) end.receive(now, block)
      else if (what === PASSES) {
        now += (block[0] ?? 0) * 1_000 + (block[1] ?? 0) * 100_000
        end.wake(now)
      } else if (what === SENDS) end.send(now, block)
      else end.send(now, new Uint8Array((block[0] ?? 0) * 64))
      for (const datagram of end.outgoing())
        must(datagram.length <= DATAGRAM_BYTES_MAX, 'a datagram is longer than any may be')
      end.delivered()
      must(!Number.isNaN(end.nextWake()), 'it does not know when to be woken')
    }
  },
}
