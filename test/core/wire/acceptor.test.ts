import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { SECOND } from '../../../src/core/timeline/tick.ts'
import { Acceptor, type Answer } from '../../../src/core/wire/acceptor.ts'
import { Channel } from '../../../src/core/wire/channel.ts'
import { openDatagram } from '../../../src/core/wire/datagram.ts'
import { CHANNEL_LIMITS } from '../../../src/core/wire/limits.ts'
import { ADDRESS, Line, NONCE, SECRET, STORM } from './line.ts'

const opening = { id: 7, nonce: NONCE }
const SLOT = CHANNEL_LIMITS.cookie_slot

const cookieFor = (acceptor: Acceptor, now: number, address = ADDRESS, who = opening): Uint8Array => {
  const answer = acceptor.receive(now, address, openDatagram(who, undefined))
  if (answer.kind !== 'reply') throw new Error(answer.kind)
  return answer.bytes.slice(13, 21)
}

/** Whether an acceptor takes a cookie, from whom and when. */
const takes = (
  acceptor: Acceptor,
  now: number,
  cookie: Uint8Array,
  address = ADDRESS,
  who = opening,
): boolean => acceptor.receive(now, address, openDatagram(who, cookie)).kind === 'proven'

/** Everything that hangs on a value, as text: what it keeps. */
const kept = (value: unknown): string =>
  JSON.stringify(value, (_, one) => (ArrayBuffer.isView(one) ? { bytes: one.byteLength } : one))

describe('before an address has proved itself', () => {
  test('it never gets more bytes than it sent, whatever it sends', () => {
    const acceptor = new Acceptor(SECRET)
    const open = openDatagram(opening, undefined)
    const datagrams = fc.oneof(
      fc.uint8Array({ maxLength: 1_500 }),
      // Close to an `open`: cut, longer, another kind or version, some bytes changed.
      fc
        .record({
          length: fc.oneof(fc.constant(1_200), fc.nat(1_400)),
          kind: fc.nat(255),
          changes: fc.array(fc.tuple(fc.nat(1_199), fc.nat(255)), { maxLength: 4 }),
        })
        .map(({ length, kind, changes }) => {
          const bytes = new Uint8Array(length)
          bytes.set(open.subarray(0, length))
          if (changes.length % 2 === 1) bytes[0] = kind
          for (const [at, value] of changes.slice(1)) bytes[at] = value
          return bytes
        }),
    )
    let replies = 0
    fc.assert(
      fc.property(datagrams, fc.uint8Array({ maxLength: 100 }), fc.nat(), (datagram, address, now) => {
        const answer = acceptor.receive(now, address, datagram)
        expect(answer.kind).not.toBe('proven')
        if (answer.kind !== 'reply') return
        replies++
        expect(answer.bytes.length).toBeLessThanOrEqual(datagram.length)
        expect(answer.bytes.length).toBeLessThanOrEqual(25)
      }),
      { numRuns: 2_000 },
    )
    expect(replies).toBeGreaterThan(50)
  })

  test('nothing is kept for it: 100,000 of them leave the acceptor as it was', () => {
    const acceptor = new Acceptor(SECRET)
    const random = new Random(3)
    const before = kept(acceptor)
    const address = new Uint8Array(18)
    const open = openDatagram(opening, undefined)
    const spoiled = open.slice()
    spoiled[20]! ^= 1
    for (let i = 0; i < 100_000; i++) {
      for (let at = 0; at < 18; at++) address[at] = random.uint32()
      acceptor.receive(i, address, i % 10 === 0 ? open : spoiled)
    }
    expect(kept(acceptor)).toBe(before)
  })

  test('an `open` that is too short for its answer, damaged, or from a nameless channel gets none', () => {
    const acceptor = new Acceptor(SECRET)
    const open = openDatagram(opening, undefined)
    const damaged = open.slice()
    damaged[600] = 1
    const silent: Answer = { kind: 'nothing' }
    expect(acceptor.receive(0, ADDRESS, open.slice(0, 1_199))).toEqual(silent)
    expect(acceptor.receive(0, ADDRESS, damaged)).toEqual(silent)
    expect(acceptor.receive(0, ADDRESS, openDatagram({ id: 0, nonce: NONCE }, undefined))).toEqual(silent)
    expect(acceptor.receive(0, new Uint8Array(65), open)).toEqual(silent)
    expect(acceptor.receive(0, ADDRESS, open).kind).toBe('reply')
  })
})

