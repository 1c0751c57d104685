import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PastEvents } from '../../src/app/past-events.ts'
import type { Input } from '../../src/core/timeline/event.ts'

type Plain = Pick<Input, 'tick' | 'id' | 'source'> & { payload: number[] }

const plain = ({ tick, id, source, payload }: Input): Plain => ({ tick, id, source, payload: [...payload] })

test('the events of a past are what they were, whatever is added, cut off and folded', () => {
  let folded = 0
  const events = fc.record({
    later: fc.integer({ min: 0, max: 3 }),
    id: fc.integer({ min: -7, max: 2_147_483_646 }),
    source: fc.integer({ min: 0, max: 2 ** 48 }),
    payload: fc.uint8Array({ maxLength: 40 }),
  })
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          { weight: 20, arbitrary: events },
          { weight: 1, arbitrary: fc.record({ cut: fc.integer({ min: 0, max: 8 }) }) },
          { weight: 1, arbitrary: fc.record({ fold: fc.integer({ min: 0, max: 60 }) }) },
        ),
        { maxLength: 600, size: 'max' },
      ),
      (steps) => {
        const past = new PastEvents()
        let all: Plain[] = []
        let tick = 0
        for (const step of steps) {
          if ('cut' in step) {
            tick = Math.max(0, tick - step.cut)
            past.cut(tick)
            all = all.filter((one) => one.tick < tick)
          } else if ('fold' in step) {
            past.fold(tick - step.fold)
            all = all.filter((one) => one.tick > tick - step.fold)
            folded++
          } else {
            tick += step.later
            const input = { ...step, tick, number: 1, seq: 1 }
            past.add(input)
            all.push(plain(input))
          }
        }
        const found: Plain[] = []
        for (let at = 0; at <= tick; at++) past.each(at, (input) => found.push(plain(input)))
        expect(found).toEqual(all)
        expect(past.size).toBe(all.length)
      },
    ),
    { numRuns: 100 },
  )
  expect(folded).toBeGreaterThan(100)
})

test('a small event takes ten bytes or so, and what is folded gives its memory back', () => {
  const past = new PastEvents()
  const payload = new Uint8Array([163, 117, 112, 33])
  for (let tick = 0; tick < 18_000; tick++) past.add({ tick, id: 1, source: 3, payload, number: 0, seq: 0 })
  expect(past.length / 18_000).toBeLessThan(10)
  past.fold(17_990)
  expect(past.length).toBeLessThan(100)
})
