import { MILLISECOND } from '../../../src/core/timeline/tick.ts'
import { Acceptor } from '../../../src/core/wire/acceptor.ts'
import { Channel } from '../../../src/core/wire/channel.ts'
import { KIND } from '../../../src/core/wire/datagram.ts'
import { ADDRESS, NONCE, SECRET } from './line.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** The datagrams of one short talk, by the names that docs/channel.md shows them under. */
export interface Transcript {
  readonly datagrams: Readonly<Record<string, Uint8Array>>
  /** What the server's end and the client's end delivered. */
  readonly heard: readonly Uint8Array[]
}

const only = (datagrams: readonly Uint8Array[]): Uint8Array => {
  const [one] = datagrams
  if (one === undefined || datagrams.length !== 1)
    throw new Error(`${datagrams.length} datagrams instead of one`)
  return one
}

const replyOf = (acceptor: Acceptor, open: Uint8Array): Uint8Array => {
  const answer = acceptor.receive(0, ADDRESS, open)
  if (answer.kind !== 'reply') throw new Error(`no reply but ${answer.kind}`)
  return answer.bytes
}

/**
 * A client opens a channel and says "tick", "one", "two" and "three", a datagram each; the first is lost, and
 * noticed when it is too late for it to go along with the others. Then it closes.
 */
export const transcript = (): Transcript => {
  const acceptor = new Acceptor(SECRET)
  const client = Channel.connect(0, { id: 7, nonce: NONCE })
  const open = only(client.outgoing())
  const cookie = replyOf(acceptor, open)
  client.receive(0, cookie)
  const openAgain = only(client.outgoing())
  const proven = acceptor.receive(0, ADDRESS, openAgain)
  if (proven.kind !== 'proven') throw new Error('the cookie was not taken')
  const server = proven.accept(0)
  server.receive(0, openAgain)
  const accept = only(server.outgoing().filter((bytes) => bytes[0] === KIND.accept))
  client.receive(0, accept)
  const empty = only(client.outgoing())
  server.receive(0, empty)
  client.receive(0, only(server.outgoing()))

  const say = (at: number, words: string): Uint8Array => {
    client.send(at, text(words))
    return only(client.outgoing())
  }
  const lost = say(MILLISECOND, 'tick')
  server.receive(2 * MILLISECOND, say(2 * MILLISECOND, 'one'))
  server.receive(2 * MILLISECOND, say(2 * MILLISECOND, 'two'))
  server.wake(6 * MILLISECOND)
  const bits = only(server.outgoing())
  client.receive(7 * MILLISECOND, bits)
  const mended = say(7 * MILLISECOND, 'three')
  server.receive(7 * MILLISECOND, mended)
  const heard = server.delivered().slice()
  server.wake(46 * MILLISECOND)
  client.receive(46 * MILLISECOND, only(server.outgoing()))
  client.close(46 * MILLISECOND)
  const close = only(client.outgoing())

  acceptor.isClosing = true
  const refuse = replyOf(acceptor, open)
  const gone = replyOf(new Acceptor(SECRET), mended)
  return {
    datagrams: { open, cookie, openAgain, accept, empty, lost, bits, mended, close, gone, refuse },
    heard,
  }
}