describe('a cookie', () => {
  test('is good where it went to, for whom it was made, and for no one else', () => {
    const acceptor = new Acceptor(SECRET)
    const cookie = cookieFor(acceptor, 0)
    expect(takes(acceptor, 0, cookie)).toBe(true)
    expect(takes(acceptor, 0, cookie, Uint8Array.of(192, 0, 2, 7, 0x1f, 0x91))).toBe(false)
    expect(takes(acceptor, 0, cookie, ADDRESS.slice(0, 5))).toBe(false)
    expect(takes(acceptor, 0, cookie, ADDRESS, { id: 8, nonce: NONCE })).toBe(false)
    expect(takes(acceptor, 0, cookie, ADDRESS, { id: 7, nonce: NONCE.slice().reverse() })).toBe(false)
    expect(takes(new Acceptor(SECRET.slice().reverse()), 0, cookie)).toBe(false)
    expect(takes(acceptor, 0, new Uint8Array(8))).toBe(false)
  })

  test('is good in its own slot of time and in the next, and never after', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.nat(4 * SLOT), (made, age) => {
        const acceptor = new Acceptor(SECRET)
        const slots = Math.floor((made + age) / SLOT) - Math.floor(made / SLOT)
        expect(takes(acceptor, made + age, cookieFor(acceptor, made))).toBe(slots <= 1)
      }),
    )
  })

  test('outlives one change of the secret, and not two', () => {
    const acceptor = new Acceptor(SECRET)
    const cookie = cookieFor(acceptor, 0)
    acceptor.rotate(SECRET.map((byte) => byte + 1))
    expect(takes(acceptor, 0, cookie)).toBe(true)
    expect(cookieFor(acceptor, 0)).not.toEqual(cookie)
    acceptor.rotate(SECRET.map((byte) => byte + 2))
    expect(takes(acceptor, 0, cookie)).toBe(false)
  })

  test('that is no longer good is answered by another one, and the client goes on with that', () => {
    const acceptor = new Acceptor(SECRET)
    const client = Channel.connect(0, opening)
    client.outgoing()
    const first = acceptor.receive(0, ADDRESS, openDatagram(opening, undefined))
    if (first.kind === 'reply') client.receive(0, first.bytes)
    const [open] = client.outgoing()
    const again = acceptor.receive(3 * SLOT, ADDRESS, open!)
    if (again.kind !== 'reply') throw new Error(again.kind)
    client.receive(1, again.bytes)
    const [better] = client.outgoing()
    expect(acceptor.receive(3 * SLOT, ADDRESS, better!).kind).toBe('proven')
  })
})

describe('opening', () => {
  test('takes two round trips, and the acceptor hears the client half a round trip later', () => {
    const line = new Line()
    line.run(SECOND, () => line.client.state === 'open')
    expect(line.now).toBe(100_000)
    line.run(SECOND, () => line.server?.state === 'open')
    expect(line.now).toBe(125_000)
    expect(line.sent.map(({ bytes }) => bytes.length)).toEqual([1_200, 25, 1_200, 21, 20, 20])
  })

  test('succeeds within 4 s when a third of the datagrams is lost and half of them come twice', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const line = new Line({ seed, weather: STORM })
      line.run(4 * SECOND, () => line.client.state === 'open' && line.server?.state === 'open')
      expect([line.client.state, line.server?.state], `seed ${seed}`).toEqual(['open', 'open'])
      line.run(line.now + SECOND)
      expect(line.accepted, `channels made with seed ${seed}`).toBe(1)
    }
  })

  test('ends with `silent` after 10 s without an answer, having asked four times a second', () => {
    const line = new Line({ weather: { loss: 1, doubled: 0, delay: [1, 1] } })
    line.run(60 * SECOND)
    expect([line.client.state, line.client.failure]).toEqual(['closed', 'silent'])
    expect(line.sent).toHaveLength(40)
  })

  test('messages sent meanwhile arrive first', () => {
    const line = new Line()
    line.send('client', Uint8Array.of(1))
    line.send('client', Uint8Array.of(2))
    line.run(SECOND)
    expect(line.heard.server.map(([byte]) => byte)).toEqual([1, 2])
  })

  test('a closing acceptor refuses, and says why', () => {
    const acceptor = new Acceptor(SECRET)
    acceptor.isClosing = true
    const client = Channel.connect(0, opening)
    for (const open of client.outgoing()) {
      const answer = acceptor.receive(0, ADDRESS, open)
      if (answer.kind === 'reply') client.receive(1, answer.bytes)
    }
    expect([client.state, client.failure]).toEqual(['closed', 'closing'])
  })

  test('a client of another version is refused, with less than it sent', () => {
    const acceptor = new Acceptor(SECRET)
    for (const version of [0, 2, 15]) {
      const open = openDatagram(opening, undefined)
      open[0] = version << 4
      const answer = acceptor.receive(0, ADDRESS, open)
      if (answer.kind !== 'reply') throw new Error(answer.kind)
      expect(answer.bytes).toHaveLength(18)
      const client = Channel.connect(0, opening)
      client.receive(1, answer.bytes)
      expect([client.state, client.failure]).toEqual(['closed', 'version'])
    }
  })

  test('nobody who has not seen the nonce can refuse a client or give it a cookie', () => {
    const stranger = { id: 7, nonce: new Uint8Array(8) }
    const acceptor = new Acceptor(SECRET)
    const cookie = acceptor.receive(0, ADDRESS, openDatagram(stranger, undefined))
    acceptor.isClosing = true
    const refuse = acceptor.receive(0, ADDRESS, openDatagram(stranger, undefined))
    const client = Channel.connect(0, opening)
    client.outgoing()
    for (const forged of [cookie, refuse]) if (forged.kind === 'reply') client.receive(1, forged.bytes)
    expect([client.state, client.outgoing()]).toEqual(['opening', []])
  })

  test('a late copy of an `open` makes an end that never opens, and nothing of the old channel fits it', () => {
    const line = new Line()
    line.run(SECOND)
    line.send('client', Uint8Array.of(1, 2, 3))
    const late = line.sent.filter(({ from }) => from === 'client').map(({ bytes }) => bytes)
    const proven = late.map((open) => line.acceptor.receive(line.now, ADDRESS, open))
    const answer = proven.find(({ kind }) => kind === 'proven')
    if (answer?.kind !== 'proven') throw new Error('the cookie was not taken')
    expect(answer.id).toBe(line.server?.id)
    const ghost = answer.accept(line.now)
    for (const bytes of late) ghost.receive(line.now, bytes)
    expect([ghost.state, ghost.delivered()]).toEqual(['opening', []])
    ghost.wake(line.now + 10 * SECOND)
    expect([ghost.state, ghost.failure]).toEqual(['closed', 'silent'])
  })
})
