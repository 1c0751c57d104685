import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventSet } from '../../../src/core/peer/eventset.ts'

const payloads = fc.array(fc.uint8Array({ maxLength: 700 }), { minLength: 1, maxLength: 60 })

test('events that are held are as they came, also those whose bytes lie together', () => {
  fc.assert(
    fc.property(payloads, fc.array(fc.nat(20)), (all, stamps) => {
      const set = new EventSet()
      const events = all.map((payload, i) => ({
        seq: 0,
        stamp: stamps[i] ?? 5,
        source: 2 ** 47 + i,
        number: i + 1,
        lead: i,
        id: -i - 1,
        payload,
      }))
      for (const event of events) set.add({ ...event, payload: event.payload.slice() })
      expect(set.size).toBe(events.length)
      for (const event of events) {
        const { seq, stamp, source, number, lead, id, payload } = set.find(event) ?? event
        expect({ seq, stamp, source, number, lead, id, payload }).toEqual(event)
        expect(set.find(event)).toBeDefined()
      }
    }),
    { numRuns: 60 },
  )
})
