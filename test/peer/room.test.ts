import { expect, test } from 'vitest'
import { MEETING_LIMITS } from '../../src/core/meeting/limits.ts'
import { decode, encode } from '../../src/core/meeting/messages.ts'
import type { Attempt } from '../../src/peer/channel.ts'
import { Room } from '../../src/peer/room.ts'
import { MemoryNetwork } from '../../src/transport/memory.ts'
import type { Connection } from '../../src/transport/transport.ts'

test('a meeting point that passes on descriptions without end is heard up to the limit, before there is an attempt and after', async () => {
  const network = new MemoryNetwork()
  let point: Connection | undefined
  await network.listen('memory://point', {
    onConnection: (connection) => {
      point = connection
    },
  })
  const dialled = await network.dial('memory://point')
  if (!dialled.ok) throw new Error(dialled.failure.detail)
  let heard = 0
  let begin: (attempt: () => Attempt) => void = () => {}
  const room = new Room(
    'memory://point',
    { room: 'r', fps: 50, app: 'a@1', id: 1, key: 1 },
    {
      dial: () => network.dial('memory://point'),
      direct: () =>
        new Promise((resolve) => {
          begin = resolve
        }),
      ice: [],
    },
    {
      introduced: () => {},
      alone: () => {},
      neighbours: () => [],
      moved: () => {},
      lost: () => {},
      ended: () => {},
    },
  )
  const entering = room.enter(dialled.value)
  let said = 0
  point?.attach({ message: (bytes) => typeof decode(bytes) === 'object' && said++, closed: () => {} })
  const say = async (...messages: Uint8Array[]): Promise<void> => {
    for (const message of messages) point?.send(message)
    const before = said
    point?.send(encode.beat())
    // It answers in order.
    while (said === before) await new Promise((resolve) => setImmediate(resolve))
  }
  await say(encode.welcome(1, 0))
  await entering
  const signals = Array.from({ length: 100 }, (_, n) => encode.signal(7, Uint8Array.of(n)))
  await say(encode.introduced(7, 2), ...signals)
  begin(() => ({ hear: () => heard++, close: () => {} }))
  await say()
  expect(heard).toBe(100)
  await say(...signals)
  expect(heard).toBe(MEETING_LIMITS.signals_max)
  room.leave()
  point?.destroy()
})
