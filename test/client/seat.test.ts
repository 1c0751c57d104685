import { expect, test } from 'vitest'
import { Seat, type Sitter } from '../../src/client/seat.ts'
import { encode, NO_LEASE } from '../../src/core/session/messages.ts'
import { RESERVED, type StampedEvent, TICK } from '../../src/core/timeline/event.ts'
import { MILLISECOND, type Micros, NEVER, SECOND } from '../../src/core/timeline/tick.ts'
import { EMPTY } from '../../src/core/wire/bytes.ts'
import { Alarms } from '../../src/driver/alarms.ts'
import type { Connection, Owner } from '../../src/transport/transport.ts'

const FPS = 100
const EPOCH = 7

/** A seat by a clock that is set by hand, and what was taken there as soon as the sitter was told to. */
const seated = () => {
  let clock: Micros = SECOND
  let owner: Owner | undefined
  const connection: Connection = {
    ...{ kind: 'memory', remote: 'nobody', buffered: 0 },
    attach: (given) => {
      owner = given
    },
    send: () => true,
    close: () => owner?.closed('closed'),
    destroy: () => {},
  }
  const taken: string[] = []
  const sitter: Sitter = {
    happened: () => {},
    due: () => {
      for (let input = seat.take(); input !== undefined; input = seat.take())
        taken.push(`${input.id === TICK ? 'tick' : input.id} ${input.tick}`)
      seat.awaitInput()
    },
    closed: () => {},
  }
  const options = { fps: FPS, app: 'a@1' }
  const seat = new Seat(connection, options, new Alarms(() => clock, NEVER), sitter)
  const hear = (at: Micros, ...messages: Uint8Array[]): void => {
    clock = SECOND + at
    for (const bytes of messages) owner?.message(bytes)
  }
  const beat = (at: Micros): Uint8Array => encode.beat(SECOND + at, 0, 0, at, 250 * MILLISECOND, NO_LEASE)
  hear(0, encode.welcome(1, EPOCH, FPS), encode.start(SECOND, 0))
  seat.awaitInput()
  return { taken, hear, beat, end: () => owner?.closed('lost') }
}

const theEnd: StampedEvent = {
  ...{ seq: 1, stamp: 2, source: 0, number: 1 },
  ...{ id: RESERVED.end, payload: EMPTY },
}

test('what was due before a freeze is told of with the first message after it', () => {
  const { taken, hear, beat, end } = seated()
  hear(MILLISECOND, encode.grant(2, 0))
  taken.length = 0
  // No timer has had its turn meanwhile: the message is the first that is heard of anything.
  hear(500 * MILLISECOND, beat(500 * MILLISECOND))
  expect(taken).toEqual(['tick 1', 'tick 2'])
  end()
})

test('and so is the end of a session, after which nothing would ever end a freeze', () => {
  const { taken, hear, beat, end } = seated()
  hear(MILLISECOND, encode.sync(EPOCH, 0, NO_LEASE, [theEnd]), encode.grant(9, 0))
  taken.length = 0
  hear(500 * MILLISECOND, beat(500 * MILLISECOND))
  expect(taken).toEqual(['tick 1', `${RESERVED.end} 2`, 'tick 2'])
  end()
})
