import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SametickError } from '../../src/app/errors.ts'
import { MEETING_LIMITS } from '../../src/core/meeting/limits.ts'
import type { Attempt, Channel, DirectOptions } from '../../src/peer/channel.ts'
import { direct } from '../../src/peer/direct-node.ts'
import { type ConnectionClass, rtcBy } from '../../src/peer/rtc.ts'
import { TRANSPORT_LIMITS } from '../../src/transport/limits.ts'
import { until } from '../until.ts'

/** As much of WebRTC as is used; a description is taken or refused as the test says, and one that is taken opens. */
const made: Fake[] = []
let refused = 0

afterEach(() => {
  vi.useRealTimers()
})

class Fake {
  connectionState = 'new'
  onicecandidate = null
  onconnectionstatechange = null
  isClosed = false
  channel = {
    binaryType: '',
    readyState: 'connecting',
    bufferedAmount: 0,
    onopen: null as ((event: never) => void) | null,
    onmessage: null as ((event: never) => void) | null,
    onclose: null,
    onerror: null,
    send: () => {},
    close: () => {},
  }
  constructor(_options: object) {
    made.push(this)
  }
  createDataChannel = () => this.channel
  createOffer = () => Promise.resolve({ type: 'offer', sdp: 'o' })
  createAnswer = () => Promise.resolve({ type: 'answer', sdp: 'a' })
  setLocalDescription = () => Promise.resolve()
  setRemoteDescription = ({ type }: { type: string }) => {
    if (type === 'answer' && refused-- > 0) return Promise.reject(new Error('by chance'))
    queueMicrotask(() => {
      this.channel.readyState = 'open'
      this.channel.onopen?.({} as never)
    })
    return Promise.resolve()
  }
  addIceCandidate = () => Promise.resolve()
  close = () => {
    this.isClosed = true
  }
}

const make = rtcBy(Fake as unknown as ConnectionClass)

/** Only the end that offers, with one that answers whatever is offered. */
const offering = (): {
  attempt: Attempt
  opened: Channel[]
  failures: () => number
  offers: () => number
} => {
  const opened: Channel[] = []
  let [failures, offers] = [0, 0]
  const attempt: Attempt = make({
    offers: true,
    ice: [],
    signal: (bytes) => {
      const { attempt: number } = JSON.parse(new TextDecoder().decode(bytes)) as { attempt: number }
      offers++
      const answer = JSON.stringify({ attempt: number, description: { type: 'answer', sdp: 'a' } })
      setTimeout(() => attempt.hear(new TextEncoder().encode(answer)))
    },
    opened: (channel) => opened.push(channel),
    failed: () => failures++,
  })
  return { attempt, opened, failures: () => failures, offers: () => offers }
}

test('an attempt that fails is followed by another, and what belongs to an earlier one is passed over', async () => {
  made.length = 0
  refused = 1
  const { attempt, opened, failures, offers } = offering()
  await until(() => opened.length === 1)
  expect([made.length, made[0]?.isClosed, made[1]?.isClosed, offers(), failures()]).toEqual([
    2,
    true,
    false,
    2,
    0,
  ])
  for (const said of ['', 'null', '7', '{"attempt":1,"description":{"type":"answer"}}', '{"attempt":"x"}'])
    attempt.hear(new TextEncoder().encode(said))
  expect(made[1]?.isClosed).toBe(false)
  attempt.close()
  expect(made[1]?.isClosed).toBe(true)
})

test('who answers begins anew with each offer, and not without end', async () => {
  made.length = 0
  const said: number[] = []
  const attempt = make({
    offers: false,
    ice: [],
    signal: (bytes) =>
      said.push((JSON.parse(new TextDecoder().decode(bytes)) as { attempt: number }).attempt),
    opened: () => {},
    failed: () => {},
  })
  const offer = (number: number): void =>
    attempt.hear(
      new TextEncoder().encode(
        JSON.stringify({ attempt: number, description: { type: 'rollback', sdp: '' } }),
      ),
    )
  for (const number of [1, 1.5, 2, 1, 2.5, 5, 1_000]) offer(number)
  await until(() => said.length > 0)
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, false])
  expect(said).toEqual([2])
  attempt.close()
})

