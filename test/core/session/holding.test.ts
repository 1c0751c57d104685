import { expect, test } from 'vitest'
import { decode, encode } from '../../../src/core/session/messages.ts'
import { type Discipline, Sequencer } from '../../../src/core/session/sequencer.ts'
import { RESERVED } from '../../../src/core/timeline/event.ts'
import { EMPTY } from '../../../src/core/wire/bytes.ts'

/** A sequencer with one instance that has taken part for a while, and what it is sent, by kind. */
const running = (discipline: Discipline) => {
  const sequencer = new Sequencer({ epoch: 7, fps: 10, app: 'a', discipline })
  let now = 1
  const sent = () =>
    sequencer.outgoing().map(({ bytes }) => {
      const message = decode(bytes)
      if (typeof message === 'string') return message
      if (message.kind === 'sync') return `sync ${message.events.map(({ stamp, id }) => `${id}@${stamp}`)}`
      return message.kind === 'grant' ? `grant ${message.tick}` : message.kind
    })
  const hear = (at: number, bytes: Uint8Array) => {
    now = at
    sequencer.receive(now, 1, bytes)
    return sent()
  }
  const wake = () => {
    now = Math.max(now, sequencer.nextWake())
    sequencer.wake(now)
    return sent()
  }
  hear(1, encode.hello(10, 'a', '', 0, EMPTY))
  hear(1_000, encode.pulse(1, 1, 0, -1, 0, 500, 10, 0))
  const until = (at: number) => {
    while (sequencer.nextWake() <= at) {
      // It answers each beat, as instances do.
      if (wake().includes('beat')) hear(now, encode.pulse(now, now - 500, 0, -1, 0, 500, 10, 0))
    }
  }
  let number = 0
  const emit = (at: number, bytes = 10) => hear(at, encode.emit(++number, 0, -1, 5, new Uint8Array(bytes)))
  return { sequencer, hear, wake, until, emit }
}

/** A moment after a grant, well before the next. */
const between = ({ sequencer, until, wake }: ReturnType<typeof running>): number => {
  until(2_000_000)
  for (;;) {
    const at = sequencer.nextWake()
    if (wake().some((each) => typeof each === 'string' && each.startsWith('grant'))) return at + 1_000
  }
}

test('what comes between two grants leaves as one message, just before the second, with the stamps that it would have had', () => {
  const session = running('horizon')
  const at = between(session)
  expect([session.emit(at), session.emit(at + 10), session.emit(at + 20)].flat()).toEqual([])
  expect(session.sequencer.sizes().waiting?.size).toBe(3)
  let messages: string[] = []
  do messages = session.wake() as string[]
  while (!messages.some((each) => each.startsWith('sync')))
  const granted = Number(/grant (\d+)/.exec(messages.join(' '))?.[1])
  expect(messages).toEqual([
    `sync ${[granted, granted, granted].map((tick) => `5@${tick}`)}`,
    `grant ${granted}`,
  ])
})

test('what would be long on its way leaves at once, and all that waits with it', () => {
  const session = running('horizon')
  const at = between(session)
  expect(session.emit(at)).toEqual([])
  const [sync, ...more] = session.emit(at + 10, 60_000)
  expect(sync).toMatch(/^sync 5@(\d+),5@\1$/)
  expect(more).toEqual([])
})

test('so do many', () => {
  const session = running('horizon')
  const at = between(session)
  const sent = Array.from({ length: 64 }, (_, i) => session.emit(at + i, 0))
  expect(sent.slice(0, 63).flat()).toEqual([])
  expect(sent[63]).toHaveLength(1)
})

test('leases do not become longer over the head of what waits', () => {
  const session = running('auto')
  const { sequencer } = session
  const inside = sequencer as unknown as { beats: { at: number }; leases: { nextGrant(): number } }
  const emittedAt = between(session)
  session.emit(emittedAt)
  // Until the beat with which `auto` gives long leases again: five seconds without an event, and no grant before it.
  const isLast = () => inside.beats.at >= emittedAt + 5_000_000 && inside.leases.nextGrant() > inside.beats.at
  while (!isLast()) session.until(sequencer.nextWake())
  const at = inside.beats.at - 10
  const soonest = sequencer.promiseOf(1) + 1
  expect(session.hear(at, encode.ask(RESERVED.pause, EMPTY))).toEqual([])
  const messages = session.wake()
  expect(messages.at(-1)).toBe('beat')
  expect(messages[0]).toBe(`sync ${RESERVED.pause}@${soonest}`)
  expect(sequencer.promiseOf(1)).toBeGreaterThan(soonest + 10)
})

test('where nobody is left, nothing waits', () => {
  const session = running('horizon')
  const at = between(session)
  session.hear(at, encode.bye(session.sequencer.promiseOf(1)))
  expect(session.sequencer.sizes().waiting?.size).toBe(0)
  expect(session.sequencer.sizes().log?.size).toBe(2)
})
