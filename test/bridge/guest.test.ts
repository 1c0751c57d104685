import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Frames } from '../../src/bridge/frames.ts'
import { type BridgeEvent, Guest } from '../../src/bridge/guest.ts'
import { BRIDGE_LIMITS } from '../../src/bridge/limits.ts'
import { MAGIC, readTold, VERSION } from '../../src/bridge/messages.ts'
import { memoryPair } from '../../src/transport/memory.ts'
import { done } from '../../src/transport/transport.ts'
import { turn } from '../until.ts'

/** A program's socket: what is written to it leaves when it is let, and it reads what is pushed. */
class Line extends Duplex {
  readonly written: Buffer[] = []
  private held: (() => void) | undefined
  setNoDelay(): this {
    return this
  }
  override _read(): void {}
  override _write(chunk: Buffer, _: unknown, then: () => void): void {
    this.written.push(chunk)
    this.held = then
  }
  letLeave(): void {
    this.held?.()
  }
}

const seated = () => {
  const line = new Line()
  const events: BridgeEvent[] = []
  const guest = new Guest(line as unknown as Socket, {
    ...{ server: 'memory://nowhere', app: '', instances: 0, trial: 0, port: 1, refusal: undefined },
    limits: BRIDGE_LIMITS,
    dial: () => Promise.resolve(done(memoryPair()[0])),
    onEvent: (event) => void events.push(event),
    onGone: () => {},
  })
  return { line, events, guest }
}

/** What is told at once that it is over. */
const OF_ANOTHER_VERSION = Buffer.from([...MAGIC, VERSION + 1])

/** A bridge that stood still: what fell due meanwhile is called once, before anything is read or written. */
const standStill = () => void vi.runOnlyPendingTimers()

describe('a bridge that stood still', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('reads what a program has said meanwhile before it takes it for silent', async () => {
    const { line, events } = seated()
    line.push(OF_ANOTHER_VERSION)
    standStill()
    await turn()
    expect(events).toMatchObject([{ kind: 'left', code: 'version' }])
    line.destroy()
  })

  test('and gives up one that says nothing while it runs', () => {
    const { line, events } = seated()
    vi.advanceTimersByTime(BRIDGE_LIMITS.opening_max / 1_000 - 1)
    expect(events).toEqual([])
    vi.advanceTimersByTime(1)
    expect(events).toMatchObject([{ kind: 'left', code: 'silent' }])
    line.destroy()
  })

  test('lets what it said last leave before it cuts a program off', async () => {
    const { line, guest } = seated()
    line.push(OF_ANOTHER_VERSION)
    await turn()
    expect(guest.isOver).toBe(true)
    standStill()
    expect(line.destroyed).toBe(false)
    line.letLeave()
    line.push(null)
    await turn()
    expect([line.writableFinished, line.destroyed]).toEqual([true, true])
    const frames = new Frames(BRIDGE_LIMITS.message_bytes_max)
    frames.push(Buffer.concat(line.written))
    expect(readTold(frames.next() as Buffer)).toMatchObject({ kind: 'ended', code: 'version' })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('and cuts off one that does not take it while it runs', async () => {
    const { line } = seated()
    line.push(OF_ANOTHER_VERSION)
    await turn()
    vi.advanceTimersByTime(BRIDGE_LIMITS.closing_max / 1_000 - 1)
    expect(line.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(line.destroyed).toBe(true)
    await turn()
    expect(vi.getTimerCount()).toBe(0)
  })
})
