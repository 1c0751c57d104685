import { expect, test } from 'vitest'
import { joinPayload, leavePayload } from '../../src/core/session/membership.ts'
import { type Input, RESERVED, SEQUENCER, type StampedEvent } from '../../src/core/timeline/event.ts'
import { NEVER, SECOND } from '../../src/core/timeline/tick.ts'
import { Checks, type Invariant } from '../../src/lab/checks.ts'

const AT = 1_000
const bytes = (...values: number[]) => new Uint8Array(values)

const tick = (tick: number): Input => ({ tick, id: 0, source: 0, number: 0, seq: 0, payload: bytes() })
const event = (seq: number, tick: number, source: number, number: number, ...payload: number[]): Input => ({
  tick,
  id: 5,
  source,
  number,
  seq,
  payload: bytes(...payload),
})
const stamped = (seq: number, stamp: number, source: number, number: number): StampedEvent => ({
  seq,
  stamp,
  source,
  number,
  id: 5,
  payload: bytes(),
})

/** Tell the checks a history, then see that it is all right, or that they name just this and in these words. */
const telling = (history: (checks: Checks) => void, invariant?: Invariant, words?: string): Checks => {
  const checks = new Checks()
  history(checks)
  const { violations } = checks.findings
  expect(violations).toEqual(
    invariant ? [{ invariant, at: AT, what: expect.stringContaining(words ?? '') }] : [],
  )
  return checks
}

/** What each of two instances is given. */
const running =
  (one: Input[], two: Input[], finish = false) =>
  (checks: Checks) => {
    checks.timelines.joined(1)
    checks.timelines.joined(2)
    for (const input of one) checks.timelines.input(AT, 1, input)
    for (const input of two) checks.timelines.input(AT, 2, input)
    if (finish) checks.timelines.finish(AT)
  }

const GOOD = [
  tick(0),
  event(1, 1, 1, 1, 9),
  event(2, 1, 2, 1),
  tick(1),
  event(4, 2, 2, 2),
  tick(2),
  event(3, 3, 1, 2),
]

test('equal timelines are all right, also when one is ahead of the other', () => {
  const { coverage } = telling(running(GOOD, GOOD, true)).findings
  expect(coverage).toMatchObject({ events: 4, sharedTicks: 1, ticks: 6 })
  telling(running(GOOD, GOOD.slice(0, 3)))
})

test('P1: an event that only one of them has', () => {
  const without = [tick(0), event(1, 1, 1, 1, 9), tick(1)]
  telling(running(GOOD, without), 'P1', 'instance 2 closed tick 1 without event #2 (2.1) of tick 1')
  telling(
    running(without, GOOD),
    'P1',
    'instance 1 has closed tick 1 without event #2 (2.1), which instance 2 has',
  )
})

test('P1: an event with another tick, another content or in the place of another', () => {
  const first = (input: Input) => running([tick(0), event(1, 1, 1, 1, 9)], [tick(0), input])
  telling(
    first(event(1, 1, 1, 1, 8)),
    'P1',
    'instance 2 ran event #1 (1.1) at tick 1, with another stamp or content',
  )
  telling(first(event(2, 1, 2, 1)), 'P1', 'where event #1 (1.1) of tick 1 is with others')
  const later = running([event(1, 0, 1, 1), tick(0)], [tick(0), event(1, 1, 1, 1)])
  telling(later, 'P1', 'instance 2 closed tick 0 without event #1 (1.1) of tick 0')
})

test('P1: a newcomer is held against the others from where it joined', () => {
  const history = (inputs: Input[]) => (checks: Checks) => {
    checks.timelines.joined(1)
    for (const input of GOOD) checks.timelines.input(AT, 1, input)
    checks.timelines.joined(2, 1)
    for (const input of inputs) checks.timelines.input(AT, 2, input)
  }
  expect(telling(history(GOOD.slice(4))).findings.coverage.lateJoins).toBe(1)
  telling(history([tick(2)]), 'P1', 'instance 2 closed tick 2 without event #4 (2.2) of tick 2')
})

