import { afterEach, describe, expect, test } from 'vitest'
import { type SessionEvent, Sessions } from '../../src/server/sessions.ts'
import { memoryPair } from '../../src/transport/memory.ts'
import { prefix, Reader, type ReaderOptions } from './reader.ts'

const open: Sessions[] = []
afterEach(() => {
  for (const sessions of open.splice(0)) sessions.close()
})

const serve = (
  options: ConstructorParameters<typeof Sessions>[0] = {},
): { sessions: Sessions; told: SessionEvent[] } => {
  const told: SessionEvent[] = []
  const sessions = new Sessions(options, (event) => told.push(event))
  open.push(sessions)
  return { sessions, told }
}

const join = (sessions: Sessions, more: ReaderOptions = {}): Reader => {
  const [mine, theirs] = memoryPair()
  sessions.accept(theirs)
  return Reader.on(mine, more)
}

describe('sessions over connections', () => {
  test('two instances of a session of two start together and share every input', async () => {
    const { sessions } = serve({ instances: 2 })
    const [a, b] = [join(sessions), join(sessions)]
    await a.until(() => a.inputs.length > 20)
    for (let i = 1; i <= 5; i++) expect(a.seat.emit(i)).toBe(i)
    expect(b.seat.emit(9)).toBe(1)
    await a.until(() => a.events.length === 8)
    await b.until(() => b.events.length === 8)
    expect(prefix(a.inputs, b.inputs)).toBe(true)
    expect(a.events.slice(0, 2)).toEqual(['0:-1:0', '0:-1:0'])
  })

  test('sessions of different names have nothing to do with each other', async () => {
    const { sessions } = serve()
    const [a, b] = [join(sessions, { session: 'one' }), join(sessions, { session: 'two', fps: 50 })]
    await a.until(() => a.inputs.length > 5)
    a.seat.emit(7)
    await a.until(() => a.events.length === 2)
    await b.until(() => b.inputs.length > 20)
    expect(b.events).toHaveLength(1)
    expect(sessions.all().map((each) => each.name)).toEqual(['one', 'two'])
  })

  test('who comes later runs through the whole timeline', async () => {
    const { sessions } = serve()
    const a = join(sessions)
    await a.until(() => a.inputs.length > 10)
    a.seat.emit(7)
    await a.until(() => a.events.length === 2)
    const b = join(sessions)
    await b.until(() => b.events.length === 3)
    await a.until(() => a.events.length === 3)
    expect(prefix(a.inputs, b.inputs)).toBe(true)
  })

  test.each([
    ['another FPS', { fps: 50 }, 'fps_differs'],
    ['another application', { app: 'other@1' }, 'app_differs'],
    ['an FPS out of range', { fps: 0 }, 'bad_request'],
  ] as const)('%s is refused by name', async (_what, more, code) => {
    const { sessions } = serve()
    const a = join(sessions)
    await a.until(() => a.inputs.length > 1)
    const b = join(sessions, more)
    await b.until(() => b.ended !== undefined)
    expect(b.ended).toBe(code)
    expect(a.ended).toBeUndefined()
  })

  test('a session that the server does not have, and one that is full, are refused by name', async () => {
    const { sessions, told } = serve({ sessions: { only: { members: 1 } } })
    const a = join(sessions, { session: 'only' })
    await a.until(() => a.inputs.length > 1)
    const [b, c] = [join(sessions, { session: 'only' }), join(sessions, { session: 'other' })]
    await b.until(() => b.ended !== undefined)
    await c.until(() => c.ended !== undefined)
    expect([b.ended, c.ended]).toEqual(['session_full', 'unknown_session'])
    expect(told.some((event) => event.kind === 'turned_away' && event.code === 'unknown_session')).toBe(true)
  })

  test('a session for more than may come is refused, and not waited for', async () => {
    const { sessions } = serve({ members: 2 })
    const a = join(sessions, { instances: 3 })
    await a.until(() => a.ended !== undefined)
    expect(a.ended).toBe('session_full')
    const [b, c] = [join(sessions, { instances: 2 }), join(sessions)]
    for (const each of [b, c]) await each.until(() => each.inputs.length > 1)
  })

  test('whoever leaves is gone from the timeline of the others, at one tick', async () => {
    const { sessions } = serve({ instances: 3 })
    const [a, b, c] = [join(sessions), join(sessions), join(sessions)]
    await c.until(() => c.inputs.length > 5)
    c.seat.leave()
    await a.until(() => a.events.length === 4)
    await b.until(() => b.events.length === 4)
    expect(a.events).toEqual(b.events)
    expect(a.events[3]).toMatch(/:-4:0$/)
    expect(c.ended).toBe('left')
  })

  test('a server that closes tells everybody why', async () => {
    const { sessions } = serve()
    const a = join(sessions)
    await a.until(() => a.inputs.length > 1)
    sessions.close()
    await a.until(() => a.ended !== undefined)
    expect(a.ended).toBe('closing')
  })

  test('what is no message at all is turned away with a reason', async () => {
    const { sessions } = serve()
    const [mine, theirs] = memoryPair()
    sessions.accept(theirs)
    const got: Uint8Array[] = []
    const ended = new Promise<string>((resolve) =>
      mine.attach({ message: (bytes) => got.push(bytes), closed: resolve }),
    )
    mine.send(new Uint8Array([1, 2, 3, 4]))
    expect(await ended).toBe('closed')
    expect(got).toHaveLength(1)
  })
})
