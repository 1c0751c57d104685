import { afterEach, expect, test, vi } from 'vitest'
import { NEVER } from '../../src/core/timeline/tick.ts'
import { attempt } from '../../src/transport/attempt.ts'
import { memoryPair } from '../../src/transport/memory.ts'
import { patience } from '../../src/transport/patience.ts'
import { done } from '../../src/transport/transport.ts'
import { standStill, turn } from '../until.ts'
import { failureCode } from './heard.ts'

/** How long whoever does not answer is borne with: only while this program runs. */
const TIME = 40_000

afterEach(() => {
  vi.useRealTimers()
})

test('it ends after that time, once', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let ends = 0
  patience(TIME, () => ends++)
  vi.advanceTimersByTime(TIME / 1_000 - 1)
  expect(ends).toBe(0)
  vi.advanceTimersByTime(1)
  expect(ends).toBe(1)
  vi.advanceTimersByTime(2 * (TIME / 1_000))
  expect(ends).toBe(1)
})

test('who calls it off hears no more of it, however late that is', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let ends = 0
  const stop = patience(TIME, () => ends++)
  vi.advanceTimersByTime(TIME / 1_000 - 1)
  stop()
  vi.advanceTimersByTime(2 * (TIME / 1_000))
  expect(ends).toBe(0)
})

test('a time without end does not end', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let ends = 0
  const stop = patience(NEVER, () => ends++)
  vi.advanceTimersByTime(24 * 3_600_000)
  expect(ends).toBe(0)
  stop()
})

test('a program that stood still reads what came meanwhile before it is over', async () => {
  let ends = 0
  const stop = patience(TIME, () => ends++)
  standStill(5 * (TIME / 1_000))
  // A turn has room for one part of it.
  for (let n = 0; n < 3; n++) await turn()
  expect(ends).toBe(0)
  stop()
})

test('a connection that opens while a program stands still is not given up', async () => {
  const opened = attempt('somewhere', TIME, undefined, (settle) => {
    setImmediate(() => settle(done(memoryPair()[0])))
    return () => {}
  })
  standStill(5 * (TIME / 1_000))
  expect(failureCode(await opened)).toBe('none')
})