test('P2: events of a source out of order, twice, or with one left out', () => {
  const both = (inputs: Input[]) => running(inputs, inputs, true)
  telling(
    both([event(1, 0, 1, 2), event(2, 0, 1, 1)]),
    'P2',
    'event #2 (1.1) comes after number 2, which is out of',
  )
  telling(both([event(1, 0, 1, 1), event(2, 0, 1, 1)]), 'P2', 'which is there already')
  telling(both([event(1, 0, 1, 1), event(2, 0, 1, 3)]), 'P2', 'event 1.2 is missing before 1.3')
})

test('P2: a number that was refused is not missing, whenever the refusal is heard', () => {
  for (const before of [true, false])
    telling((checks) => {
      checks.timelines.joined(1)
      if (before) checks.timelines.refused(AT, 1, 1)
      checks.timelines.input(AT, 1, event(1, 0, 1, 2))
      if (!before) checks.timelines.refused(AT, 1, 1)
      checks.timelines.finish(AT)
    })
})

test('P3: a tick run, or about to be, beyond the promise', () => {
  telling((checks) => checks.promises.runs(AT, 3, 17, 18, 18))
  telling(
    (checks) => checks.promises.runs(AT, 3, 18, 18, 17),
    'P3',
    'instance 3 has run tick 18 on a promise of 17',
  )
  telling((checks) => checks.promises.runs(AT, 3, 17, 18, 17), 'P3', 'instance 3 may run up to tick 18')
})

test('P4: a stamp not above a promise or the floor, or below the last one of its source', () => {
  const one = (promise: number, floor: number) => (checks: Checks) =>
    checks.promises.stamped(AT, stamped(1, 20, 1, 1), promise, floor)
  expect(telling(one(19, 19)).findings.coverage.stampsAboveFloor).toBe(1)
  telling(one(20, 3), 'P4', 'event #1 (1.1) at tick 20 was stamped not above the promise of tick 20')
  telling(one(19, 20), 'P4', 'not above the floor of 20')
  const two = (source: number) => (checks: Checks) => {
    checks.promises.stamped(AT, stamped(1, 20, 1, 1), 19, -1)
    checks.promises.stamped(AT, stamped(2, 18, source, 2), 15, -1)
  }
  expect(telling(two(2)).findings.coverage.stampsBelowEarlier).toBe(1)
  telling(
    two(1),
    'P4',
    'event #2 (1.2) at tick 18 was stamped below tick 20, the last of its source or member',
  )
})

test('P4: a stamp of a member counts for its own events too, and the end is the last', () => {
  const about = (seq: number, stamp: number, id: number, payload: Uint8Array): StampedEvent => ({
    seq,
    stamp,
    source: SEQUENCER,
    number: seq,
    id,
    payload,
  })
  const join = about(1, 20, RESERVED.join, joinPayload({ member: 3, slot: 0, data: bytes() }))
  const leave = about(2, 18, RESERVED.leave, leavePayload({ member: 3, why: undefined }))
  const telling2 = (first: StampedEvent, second: StampedEvent, words: string) =>
    telling(
      (checks) => {
        checks.promises.stamped(AT, first, 9, -1)
        checks.promises.stamped(AT, second, 9, -1)
      },
      'P4',
      words,
    )
  telling2(join, stamped(2, 19, 3, 1), 'below tick 20')
  telling2(stamped(1, 19, 3, 1), leave, 'below tick 19')
  telling2(about(1, 20, RESERVED.end, bytes()), stamped(2, 21, 3, 1), 'after the end')
  telling2(stamped(1, 19, 3, 1), about(2, 18, RESERVED.end, bytes()), 'an end below a stamp of 19')
})

test('P4: a stamp for a tick that somebody has run', () => {
  const history = (local: number) => (checks: Checks) =>
    checks.promises.stands(AT, stamped(1, 20, 1, 1), 2, local)
  telling(history(19))
  telling(
    history(20),
    'P4',
    'event #1 (1.1) at tick 20 was stamped which instance 2 has run: it is at tick 20',
  )
})

