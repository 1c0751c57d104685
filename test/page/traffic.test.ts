import { describe, expect, test } from 'vitest'
import { encode, NO_LEASE } from '../../src/core/session/messages.ts'
import type { StampedEvent } from '../../src/core/timeline/event.ts'
import { Place } from '../../src/page/place.ts'
import { Traffic } from '../../src/page/traffic.ts'

const nothing = new Uint8Array(0)
const event: StampedEvent = { seq: 1, stamp: 9, source: 1, number: 1, id: 3, payload: nothing }

const watched = () => {
  const traffic = new Traffic()
  const [a, b] = [traffic.watch('A', new Place(), () => 1), traffic.watch('B', new Place(), () => 2)]
  const flights = () =>
    traffic.flights.map((f) => `${f.what} ${f.way} ${f.side}${f.came === undefined ? '' : ' came'}`)
  return { traffic, a, b, flights }
}

describe('the messages that are on their way', () => {
  test('an event goes up, waits for its tick, comes down to both, and waits until it happens', () => {
    const { traffic, a, b, flights } = watched()
    const emit = encode.emit(1, 0, -1, 3, nothing)
    a.instance.sent(emit)
    expect(flights()).toEqual(['event up A'])
    a.sequencer.sent(emit)
    expect(flights()).toEqual(['event up A came'])
    const [toA, toB] = [encode.sync(1, 0, NO_LEASE, [event]), encode.sync(1, 0, NO_LEASE, [event])]
    a.sequencer.arrived(toA)
    b.sequencer.arrived(toB)
    expect(flights()).toEqual(['event down A', 'event down B'])
    a.instance.arrived(toA)
    expect(flights()).toEqual(['event down A came', 'event down B'])
    traffic.happened('A', 1, 1)
    expect(flights()).toEqual(['event down B'])
    b.instance.arrived(toB)
    traffic.happened('B', 1, 1)
    expect(flights()).toEqual([])
  })

  test('rounds and grants are gone when they have come; what else is said flies unseen', () => {
    const { a, flights } = watched()
    const [grant, propose] = [encode.grant(5, 0), encode.propose(1, 1, 0, 0)]
    for (const bytes of [grant, propose, encode.welcome(1, 1, 40), nothing]) a.sequencer.arrived(bytes)
    expect(flights()).toEqual(['grant down A', 'round down A'])
    a.instance.arrived(grant)
    a.instance.arrived(propose)
    expect(flights()).toEqual([])
  })
})
