import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NEVER } from '../../src/core/timeline/tick.ts'
import { Schedule } from '../../src/lab/schedule.ts'

test('an empty schedule has nothing to wait for', () => {
  const schedule = new Schedule()
  expect(schedule.size).toBe(0)
  expect(schedule.nextAt()).toBe(NEVER)
  expect(() => schedule.pop()).toThrow(RangeError)
})

test('what is due first comes first, and of one moment what was put in first', () => {
  const step = fc.oneof(fc.nat({ max: 20 }), fc.constant('pop' as const))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const schedule = new Schedule()
      const model: { at: number; what: number }[] = []
      steps.forEach((at, what) => {
        if (at !== 'pop') {
          schedule.push(at, what)
          const before = model.findIndex((entry) => entry.at > at)
          model.splice(before < 0 ? model.length : before, 0, { at, what })
        } else if (model.length > 0) {
          expect(schedule.nextAt()).toBe(model[0]?.at)
          expect(schedule.pop()).toBe(model.shift()?.what)
        }
        expect(schedule.size).toBe(model.length)
      })
      for (const { what } of model) expect(schedule.pop()).toBe(what)
    }),
  )
})
