import { expect, test } from 'vitest'
import { Door } from '../../src/page/door.ts'
import { memoryPair } from '../../src/transport/memory.ts'

test('a door that is held shut keeps what arrives outside, in its order', async () => {
  const [mine, theirs] = memoryPair()
  const seen: string[] = []
  const door = new Door(mine, {
    sent: ([byte]) => seen.push(`sent ${byte}`),
    arrived: ([byte]) => seen.push(`arrived ${byte}`),
  })
  const ended = new Promise<void>((resolve) =>
    door.attach({ message: ([byte]) => seen.push(`got ${byte}`), closed: () => resolve() }),
  )
  door.hold()
  door.send(Uint8Array.of(1))
  const answer = () => {
    theirs.send(Uint8Array.of(2))
    theirs.send(Uint8Array.of(3))
    theirs.close()
  }
  await new Promise<void>((resolve) => theirs.attach({ message: answer, closed: () => resolve() }))
  while (!seen.includes('arrived 3')) await new Promise((resolve) => setImmediate(resolve))
  expect(seen).toEqual(['sent 1', 'arrived 2', 'arrived 3'])
  door.release()
  await ended
  expect(seen.slice(3)).toEqual(['got 2', 'got 3'])
})
