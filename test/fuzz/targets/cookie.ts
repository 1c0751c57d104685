import { Acceptor } from '../../../src/core/wire/acceptor.ts'
import { Channel } from '../../../src/core/wire/channel.ts'
import {
  COOKIE_BYTES,
  cookieDatagram,
  cookieOf,
  NONCE_BYTES,
  OPEN_BYTES,
  OPEN_KEY,
  openDatagram,
  seal,
  TAG_BYTES,
} from '../../../src/core/wire/datagram.ts'
import { areSame, deed, joined, must, Script, type Target } from '../target.ts'

const SECRET = Uint8Array.from({ length: 16 }, (_, i) => i)
const ADDRESS = Uint8Array.of(192, 0, 2, 7, 0x1f, 0x90)
const OPENING = { id: 7, nonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }
const COOKIE_AT = 9 + NONCE_BYTES

const OPENS = 0
const GOOD = 1
const CHANGED = 2
const ELSEWHERE = 3
const ANSWER = 4
const PASSES = 5

const sealed = (datagram: Uint8Array): Uint8Array => {
  seal(OPEN_KEY, datagram, 0, datagram.length - TAG_BYTES)
  return datagram
}

/** An `open` of full length that begins as it is told. */
const openOf = (block: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(OPEN_BYTES)
  bytes[0] = 0x10
  bytes.set(block.subarray(0, OPEN_BYTES - TAG_BYTES - 5), 5)
  return sealed(bytes)
}

/** The door, and a client before it: nobody gets in without the cookie that went to its address. */
export const cookie: Target = {
  name: 'cookie',
  seeds: () => [
    joined(deed(OPENS, Uint8Array.of(7, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8)), deed(PASSES, Uint8Array.of(1))),
    joined(deed(GOOD, Uint8Array.of(0)), deed(CHANGED, Uint8Array.of(3, 1))),
    joined(deed(ELSEWHERE, ADDRESS), deed(PASSES, Uint8Array.of(0, 255)), deed(GOOD, Uint8Array.of(1))),
    joined(
      deed(ANSWER, cookieDatagram(OPENING, new Uint8Array(COOKIE_BYTES))),
      deed(ANSWER, Uint8Array.of(0x12)),
    ),
  ],
  run: (bytes) => {
    const script = new Script(bytes)
    let now = 0
    const acceptor = new Acceptor(SECRET)
    const client = Channel.connect(now, OPENING)
    const first = openDatagram(OPENING, undefined)
    const given = acceptor.receive(now, ADDRESS, first)
    const good =
      given.kind === 'reply' ? given.bytes.slice(5 + NONCE_BYTES, 5 + NONCE_BYTES + COOKIE_BYTES) : undefined
    while (!script.isOver) {
      const what = script.byte() % 6
      const block = script.block()
      if (what === ANSWER) {
        // Of full length it is sealed, so that what follows the tag is looked at.
        client.receive(now, block.length > 20 ? sealed(block) : block)
        client.outgoing()
        continue
      }
      if (what === PASSES) {
        now += (block[0] ?? 0) * 10_000 + (block[1] ?? 0) * 1_000_000
        client.wake(now)
        continue
      }
      const open = what === OPENS ? openOf(block) : openDatagram(OPENING, good)
      if (what === CHANGED) open[COOKIE_AT + ((block[0] ?? 0) % COOKIE_BYTES)] ^= block[1] || 1
      const from = what === ELSEWHERE ? block : ADDRESS
      const answer = acceptor.receive(now, from, what === CHANGED ? sealed(open) : open)
      if (answer.kind === 'reply') must(answer.bytes.length <= open.length, 'more goes back than came')
      if (answer.kind !== 'proven') continue
      const isGood = good !== undefined && areSame(cookieOf(open), good) && areSame(from, ADDRESS)
      must(isGood, 'somebody is let in without the cookie for its address')
      answer.accept(now).receive(now, open)
    }
  },
}
