import { afterEach, describe, expect, test } from 'vitest'
import { Seat, type Sitter } from '../../src/client/seat.ts'
import type { InstanceHappening } from '../../src/core/session/instance.ts'
import type { Input } from '../../src/core/timeline/event.ts'
import { Alarms } from '../../src/driver/alarms.ts'
import { type ServerEvent, Sessions } from '../../src/server/sessions.ts'
import { memoryPair } from '../../src/transport/memory.ts'

const open: Sessions[] = []
afterEach(() => {
  for (const sessions of open.splice(0)) sessions.close()
})

const serve = (
  options: ConstructorParameters<typeof Sessions>[0] = {},
): { sessions: Sessions; told: ServerEvent[] } => {
  const told: ServerEvent[] = []
  const sessions = new Sessions(options, (event) => told.push(event))
  open.push(sessions)
  return { sessions, told }
}

/** An instance that takes every input as it comes. */
class Reader implements Sitter {
  readonly inputs: string[] = []
  readonly happenings: InstanceHappening[] = []
  readonly seat: Seat
  private readonly waiting: (() => void)[] = []

  constructor(
    sessions: Sessions,
    more: { fps?: number; app?: string; session?: string; instances?: number } = {},
  ) {
    const [mine, theirs] = memoryPair()
    sessions.accept(theirs)
    this.seat = new Seat(mine, { fps: 100, app: 'test@1', ...more }, new Alarms(), this)
    this.seat.awaitInput()
  }

  happened(happening: InstanceHappening): void {
    this.happenings.push(happening)
    this.look()
  }

  due(): void {
    for (let input = this.seat.take(); input !== undefined; input = this.seat.take())
      this.inputs.push(text(input))
    this.seat.awaitInput()
    this.look()
  }

  closed(): void {
    this.look()
  }

  /** Until something holds; whatever the machine is busy with. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  get ended(): string | undefined {
    for (const h of this.happenings) if (h.kind === 'ended') return h.code
    return undefined
  }

  private look(): void {
    for (const resolve of this.waiting.splice(0)) resolve()
  }
}

const text = (input: Input): string => `${input.tick}:${input.id}:${input.source}`
const events = (reader: Reader): string[] => reader.inputs.filter((each) => !each.includes(':0:'))
const prefix = (a: readonly string[], b: readonly string[]): boolean => {
  const n = Math.min(a.length, b.length)
  return a.slice(0, n).join() === b.slice(0, n).join()
}

describe('sessions over connections', () => {
  test('two instances of a session of two start together and share every input', async () => {
    const { sessions } = serve({ instances: 2 })
    const [a, b] = [new Reader(sessions), new Reader(sessions)]
    await a.until(() => a.inputs.length > 20)
    for (let i = 1; i <= 5; i++) expect(a.seat.emit(i)).toBe(i)
    expect(b.seat.emit(9)).toBe(1)
    await a.until(() => events(a).length === 8)
    await b.until(() => events(b).length === 8)
    expect(prefix(a.inputs, b.inputs)).toBe(true)
    expect(events(a).slice(0, 2)).toEqual(['0:-1:0', '0:-1:0'])
  })

  test('sessions of different names have nothing to do with each other', async () => {
    const { sessions } = serve()
    const [a, b] = [
      new Reader(sessions, { session: 'one' }),
      new Reader(sessions, { session: 'two', fps: 50 }),
    ]
    await a.until(() => a.inputs.length > 5)
    a.seat.emit(7)
    await a.until(() => events(a).length === 2)
    await b.until(() => b.inputs.length > 20)
    expect(events(b)).toHaveLength(1)
    expect(sessions.all().map((each) => each.name)).toEqual(['one', 'two'])
  })

  test('who comes later runs through the whole timeline', async () => {
    const { sessions } = serve()
    const a = new Reader(sessions)
    await a.until(() => a.inputs.length > 10)
    a.seat.emit(7)
    await a.until(() => events(a).length === 2)
    const b = new Reader(sessions)
    await b.until(() => events(b).length === 3)
    await a.until(() => events(a).length === 3)
    expect(prefix(a.inputs, b.inputs)).toBe(true)
  })

  test.each([
    ['another FPS', { fps: 50 }, 'fps_differs'],
    ['another application', { app: 'other@1' }, 'app_differs'],
    ['an FPS out of range', { fps: 0 }, 'bad_request'],
  ] as const)('%s is refused by name', async (_what, more, code) => {
    const { sessions } = serve()
    const a = new Reader(sessions)
    await a.until(() => a.inputs.length > 1)
    const b = new Reader(sessions, more)
    await b.until(() => b.ended !== undefined)
    expect(b.ended).toBe(code)
    expect(a.ended).toBeUndefined()
  })

  test('a session that the server does not have, and one that is full, are refused by name', async () => {
    const { sessions, told } = serve({ sessions: { only: { members: 1 } } })
    const a = new Reader(sessions, { session: 'only' })
    await a.until(() => a.inputs.length > 1)
    const [b, c] = [new Reader(sessions, { session: 'only' }), new Reader(sessions, { session: 'other' })]
    await b.until(() => b.ended !== undefined)
    await c.until(() => c.ended !== undefined)
    expect([b.ended, c.ended]).toEqual(['session_full', 'unknown_session'])
    expect(told.some((event) => event.kind === 'turned_away' && event.code === 'unknown_session')).toBe(true)
  })

  test('whoever leaves is gone from the timeline of the others, at one tick', async () => {
    const { sessions } = serve({ instances: 3 })
    const [a, b, c] = [new Reader(sessions), new Reader(sessions), new Reader(sessions)]
    await c.until(() => c.inputs.length > 5)
    c.seat.leave()
    await a.until(() => events(a).length === 4)
    await b.until(() => events(b).length === 4)
    expect(events(a)).toEqual(events(b))
    expect(events(a)[3]).toMatch(/:-4:0$/)
    expect(c.ended).toBe('left')
  })

  test('a server that closes tells everybody why', async () => {
    const { sessions } = serve()
    const a = new Reader(sessions)
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