test('P5: a tick again, a tick left out, an event for a closed tick or before its turn', () => {
  const one = (...inputs: Input[]) => running(inputs, [])
  telling(one(tick(0), tick(0)), 'P5', 'instance 1 closed tick 0 after tick 0')
  telling(one(tick(0), tick(2)), 'P5', 'instance 1 closed tick 2 after tick 0')
  telling(one(tick(0), event(1, 0, 1, 1)), 'P5', 'instance 1 ran event #1 (1.1) at the closed tick 0')
  telling(one(tick(0), event(1, 2, 1, 1)), 'P5', 'instance 1 ran event #1 (1.1) of tick 2 after tick 0')
  telling(one(event(2, 0, 2, 1), event(1, 0, 1, 1)), 'P5', 'instance 1 ran event #1 (1.1) after event #2')
})

test('P6: an event that neither landed nor was refused, or that did both', () => {
  const history =
    (more: (checks: Checks) => void = () => {}) =>
    (checks: Checks) => {
      running([event(1, 0, 1, 1), tick(0)], [event(1, 0, 1, 1), tick(0)])(checks)
      checks.timelines.emitted(1, 2)
      more(checks)
      checks.timelines.finish(AT)
    }
  telling(history(), 'P6', 'event 1.2 was emitted, and has neither a tick nor a refusal')
  telling(history((checks) => checks.timelines.refused(AT, 1, 2)))
  const twice = (checks: Checks) => {
    checks.timelines.refused(AT, 1, 1)
    checks.timelines.refused(AT, 1, 2)
  }
  telling(history(twice), 'P6', 'event 1.1 is in the timeline and was refused all the same')
  const gone = telling(history((checks) => checks.timelines.gone(1)))
  expect(gone.findings.coverage.pendingAtDeparture).toBe(1)
})

test('P6: an event that has not reached somebody by the end', () => {
  telling(running(GOOD, GOOD.slice(0, 6), true), 'P6', 'event #3 (1.2) of tick 3 has not reached instance 2')
})

test('P7: a whole instance that stands for longer than it may', () => {
  const history = (since: number) => (checks: Checks) => {
    for (let at = AT - 3 * SECOND; at <= AT; at += SECOND)
      checks.health.stood(at, 4, 7, true, since, 2.5 * SECOND)
  }
  // However often it is looked at, it is said once.
  telling(
    history(AT - 3 * SECOND),
    'P7',
    'instance 4 stands at tick 7 for 3.00 s and nothing is wrong with it',
  )
  expect(telling(history(AT - SECOND)).findings.coverage.longestFreeze).toBe(SECOND)
  telling(history(NEVER))
})

test('P8: more held than may be', () => {
  const history = (id: number, size: number) => (checks: Checks) =>
    checks.health.holds(AT, id, { pending: { size, limit: 8 }, armed: { size: 0, limit: 2 } })
  expect(telling(history(2, 8)).findings.coverage.full).toBe(1)
  telling(history(2, 9), 'P8', 'instance 2 holds 9 of at most 8 pending')
  telling(history(0, 9), 'P8', 'the sequencer holds 9 of at most 8 pending')
})

test('P9: an instance that corrects its pace comes nearer than it was at the last look', () => {
  // It goes by what it believed then, which may have been wrong by the larger of both bounds.
  const goes = (distance: number, bound: number) => (checks: Checks) => {
    checks.health.approaches(AT, 2, -90_000, 1)
    checks.health.corrects(AT, 2, -40_000, 5_000)
    checks.health.approaches(AT, 2, distance, bound)
  }
  telling(goes(-45_000, 5_000))
  telling(goes(47_000, 7_000))
  telling(goes(-45_001, 5_000), 'P9', 'instance 2 corrects its pace and goes from -40000 to -45001 us of')
  // Between two looks nothing is remembered: small steps away do not add up to a large one.
  telling((checks) => {
    goes(-45_000, 5_000)(checks)
    checks.health.approaches(AT, 2, -49_000, 5_000)
  }, 'P9')
  // A look is held against the one before, and the next against it.
  telling(
    (checks) => {
      goes(-30_000, 5_000)(checks)
      checks.health.corrects(AT, 2, -30_000, 5_000)
      checks.health.corrects(AT, 2, -36_000, 5_000)
      checks.health.approaches(AT, 2, -40_000, 5_000)
    },
    'P9',
    'from -30000 to -36000 us',
  )
  telling((checks) => {
    goes(-40_000, 5_000)(checks)
    checks.health.settled(2)
    checks.health.corrects(AT, 2, -80_000, 5_000)
  })
})