describe('an engine that makes no connection', () => {
  const refusing = (times: number, ice: DirectOptions['ice'] = []) => {
    let left = times
    class Refusing extends Fake {
      constructor(options: object) {
        if (left-- > 0) throw new Error('Cannot create so many PeerConnections')
        super(options)
      }
    }
    const [failed, opened]: [SametickError[], Channel[]] = [[], []]
    const answer = JSON.stringify({ attempt: times + 1, description: { type: 'answer', sdp: 'a' } })
    const attempt: Attempt = rtcBy(Refusing as unknown as ConnectionClass)({
      offers: true,
      ice,
      signal: () => queueMicrotask(() => attempt.hear(new TextEncoder().encode(answer))),
      opened: (channel) => opened.push(channel),
      failed: (error) => failed.push(error),
    })
    return { attempt, failed, opened }
  }

  beforeEach(() => {
    made.length = 0
    refused = 0
    vi.useFakeTimers()
  })

  test('because it has too many is asked again, and an attempt may do', async () => {
    const { attempt, failed, opened } = refusing(2)
    await vi.advanceTimersByTimeAsync(10_000)
    expect([failed, opened.length, made.length]).toEqual([[], 1, 1])
    attempt.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('ends the search with an error that says what it said, and leaves nothing behind', async () => {
    const { failed, opened } = refusing(99)
    await vi.advanceTimersByTimeAsync(60_000)
    expect([opened.length, made.length, vi.getTimerCount()]).toEqual([0, 0, 0])
    expect(failed).toHaveLength(1)
    expect(failed[0]).toMatchObject({
      code: 'no_direct_way',
      retry: false,
      hint: expect.stringContaining('Cannot create so many PeerConnections'),
    })
    expect(failed[0]?.message).toMatch(/goes through the server/)
  })

  test('lets who answers answer the next offer, and says so after the last', () => {
    const failed: SametickError[] = []
    class Refusing {
      constructor() {
        throw new Error('none')
      }
    }
    const attempt = rtcBy(Refusing as unknown as ConnectionClass)({
      offers: false,
      ice: [],
      signal: () => {},
      opened: () => {},
      failed: (error) => failed.push(error),
    })
    const offer = (number: number): void =>
      attempt.hear(
        new TextEncoder().encode(
          JSON.stringify({ attempt: number, description: { type: 'offer', sdp: 'o' } }),
        ),
      )
    for (const number of [1, 2, 3]) offer(number)
    expect(failed).toEqual([])
    offer(4)
    expect(failed.map(({ code }) => code)).toEqual(['no_direct_way'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('by its own engine: what it cannot read it names, and no link is lost by it', async (context) => {
    const failed: SametickError[] = []
    const make = await direct()
    if (make === undefined) return context.skip('It needs a package: npm i node-datachannel')
    const attempt = make({
      offers: true,
      ice: [{ urls: 'nothing:at-all' }],
      signal: () => {},
      opened: () => {},
      failed: (error) => failed.push(error),
    })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(failed.map(({ code, hint }) => [code, /urls wrong format/.test(hint)])).toEqual([
      ['no_direct_way', true],
    ])
    attempt.close()
  })
})

test('that no way was found is an error that says what would help', async () => {
  vi.useFakeTimers()
  const failed: SametickError[] = []
  const attempt = make({
    offers: true,
    ice: [],
    signal: () => {},
    opened: () => {},
    failed: (error) => failed.push(error),
  })
  await vi.advanceTimersByTimeAsync(90_000)
  expect(failed.map(({ code, hint }) => [code, /turn:/.test(hint)])).toEqual([['no_direct_way', true]])
  attempt.close()
})

describe('what comes before anybody takes it', () => {
  const opening = async (): Promise<{ fake: Fake; channel: Channel; attempt: Attempt }> => {
    made.length = 0
    refused = 0
    const { attempt, opened } = offering()
    await until(() => opened.length === 1)
    return { fake: made[0] as Fake, channel: opened[0] as Channel, attempt }
  }
  const says = (fake: Fake, length: number): void =>
    fake.channel.onmessage?.({ data: new Uint8Array(length).buffer } as never)
  const taken = (channel: Channel) => {
    const lengths: number[] = []
    let closed = 0
    channel.attach({ message: ({ length }) => lengths.push(length), closed: () => closed++ })
    return { lengths, closed: () => closed }
  }

  test('is kept, in order', async () => {
    const { fake, channel, attempt } = await opening()
    for (const length of [3, 1, 2]) says(fake, length)
    const { lengths, closed } = taken(channel)
    says(fake, 4)
    expect([lengths, closed()]).toEqual([[3, 1, 2, 4], 0])
    attempt.close()
    says(fake, 5)
    expect([lengths, closed()]).toEqual([[3, 1, 2, 4], 1])
  })

  test.each([
    ['much', 16_384],
    ['empty messages without end', 0],
  ])(
    'is no more than a connection may hold: of %s the channel ends, and whoever takes it is told',
    async (_, length) => {
      const { fake, channel } = await opening()
      const most = TRANSPORT_LIMITS.buffered_bytes_max / (length + MEETING_LIMITS.piece_cost)
      for (let n = 0; n <= most && !fake.isClosed; n++) says(fake, length)
      expect(fake.isClosed).toBe(true)
      const { lengths, closed } = taken(channel)
      expect([lengths, closed()]).toEqual([[], 1])
    },
  )
})
