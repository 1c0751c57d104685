import { afterEach, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { encode as meetingEncode } from '../../src/core/meeting/messages.ts'
import { decode, encode } from '../../src/core/peer/messages.ts'
import { type PeersLink, peersBy } from '../../src/peer/peers.ts'
import { TRANSPORT_LIMITS } from '../../src/transport/limits.ts'
import { MemoryNetwork } from '../../src/transport/memory.ts'
import type { Connection, Dial } from '../../src/transport/transport.ts'
import { MEETING_PROTOCOL } from '../../src/transport/websocket-codes.ts'

/** A link that the other end begins anew: what becomes of it where nobody answers any more. */
const still = app({ id: 'still@1', fps: 50, start: () => ({}) })
const SECOND = 1_000_000

const open: PeersLink[] = []
const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
afterEach(() => {
  process.off('unhandledRejection', note)
  for (const link of open.splice(0)) link.leave()
})

/** What listens there is a server where peers meet. */
const toMeeting =
  (network: MemoryNetwork): Dial =>
  async (url, options) => {
    const outcome = await network.dial(url, { limits: options?.limits ?? TRANSPORT_LIMITS })
    if (outcome.ok) Object.defineProperty(outcome.value, 'protocol', { value: MEETING_PROTOCOL })
    return outcome
  }

/** Somebody who says what a peer says who has nothing. */
const greets = (connection: Connection): void => {
  connection.attach({
    message: (bytes) => {
      const message = decode(bytes)
      if (typeof message === 'string' || message.kind !== 'sync') return
      connection.send(encode.sync(2 * SECOND, message.clock, 1, SECOND, 9, 1, 10, 0))
    },
    closed: () => {},
  })
  connection.send(encode.meet(still.fps, still.id, 9))
  connection.send(encode.have(true, -1, []))
  connection.send(encode.missed(true, []))
}

test('a link that was to begin again, with one who has gone meanwhile, is no more than a link less', async () => {
  const network = new MemoryNetwork()
  const dialled: string[] = []
  const failures: string[] = []
  const peers = peersBy(async (url, options) => {
    dialled.push(url)
    const outcome = await network.dial(url, options)
    if (!outcome.ok) failures.push(outcome.failure.code)
    return outcome
  }, network.listen)
  const connections: Connection[] = []
  const listening = await network.listen('memory://other', {
    onConnection: (connection) => {
      connections.push(connection)
      greets(connection)
    },
  })
  if (!listening.ok) throw new Error(listening.failure.hint)
  const link = await peers('memory://other', still, { forget: Number.POSITIVE_INFINITY })
  open.push(link)
  expect(link.neighbours).toEqual([9])

  process.on('unhandledRejection', note)
  const [first] = connections
  first?.send(encode.part('again'))
  first?.close()
  await listening.value.close()
  while (failures.length === 0) await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  expect([dialled.length, failures]).toEqual([2, ['refused']])
  expect(unhandled).toEqual([])
  expect(link.neighbours).toEqual([])
  expect(link.status.phase).not.toBe('ended')
})

test('a link that was to begin again before one takes part, and does not, is told', async () => {
  const network = new MemoryNetwork()
  const peers = peersBy(network.dial, network.listen)
  let accept: (connection: Connection) => void = () => {}
  const accepted = new Promise<Connection>((resolve) => {
    accept = resolve
  })
  const listening = await network.listen('memory://other', { onConnection: (each) => accept(each) })
  if (!listening.ok) throw new Error(listening.failure.hint)
  const coming = peers('memory://other', still, { forget: Number.POSITIVE_INFINITY })
  const connection = await accepted
  // All that it has is there, and it never says where it is.
  let isHeard: () => void = () => {}
  const heard = new Promise<void>((resolve) => {
    isHeard = resolve
  })
  connection.attach({
    message: (bytes) => {
      const message = decode(bytes)
      if (typeof message === 'object' && message.kind === 'missed' && message.done) isHeard()
    },
    closed: () => {},
  })
  connection.send(encode.meet(still.fps, still.id, 9))
  connection.send(encode.have(true, -1, []))
  connection.send(encode.missed(true, []))
  await heard
  await new Promise((resolve) => setImmediate(resolve))
  connection.send(encode.part('again'))
  connection.close()
  await listening.value.close()
  await expect(coming).rejects.toMatchObject({ code: 'refused' })
})

test('what is kept is linked again also when the signal comes that was to give up the first time', async () => {
  const network = new MemoryNetwork()
  const peers = peersBy(network.dial, network.listen)
  const connections: Connection[] = []
  await network.listen('memory://kept', {
    onConnection: (connection) => {
      connections.push(connection)
      greets(connection)
    },
  })
  const controller = new AbortController()
  const { signal } = controller
  const link = await peers('memory://kept', still, { keep: true, signal, forget: Number.POSITIVE_INFINITY })
  open.push(link)
  controller.abort()
  connections[0]?.close()
  while (connections.length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
})

test('who leaves or unlinks while it is being linked is linked with nobody', async () => {
  const network = new MemoryNetwork()
  const connections: Connection[] = []
  const ended: string[] = []
  await network.listen('memory://slow', {
    onConnection: (connection) => {
      connections.push(connection)
      connection.attach({ message: () => {}, closed: (why) => void ended.push(why) })
    },
  })
  let dialled: (() => void) | undefined
  const peers = peersBy(async (url, options) => {
    await new Promise<void>((resolve) => {
      dialled = resolve
    })
    return toMeeting(network)(url, options)
  }, network.listen)
  for (const end of ['leave', 'unlink'] as const) {
    const link = await peers({ listen: 'memory://' }, still)
    open.push(link)
    const linking = link.link('memory://slow', { keep: end === 'unlink' })
    const outcome = linking.catch((error: { code: string }) => error.code)
    if (end === 'leave') link.leave()
    else link.unlink('memory://slow')
    dialled?.()
    expect(await outcome).toBe('aborted')
    while (ended.length < connections.length || connections.length === 0)
      await new Promise((resolve) => setImmediate(resolve))
    expect(link.addresses.filter((address) => address.includes('slow'))).toEqual([])
    connections.length = 0
    ended.length = 0
  }
})

test('who goes out of a room while it waits to be met there is told', async () => {
  const network = new MemoryNetwork()
  await network.listen('memory://room', {
    onConnection: (connection) => {
      connection.attach({ message: () => {}, closed: () => {} })
      // Somebody else is there, and is not introduced.
      connection.send(meetingEncode.welcome(1, 0))
    },
  })
  const peers = peersBy(toMeeting(network), network.listen)
  for (const end of ['leave', 'unlink'] as const) {
    const link = await peers({ listen: 'memory://' }, still)
    open.push(link)
    const outcome = link.link('memory://room').catch((error: { code: string }) => error.code)
    while (!link.addresses.includes('memory://room')) await new Promise((resolve) => setImmediate(resolve))
    if (end === 'leave') link.leave()
    else link.unlink('memory://room')
    expect(await outcome).toBe('aborted')
    expect(link.addresses).not.toContain('memory://room')
  }
})
