import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { MILLISECOND, SECOND } from '../../../src/core/timeline/tick.ts'
import { Acceptor } from '../../../src/core/wire/acceptor.ts'
import { GONE_DATAGRAM_BYTES, goneDatagram, KIND, seal } from '../../../src/core/wire/datagram.ts'
import { CHANNEL_LIMITS } from '../../../src/core/wire/limits.ts'
import { ADDRESS, Line, message } from './line.ts'

/** An acceptor that has just started, on the same address as the one before. */
const another = () => new Acceptor(Uint8Array.from({ length: 16 }, (_, i) => 200 - i))

/** The datagrams that leave the client from now on, instead of going anywhere. */
const orphans = (line: Line, count: number): Uint8Array[] => {
  const sent: Uint8Array[] = []
  for (let i = 0; sent.length < count; i++) {
    const now = line.now + i * MILLISECOND
    line.client.send(now, message(i, 40))
    sent.push(...line.client.outgoing())
  }
  return sent
}

const answerTo = (datagram: Uint8Array): Uint8Array => {
  const answer = another().receive(0, ADDRESS, datagram)
  if (answer.kind !== 'reply') throw new Error(`no reply but ${answer.kind}`)
  return answer.bytes
}

describe('whoever sends to a channel that is not there any more', () => {
  test('is told so at once, with fewer bytes than it sent, and ends as lost', () => {
    const line = Line.opened()
    const [datagram] = orphans(line, 1) as [Uint8Array]
    const gone = answerTo(datagram)
    expect(gone.length).toBeLessThan(datagram.length)
    line.client.receive(line.now + SECOND, gone)
    expect([line.client.state, line.client.failure]).toEqual(['closed', 'lost'])
    expect(line.client.outgoing()).toEqual([])
  })

  test('believes it of each of its last datagrams, and not of older ones', () => {
    for (const [back, failure] of [
      [0, 'lost'],
      [63, 'lost'],
      [64, undefined],
      [200, undefined],
    ] as const) {
      const line = Line.opened()
      const sent = orphans(line, 300)
      line.client.receive(line.now, goneDatagram(sent.at(-1 - back) as Uint8Array))
      expect([back, line.client.failure]).toEqual([back, failure])
    }
  })

  test('believes nobody who has not seen one of its datagrams', () => {
    const line = Line.opened()
    const [datagram] = orphans(line, 1) as [Uint8Array]
    const genuine = goneDatagram(datagram)
    const random = new Random(4)
    for (let i = 0; i < 20_000; i++) {
      const guess = genuine.slice()
      // All but the tag is known to whoever guesses, and even the seal is right.
      for (let at = 9; at < 13; at++) guess[at] = random.uint32()
      seal({ low: 0, high: 0 }, guess, 0, GONE_DATAGRAM_BYTES - 4)
      line.client.receive(line.now, guess)
    }
    for (const length of [0, 5, 16]) line.client.receive(line.now, genuine.slice(0, length))
    line.client.receive(line.now, Uint8Array.of(...genuine, 0))
    line.client.receive(line.now, Uint8Array.of(...genuine.slice(0, 16), genuine[16]! ^ 1))
    expect(line.client.state).toBe('open')
    line.client.receive(line.now, genuine)
    expect(line.client.state).toBe('closed')
  })

  test('an acceptor believes nothing of the kind, and answers to no answer', () => {
    const line = Line.opened()
    const server = line.end('server')
    server.send(line.now, message(1, 40))
    for (const datagram of server.outgoing()) server.receive(line.now, goneDatagram(datagram))
    expect(server.state).toBe('open')
    const gone = goneDatagram(orphans(line, 1)[0] as Uint8Array)
    expect(gone[0]).toBe(KIND.gone)
    expect(another().receive(0, ADDRESS, gone)).toEqual({ kind: 'nothing' })
  })

  test('one that only wanted to close has closed', () => {
    const line = Line.opened()
    // What it says for want of anything else: nothing waits to be acknowledged.
    line.client.wake(line.now + CHANNEL_LIMITS.keepalive)
    const [datagram] = line.client.outgoing()
    line.client.close(line.now + CHANNEL_LIMITS.keepalive)
    line.client.receive(line.now + CHANNEL_LIMITS.keepalive, goneDatagram(datagram as Uint8Array))
    expect([line.client.state, line.client.failure]).toEqual(['closed', undefined])
  })
})
