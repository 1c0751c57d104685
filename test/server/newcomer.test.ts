import { afterEach, describe, expect, test } from 'vitest'
import { decode, encode } from '../../src/core/session/messages.ts'
import { Sequencer } from '../../src/core/session/sequencer.ts'
import { Alarms } from '../../src/driver/alarms.ts'
import { BACKLOG_MAX, PACED_BYTES } from '../../src/server/options.ts'
import { HostedSession } from '../../src/server/session.ts'
import { TRANSPORT_LIMITS } from '../../src/transport/limits.ts'
import type { Connection } from '../../src/transport/transport.ts'

/** A connection whose other end reads when it is told to. */
class Slow implements Connection {
  readonly kind = 'memory'
  readonly remote = 'slow'
  readonly got: Uint8Array[] = []
  buffered = 0
  bufferedMost = 0
  ending: string | undefined

  attach(): void {}

  send(message: Uint8Array): boolean {
    if (this.ending !== undefined) return false
    this.got.push(message)
    this.buffered += message.length
    this.bufferedMost = Math.max(this.bufferedMost, this.buffered)
    if (this.buffered > TRANSPORT_LIMITS.buffered_bytes_max) this.ending = 'overflow'
    return this.ending === undefined
  }

  reads(bytes: number): void {
    this.buffered = Math.max(0, this.buffered - bytes)
  }

  close(): void {
    this.ending ??= 'closed'
  }

  destroy(): void {
    this.ending ??= 'destroyed'
  }
}

const EVENTS = 100_000
/** Their clocks stand still and their timers do not: one that is left would ring as long as this process lives. */
const open: HostedSession[] = []
afterEach(() => {
  for (const session of open.splice(0)) session.end('closing')
})

const HELLO = encode.hello(25, 'a', '', 0, new Uint8Array(0))

/** A session of one, with as many events as a newcomer may be sent, and a clock that is set by hand. */
const long = () => {
  const clock = { now: 1 }
  const alarms = new Alarms(() => clock.now)
  const sequencer = new Sequencer({ epoch: 7, discipline: 'horizon' })
  const session = new HostedSession('long', sequencer, alarms, () => {})
  open.push(session)
  const first = new Slow()
  const guest = session.take(first, HELLO)
  clock.now = 1_500_000
  session.wake(clock.now)
  const payload = new Uint8Array(16)
  // The join is one of them.
  for (let number = 1; number < EVENTS; number++) {
    guest.message(encode.emit(number, 0, -1, 1, payload))
    first.reads(Number.POSITIVE_INFINITY)
  }
  session.wake(sequencer.nextWake())
  return { clock, session, sequencer, first }
}

const eventsIn = (messages: readonly Uint8Array[]): number =>
  messages.reduce((sum, bytes) => {
    const message = decode(bytes)
    return sum + (typeof message === 'object' && message.kind === 'sync' ? message.events.length : 0)
  }, 0)

const seqsIn = (messages: readonly Uint8Array[]): number[] =>
  messages.flatMap((bytes) => {
    const message = decode(bytes)
    return typeof message === 'object' && message.kind === 'sync' ? message.events.map(({ seq }) => seq) : []
  })

describe('a newcomer to a session with 100,000 events', () => {
  test('gets them as fast as it reads, in order, and its connection never holds much', () => {
    const { clock, session, sequencer, first } = long()
    expect(sequencer.sizes().log?.size).toBeGreaterThanOrEqual(EVENTS - 100)
    const newcomer = new Slow()
    const before = first.got.length
    session.take(newcomer, HELLO)
    // What others are sent in the same turn does not wait for it.
    const forNewcomer = newcomer.got.length
    session.wake(sequencer.nextWake())
    expect(first.got.length).toBeGreaterThan(before)
    expect(newcomer.got.length).toBe(forNewcomer)

    const outlet = [
      ...(session as unknown as { outlets: Map<number, { wake(at: number): void }> }).outlets,
    ][1]
    let turns = 0
    while (eventsIn(newcomer.got.slice(-1)) > 0 || turns === 0) {
      newcomer.reads(100_000)
      outlet?.[1].wake(clock.now)
      turns++
    }
    expect(turns).toBeGreaterThan(10)
    expect(newcomer.bufferedMost).toBeLessThan(PACED_BYTES + 66_000)
    expect(eventsIn(newcomer.got)).toBeGreaterThanOrEqual(EVENTS - 100)
    const seqs = seqsIn(newcomer.got)
    expect(seqs).toEqual(seqs.map((_, i) => i + 1))
  })

  test('that reads nothing is cut off, before it costs more than a log', () => {
    const { session, first } = long()
    const newcomer = new Slow()
    const guest = session.take(newcomer, HELLO)
    const { outlets } = session as unknown as { outlets: Map<number, { bytes: number }> }
    const outlet = [...outlets.values()][1]
    let emitted = 0
    const payload = new Uint8Array(60_000)
    while (newcomer.ending === undefined && emitted < 1_000) {
      guest.message(encode.emit(++emitted, 0, -1, 1, payload))
      first.reads(Number.POSITIVE_INFINITY)
      expect(outlet?.bytes).toBeLessThanOrEqual(BACKLOG_MAX)
    }
    expect(newcomer.ending).toBe('destroyed')
    expect(first.ending).toBeUndefined()
  })

  test('is told why a server ends, however much waits for it, and gets no more than it reads', () => {
    const { session, first } = long()
    const newcomer = new Slow()
    session.take(newcomer, HELLO)
    const { outlets } = session as unknown as { outlets: Map<number, { bytes: number }> }
    const outlet = [...outlets.values()][1]
    const guest = [...outlets.keys()][0] as number
    const payload = new Uint8Array(60_000)
    const emit = (number: number) =>
      session.sequencer.receive(1_500_000, guest, encode.emit(number, 0, -1, 1, payload))
    for (
      let number = EVENTS;
      (outlet?.bytes ?? 0) < 2 * TRANSPORT_LIMITS.buffered_bytes_max - 500_000;
      number++
    ) {
      emit(number)
      session.wake(session.sequencer.nextWake())
      first.reads(Number.POSITIVE_INFINITY)
    }
    expect(newcomer.ending).toBeUndefined()
    session.end('closing')
    expect(newcomer.ending).toBe('closed')
    expect(decode(newcomer.got.at(-1) as Uint8Array)).toMatchObject({ kind: 'refuse', code: 'closing' })
    expect(newcomer.bufferedMost).toBeLessThan(PACED_BYTES + 66_000)
    // What it has got is the beginning of what there was.
    const seqs = seqsIn(newcomer.got)
    expect(seqs.length).toBeGreaterThan(0)
    expect(seqs).toEqual(seqs.map((_, i) => i + 1))
  })
})
