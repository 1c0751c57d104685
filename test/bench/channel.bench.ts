import { Acceptor } from '../../src/core/wire/acceptor.ts'
import { Channel } from '../../src/core/wire/channel.ts'
import type { Case } from './measure.ts'

/**
 * What messages cost through both ends of a channel, in memory and on one core, against the least that any pair of
 * sender and receiver does with them: to copy the bytes out and in. A call is one message, unless its name says more.
 */

const address = Uint8Array.of(127, 0, 0, 1)

/** Two ends that have found each other. */
const pair = (): readonly [Channel, Channel] => {
  const acceptor = new Acceptor(new Uint8Array(16))
  const client = Channel.connect(0, { id: 1, nonce: new Uint8Array(8) })
  for (;;) {
    for (const open of client.outgoing()) {
      const answer = acceptor.receive(0, address, open)
      if (answer.kind === 'reply') client.receive(0, answer.bytes)
      if (answer.kind !== 'proven') continue
      const server = answer.accept(0)
      server.receive(0, open)
      for (const accept of server.outgoing()) client.receive(0, accept)
      return [client, server]
    }
  }
}

const carry = (now: number, from: Channel, to: Channel): void => {
  if (from.nextWake() <= now) from.wake(now)
  for (const datagram of from.outgoing()) to.receive(now, datagram)
}

/** Sends `batch` messages in one moment, `step` microseconds after the last ones, and has them arrive. */
const oneWay = (bytes: number, batch: number, step: number): (() => unknown) => {
  const [client, server] = pair()
  const message = new Uint8Array(bytes).fill(7)
  let now = 0
  return () => {
    now += step
    for (let i = 0; i < batch; i++) client.send(now, message)
    carry(now, client, server)
    carry(now, server, client)
    if (client.failure !== undefined) throw new Error(client.failure)
    return server.delivered().length
  }
}

const answered = (bytes: number, step: number): (() => unknown) => {
  const [client, server] = pair()
  const message = new Uint8Array(bytes).fill(7)
  let now = 0
  return () => {
    now += step
    client.send(now, message)
    carry(now, client, server)
    for (const request of server.delivered()) server.send(now, request)
    carry(now, server, client)
    return client.delivered().length
  }
}

const copied = (bytes: number): (() => unknown) => {
  const message = new Uint8Array(bytes).fill(7)
  const path = new Uint8Array(bytes)
  return () => {
    path.set(message)
    return path.slice()
  }
}

const cases: readonly Case[] = [
  { name: '20 bytes, copied', run: copied(20) },
  { name: '20 bytes', run: oneWay(20, 1, 10) },
  { name: '20 bytes, every 5 ms', run: oneWay(20, 1, 5_000) },
  { name: '20 bytes and an answer', run: answered(20, 10) },
  { name: '32 messages of 20 bytes', run: oneWay(20, 32, 100) },
  { name: '1,000 bytes, copied', run: copied(1_000) },
  { name: '1,000 bytes', run: oneWay(1_000, 1, 100) },
  { name: '64 KiB, copied', run: copied(65_536) },
  { name: '64 KiB', run: oneWay(65_536, 1, 10_000) },
]

export default cases
