import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MILLISECOND, type Micros, NEVER, SECOND } from '../../src/core/timeline/tick.ts'
import { Channels, type UdpEnd } from '../../src/transport/channels.ts'
import { turn } from '../until.ts'

/** The machine's clock, which also goes on while nobody looks at it. */
let clock: Micros = 0

beforeEach(() => {
  clock = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.spyOn(performance, 'now').mockImplementation(() => clock / MILLISECOND)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A channel that is to be woken at a moment, and what it does then. */
const waking = (at: Micros, wake: () => void, givesUpAt: Micros): UdpEnd => {
  let due = at
  const channel = {
    id: 1,
    state: 'open',
    givesUpAt,
    nextWake: () => due,
    outgoing: () => [],
    wake: () => {
      due = NEVER
      wake()
    },
  }
  return { channel, isTouched: false, dueAt: NEVER, to: {} } as unknown as UdpEnd
}

const set = async (end: UdpEnd): Promise<Channels> => {
  const channels = new Channels({ onDatagram: () => {}, send: () => {} } as never)
  channels.add(end)
  await new Promise<void>((resolve) => process.nextTick(resolve))
  return channels
}

describe('channels count no time that was slept through', () => {
  test('while they are woken', async () => {
    const seen: Micros[] = []
    const channels = await set(
      waking(
        200 * MILLISECOND,
        () => {
          seen.push(channels.now())
          clock += 3_600 * SECOND
          seen.push(channels.now())
        },
        NEVER,
      ),
    )
    clock = 200 * MILLISECOND
    vi.advanceTimersByTime(200)
    expect(seen).toEqual([200 * MILLISECOND, 200 * MILLISECOND])
  })

  test('while it is read what has come, before anybody is given up', async () => {
    let wokenAt: Micros = NEVER
    const channels = await set(waking(200 * MILLISECOND, () => (wokenAt = channels.now()), 200 * MILLISECOND))
    clock = 200 * MILLISECOND
    vi.advanceTimersByTime(200)
    clock += 3_600 * SECOND
    while (wokenAt === NEVER) await turn()
    expect(wokenAt).toBe(200 * MILLISECOND)
  })
})
