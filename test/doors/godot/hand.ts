import { LIMITS } from '../../../src/core/limits.ts'
import { Instance } from '../../../src/core/session/instance.ts'
import { askedPayload } from '../../../src/core/session/membership.ts'
import { AN_ASK, encode, NO_LEASE } from '../../../src/core/session/messages.ts'
import { RESERVED, SEQUENCER, type StampedEvent } from '../../../src/core/timeline/event.ts'
import { EMPTY } from '../../../src/core/wire/bytes.ts'
import { record, type Transcript } from './recorder.ts'

/**
 * What neither a golden story nor a random world comes to: edges that one message by hand reaches. Each was found by
 * a rule that could be left out of the addon without anybody noticing.
 */

const EPOCH = 7
const FPS = 10
const TICK = 100_000

/** One instance that runs from tick 0 at the moment 1 s, with a lease up to tick 60 or another. */
class Hand {
  now = 1_000_000
  readonly instance: Instance

  constructor(limits = {}, lease = 60) {
    this.instance = new Instance({ fps: FPS, app: 'hand@1', link: 0, limits: { ...LIMITS, ...limits } })
    this.instance.open(this.now)
    this.hear(encode.welcome(1, EPOCH, FPS))
    this.hear(encode.beat(5_000_000, 0, 0, 0, 250_000, lease))
    this.hear(encode.start(5_000_000, 0))
  }

  hear(bytes: Uint8Array): this {
    this.instance.receive(this.now, 0, bytes)
    return this
  }

  /** Go on by so many ticks, and run what is due. */
  go(ticks: number): this {
    this.now += ticks * TICK
    while (this.instance.take(this.now) !== undefined);
    return this
  }

  sync(stamps: readonly number[], id = 5, lease = NO_LEASE, round = 0): this {
    const events: StampedEvent[] = stamps.map((stamp, i) => ({
      seq: 1 + i,
      stamp,
      source: SEQUENCER,
      number: 1 + i,
      id,
      payload: EMPTY,
    }))
    return this.hear(encode.sync(EPOCH, round, lease, events))
  }

  propose(round: number, epoch = EPOCH): this {
    return this.hear(encode.propose(epoch, round, 0, 0))
  }
}

const STORIES: Readonly<Record<string, () => void>> = {
  'a deadline is never a tick that was run': () => new Hand().go(5).propose(1).go(5),
  'a second proposal is answered alike': () =>
    new Hand().go(5).propose(1).go(1).propose(1).sync([], 5, NO_LEASE, 1).go(1),
  'a proposal of another epoch changes nothing': () =>
    new Hand()
      .go(5)
      .propose(1, EPOCH + 1)
      .go(2),
  'a grant is never lowered by a later one': () =>
    new Hand().hear(encode.grant(80, 0)).hear(encode.grant(70, 0)).go(75),
  'the end is the last tick': () => new Hand().go(3).sync([8], RESERVED.end).go(10),
  'more rounds than may be open end it': () => {
    const hand = new Hand().go(2)
    for (let round = 1; round <= LIMITS.rounds_max + 1; round++) hand.propose(round)
    hand.go(2)
  },
  'more events than may wait end it': () => new Hand({ pending_max: 3 }).go(2).sync([9, 9, 9, 9]).go(2),
  'a lease below what was run ends it': () => new Hand().go(5).sync([], 5, 2).go(2),
  'an event for a tick that was run ends it': () => new Hand().go(5).sync([4]).go(2),
  'an event for the next tick is in time': () => new Hand().go(5).sync([6, 6]).go(2),
  'a bit more than a quarter of a second behind it runs at once': () => {
    const hand = new Hand().go(5)
    hand
      .hear(encode.beat(5_500_000, 0, 0, 500_000 + 255_000, 250_000, NO_LEASE))
      .go(1)
      .go(1)
  },
  'a bit less is made good smoothly': () => {
    const hand = new Hand().go(5)
    hand
      .hear(encode.beat(5_500_000, 0, 0, 500_000 + 245_000, 250_000, NO_LEASE))
      .go(1)
      .go(1)
  },
  'a round trip below nothing counts as none': () => {
    const hand = new Hand().go(5)
    hand.hear(encode.beat(5_500_000, hand.now - 1_000, 21_000, 500_000, 250_000, NO_LEASE)).go(2)
    hand.hear(encode.beat(5_700_000, hand.now - 3_000, 1_000, 700_000, 250_000, NO_LEASE)).go(2)
  },
  'one that stands far behind is headed for the others': () => {
    // It stands at the end of its lease, and the reference has gone on.
    new Hand({}, 6).go(15).propose(1).hear(encode.grant(40, 0)).go(5)
  },
  'a clock that was put elsewhere is another clock': () => {
    const hand = new Hand().go(5)
    hand.hear(encode.beat(5_500_000, hand.now - 2_000, 1_000, 500_000, 250_000, NO_LEASE)).go(2)
    hand.hear(encode.beat(15_700_000, hand.now - 40_000, 1_000, 700_000, 250_000, NO_LEASE)).go(2)
    hand.hear(encode.beat(15_900_000, hand.now - 2_000, 1_000, 900_000, 250_000, NO_LEASE)).go(2)
  },
  'of two beats at one moment only the first is a sample': () => {
    const hand = new Hand().go(5)
    hand.hear(encode.beat(5_500_000, hand.now - 20_000, 1_000, 500_000, 250_000, NO_LEASE))
    hand.hear(encode.beat(5_540_000, hand.now - 3_000, 1_000, 540_000, 250_000, NO_LEASE)).go(3)
  },
  'what is asked for counts until it has come': () => {
    const hand = new Hand({ unstamped_max: 2 }).go(2)
    for (let i = 0; i < 3; i++) hand.instance.ask('pause')
    hand.instance.emit(hand.now, 5)
    const payload = askedPayload({ by: 1, data: EMPTY })
    const event = { seq: 1, stamp: 4, source: SEQUENCER, number: 1, id: RESERVED.pause, payload }
    hand.hear(encode.sync(EPOCH, 0, NO_LEASE, [event]))
    hand.instance.emit(hand.now, 5)
    hand.hear(encode.denied(AN_ASK, 'busy'))
    hand.instance.emit(hand.now, 5)
    hand.go(4)
  },
  'what only a sequencer gets ends it': () => new Hand().go(1).hear(encode.bye(3)).go(1),
  'a start where it runs already ends it': () => new Hand().go(1).hear(encode.start(5_100_000, 0)).go(1),
}

export const byHand = (): Transcript[] =>
  Object.entries(STORIES).flatMap(([name, tell]) => record(name, tell))
