import { expect, test } from 'vitest'
import type { Attempt, Channel } from '../../src/peer/channel.ts'
import { type ConnectionClass, rtcBy } from '../../src/peer/rtc.ts'

/** As much of WebRTC as is used; a description is taken or refused as the test says, and one that is taken opens. */
const made: Fake[] = []
let refused = 0

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
    onmessage: null,
    onclose: null,
    onerror: null,
    send: () => {},
    close: () => {},
  }
  constructor() {
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

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

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
  for (const number of [1, 2, 1, 5, 1_000]) offer(number)
  await until(() => said.length > 0)
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, false])
  expect(said).toEqual([2])
  attempt.close()
})
