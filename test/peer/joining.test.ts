import { afterEach, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { decode, encode } from '../../src/core/peer/messages.ts'
import { type PeersLink, peersBy } from '../../src/peer/peers.ts'
import { MemoryNetwork } from '../../src/transport/memory.ts'
import { type Connection, type DialOptions, done, failed, type Owner } from '../../src/transport/transport.ts'
import { turn } from '../until.ts'

/** Whether one takes part in the end, or is told, where the links go that it waits for; and who may still give up. */
const still = app({ id: 'still@1', fps: 50, start: () => ({}) })
const HOLDS_ALL = { forget: Number.POSITIVE_INFINITY }
const SECOND = 1_000_000

/** A connection by hand: what it hears, it hears when it is told, several things in one turn if need be. */
class Hand implements Connection {
  readonly kind = 'memory'
  readonly remote = 'by hand'
  readonly buffered = 0
  isClosed = false
  private owner: Owner | undefined

  attach(owner: Owner): void {
    this.owner = owner
  }

  send(bytes: Uint8Array): boolean {
    const message = decode(bytes)
    if (this.answers && typeof message === 'object' && message.kind === 'sync')
      queueMicrotask(() => this.say(encode.sync(2 * SECOND, message.clock, 1, SECOND, 9, 1, 10, 0)))
    return true
  }

  /** Whether it says where the time is: before that nobody takes part. */
  answers = false

  /** All that one who has nothing says, but where the time is. */
  greet(): void {
    this.say(encode.meet(still.fps, still.id, 9), encode.have(true, -1, []), encode.missed(true, []))
  }

  say(...all: readonly Uint8Array[]): void {
    for (const bytes of all) this.owner?.message(bytes)
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.owner?.closed('closed')
  }

  destroy(): void {
    this.close()
  }
}

/** Peers that dial connections by hand: `made` has each as it is dialled. */
const stage = (dial?: (n: number, options: DialOptions | undefined) => Promise<unknown> | undefined) => {
  const made: Hand[] = []
  const signals: (AbortSignal | undefined)[] = []
  const network = new MemoryNetwork()
  const peers = peersBy(async (_url, options) => {
    const hand = new Hand()
    const n = made.push(hand)
    signals.push(options?.signal)
    const instead = await dial?.(n, options)
    return instead === undefined ? done(hand) : failed('refused', 'nobody')
  }, network.listen)
  return { peers, made, signals }
}

const open: PeersLink[] = []
afterEach(() => {
  for (const link of open.splice(0)) link.leave()
})

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await turn()
}
/** What has become of it after some turns, which is enough where everything is by hand. */
const outcomeOf = async (promise: Promise<unknown>): Promise<unknown> => {
  let outcome: unknown = 'waits'
  promise.then(
    () => {
      outcome = 'there'
    },
    (error: { code?: string }) => {
      outcome = error.code
    },
  )
  for (let i = 0; i < 20; i++) await turn()
  return outcome
}

test('who has all that its only neighbour had, and loses it in the same turn, is told', async () => {
  const { peers, made } = stage()
  const coming = peers('hand://a', still, HOLDS_ALL)
  await until(() => made.length === 1)
  await turn()
  made[0]?.greet()
  made[0]?.close()
  expect(await outcomeOf(coming)).toBe('lost')
})

test('who loses its only neighbour later, before it takes part, is told as well', async () => {
  const { peers, made } = stage()
  const coming = peers('hand://a', still, HOLDS_ALL)
  await until(() => made.length === 1)
  await turn()
  made[0]?.greet()
  expect(await outcomeOf(coming)).toBe('waits')
  made[0]?.close()
  expect(await outcomeOf(coming)).toBe('lost')
})

test('who keeps that link has it again, and takes part then', async () => {
  for (const isAtOnce of [true, false]) {
    const { peers, made } = stage()
    const coming = peers('hand://a', still, { ...HOLDS_ALL, keep: true })
    await until(() => made.length === 1)
    await turn()
    made[0]?.greet()
    if (!isAtOnce) await turn()
    made[0]?.close()
    expect(await outcomeOf(coming)).toBe('waits')
    await until(() => made.length === 2)
    await turn()
    const [, again] = made as [Hand, Hand]
    again.answers = true
    again.greet()
    again.say(encode.sync(2 * SECOND, 0, 0, SECOND, 9, 1, 10, 0))
    const link = await coming
    open.push(link)
    expect(link.neighbours).toEqual([9])
  }
})

test('who keeps a link is told if it is refused for good the next time, and may give up before', async () => {
  for (const isRefused of [true, false]) {
    const { peers, made } = stage()
    const controller = new AbortController()
    const { signal } = controller
    const coming = peers('hand://a', still, { ...HOLDS_ALL, keep: true, signal })
    const outcome = coming.catch((error: { code: string }) => error.code)
    await until(() => made.length === 1)
    await turn()
    made[0]?.greet()
    await turn()
    made[0]?.close()
    if (isRefused) {
      await until(() => made.length === 2)
      await turn()
      made[1]?.say(encode.meet(still.fps, 'another@1', 9))
    } else controller.abort()
    expect(await outcome).toBe(isRefused ? 'app_differs' : 'aborted')
  }
})

test('a link that has to begin again is given up by the signal of who waits for it', async () => {
  for (const hasDialled of [true, false]) {
    const { peers, made, signals } = stage((n) =>
      n === 2 && !hasDialled ? new Promise(() => {}) : undefined,
    )
    const link = await peers({ listen: 'memory://' }, still, HOLDS_ALL)
    open.push(link)
    const controller = new AbortController()
    const linking = link.link('hand://a', { signal: controller.signal })
    const outcome = linking.catch((error: { code: string }) => error.code)
    await until(() => made.length === 1)
    await turn()
    made[0]?.say(encode.meet(still.fps, still.id, 9), encode.part('again'))
    await until(() => made.length === 2)
    await turn()
    controller.abort()
    expect(await outcome).toBe('aborted')
    if (hasDialled) await until(() => made[1]?.isClosed === true)
    expect(signals[1]?.aborted).toBe(true)
    expect(link.neighbours).toEqual([])
  }
})

test('nor is one linked again that was unlinked meanwhile, by its address or its id', async () => {
  for (const which of ['hand://a', 9]) {
    const { peers, made, signals } = stage((n) => (n === 2 ? new Promise(() => {}) : undefined))
    const link = await peers({ listen: 'memory://' }, still, HOLDS_ALL)
    open.push(link)
    const linking = link.link('hand://a')
    await until(() => made.length === 1)
    await turn()
    made[0]?.greet()
    expect(await linking).toBe(9)
    made[0]?.say(encode.part('again'))
    await until(() => made.length === 2)
    link.unlink(which)
    expect(signals[1]?.aborted).toBe(true)
  }
})

test('a signal that comes when the link was there already does not keep it from beginning again', async () => {
  const { peers, made } = stage()
  const link = await peers({ listen: 'memory://' }, still, HOLDS_ALL)
  open.push(link)
  const controller = new AbortController()
  const linking = link.link('hand://a', { signal: controller.signal })
  await until(() => made.length === 1)
  await turn()
  made[0]?.greet()
  await linking
  made[0]?.say(encode.part('again'))
  await until(() => made.length === 2)
  controller.abort()
  await turn()
  made[1]?.greet()
  await until(() => link.neighbours.length === 1)
})
