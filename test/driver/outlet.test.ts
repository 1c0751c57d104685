import { expect, test } from 'vitest'
import { CLOSING_MAX } from '../../src/core/wire/limits.ts'
import { Alarms } from '../../src/driver/alarms.ts'
import { Outlet } from '../../src/driver/outlet.ts'
import type { Connection } from '../../src/transport/transport.ts'

/** A connection whose other end reads when it is told to. */
class Slow implements Connection {
  readonly kind = 'memory'
  readonly remote = 'slow'
  readonly got: number[] = []
  buffered = 0
  ending: string | undefined

  attach(): void {}

  send(message: Uint8Array): boolean {
    if (this.ending !== undefined) return false
    this.got.push(message[0] as number)
    this.buffered += message.length
    return true
  }

  close(): void {
    this.ending ??= 'closed'
  }

  destroy(): void {
    this.ending ??= 'destroyed'
  }
}

const opened = () => {
  const clock = { now: 1 }
  const connection = new Slow()
  const alarms = new Alarms(() => clock.now)
  const outlet = new Outlet(connection, alarms, { paced_bytes: 100, backlog_bytes_max: 10_000 })
  let sent = 0
  const send = (): void => {
    const message = new Uint8Array(100)
    message[0] = sent++ % 251
    outlet.send(message)
  }
  const reads = (bytes: number): void => {
    connection.buffered = Math.max(0, connection.buffered - bytes)
    clock.now += 5_000
    outlet.wake(clock.now)
  }
  const inOrder = (count: number): number[] => Array.from({ length: count }, (_, i) => i % 251)
  return { clock, connection, outlet, send, reads, inOrder, end: () => outlet.drop() }
}

test('who reads as slowly as it is sent to gets all of it, and costs no more the longer that lasts', () => {
  const { connection, outlet, send, reads, inOrder, end } = opened()
  for (let i = 0; i < 10; i++) send()
  let most = 0
  for (let i = 0; i < 20_000; i++) {
    send()
    reads(100)
    most = Math.max(most, (outlet as unknown as { waiting: readonly unknown[] }).waiting.length)
    expect(outlet.isClear).toBe(false)
  }
  expect(most).toBeLessThan(100)
  expect(connection.got).toEqual(inOrder(connection.got.length))
  end()
})

test('what waits leaves before an orderly end', () => {
  const { connection, outlet, send, reads, inOrder } = opened()
  for (let i = 0; i < 10; i++) send()
  outlet.close()
  expect(connection.ending).toBeUndefined()
  for (let i = 0; i < 10 && connection.ending === undefined; i++) reads(100)
  expect(connection.ending).toBe('closed')
  expect(connection.got).toEqual(inOrder(10))
})

test('and an end is waited for no longer than an orderly one may take', () => {
  const { clock, connection, outlet, send, reads, end } = opened()
  for (let i = 0; i < 10; i++) send()
  outlet.close()
  reads(100)
  expect(connection.ending).toBeUndefined()
  clock.now += CLOSING_MAX
  reads(0)
  expect(connection.ending).toBe('destroyed')
  end()
})

test('where nothing waits it ends at once', () => {
  const { connection, outlet } = opened()
  outlet.close()
  expect(connection.ending).toBe('closed')
})
