import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RectInstance } from '../../src/page/instance.ts'
import { Place } from '../../src/page/place.ts'
import { createServer, type Server } from '../../src/server/server.ts'
import { dial } from '../../src/transport/dial.ts'
import { until } from '../until.ts'

let server: Server
const sitting: RectInstance[] = []

beforeEach(async () => {
  vi.stubGlobal('document', { hidden: false })
  server = await createServer()
})

afterEach(async () => {
  for (const instance of sitting.splice(0)) instance.leave()
  vi.unstubAllGlobals()
  await server.close()
})

test('one of another window may come between the two of the page: all three take part', async () => {
  const ended: string[] = []
  const dialled = await Promise.all(
    ['A', 'C', 'B'].map(async (letter) => [letter, await dial(server.addresses[0] as string)] as const),
  )
  // One after the other, in one turn: nothing has begun when the last one comes.
  for (const [letter, connection] of dialled) {
    if (!connection.ok) throw new Error(connection.failure.hint)
    sitting.push(
      new RectInstance(
        connection.value,
        new Place(),
        { session: 'demo', letter },
        { took: () => {}, ended: (code) => ended.push(`${letter} ${code}`) },
      ),
    )
  }
  await until(() => {
    for (const instance of sitting) instance.pump()
    return ended.length > 0 || sitting.every(({ members, recent }) => members === 3 && recent.last > 5)
  })
  expect(ended).toEqual([])
})