test('P9: an instance that is elsewhere than it believes', () => {
  const history = (distance: number) => (checks: Checks) => checks.health.isAt(AT, 2, 30, distance, 5_000)
  telling(history(-5_000))
  telling(history(-5_001), 'P9', 'instance 2 is 5001 us behind the reference at tick 30, of at most 5000')
  telling(history(9_000), 'P9', 'instance 2 is 9000 us ahead of the reference')
})

test('P7: what is granted just in time lies no farther ahead', () => {
  telling(({ rounds }) => rounds.granted(AT, 2, 1_100_000, 1_100_000))
  telling(
    ({ rounds }) => rounds.granted(AT, 2, 8_960_000, 1_100_000),
    'P7',
    'instance 2 is granted a tick just in time 8960 ms ahead',
  )
})

test('of one invariant the first violations are kept and all are counted', () => {
  const checks = new Checks()
  for (let i = 0; i < 1_000; i++) checks.promises.runs(AT, 1, 2, 2, 1)
  expect(checks.findings.violations).toHaveLength(20)
  expect(checks.findings.countOf('P3')).toBe(1_000)
  expect(checks.findings.clean).toBe(false)
})

const NEAR = 1_000

test('P7: who owes an answer to a round that is over gets no long lease until it has answered', () => {
  const owing = ({ rounds }: Checks): void => {
    rounds.proposed(AT, 2, 7, 0, NEAR)
    rounds.over(2, 7)
  }
  telling(
    (checks) => {
      owing(checks)
      checks.rounds.leased(AT, 2)
    },
    'P7',
    'instance 2 gets a long lease and owes an answer to round 7',
  )
  telling((checks) => {
    owing(checks)
    checks.rounds.answered(2, 7)
    checks.rounds.leased(AT, 2)
  })
  // Rule 2: an answer to a round that it was not asked in pays nothing, and stands for none that it is asked in later.
  telling(
    (checks) => {
      owing(checks)
      checks.rounds.answered(2, 9)
      checks.rounds.leased(AT, 2)
    },
    'P7',
    'owes an answer to round 7',
  )
  telling((checks) => {
    owing(checks)
    checks.rounds.answered(2, 71)
    checks.rounds.proposed(AT, 2, 8, 0, NEAR)
    checks.rounds.over(2, 8)
    checks.rounds.answered(2, 8)
    checks.rounds.leased(AT, 2)
  })
  // Of several it is the last that counts.
  telling(
    (checks) => {
      owing(checks)
      checks.rounds.proposed(AT, 2, 8, 0, NEAR)
      checks.rounds.over(2, 8)
      checks.rounds.answered(2, 7)
      checks.rounds.leased(AT, 2)
    },
    'P7',
    'owes an answer to round 8',
  )
  // A round that was proposed before it came is none of its own.
  telling(({ rounds }) => {
    rounds.proposed(AT, 2, 8, 0, NEAR)
    rounds.over(2, 7)
    rounds.leased(AT, 2)
  })
})

test('P7: a round is over when it said that it would be', () => {
  const waits = (late: number) => (checks: Checks) => checks.rounds.waited(AT, 7, late, 20_000)
  expect(telling(waits(-1)).findings.coverage.roundsRunOut).toBe(0)
  expect(telling(waits(20_000)).findings.coverage.roundsRunOut).toBe(1)
  telling(waits(63_000), 'P7', 'round 7 waits for 63 ms longer than it said')
})

test("P7: nobody's word puts a round beyond all that anybody may run", () => {
  telling(({ rounds }) => rounds.proposed(AT, 1, 1, NEAR, NEAR))
  telling(({ rounds }) => rounds.proposed(AT, 1, 1, NEAR + 5, NEAR), 'P7', 'round 1 asks for 5 us beyond')
})

test('P7: a whole instance stands at the deadline of a round for no longer than a way can take', () => {
  const stands = (stood: number) => (checks: Checks) => checks.health.frozenForRound(AT, 3, stood, 40_000)
  telling(stands(40_000))
  telling(stands(250_000), 'P7', 'instance 3 stands at a deadline for 250 ms, of at most 40')
  expect(telling(stands(1)).findings.coverage.frozenForRounds).toBe(1)
})
