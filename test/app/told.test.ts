import { describe, expect, test } from 'vitest'
import type { Effect } from '../../src/app/step.ts'
import { Told } from '../../src/app/told.ts'

const bang = (data: unknown): Effect => ({ tick: 0, name: 'bang', data })

describe('an effect is told once', () => {
  test('however often its tick is run', () => {
    const told = new Told()
    expect(told.news(5, [bang(1), bang(2)])).toEqual([bang(1), bang(2)])
    expect(told.news(5, [bang(2), bang(1)])).toEqual([])
    expect(told.news(5, [bang(1), bang(1), bang(2)])).toEqual([bang(1)])
  })

  test('also if what caused it turns out to have been a few ticks later', () => {
    const told = new Told()
    expect(told.news(5, [bang(1)])).toEqual([bang(1)])
    expect(told.news(5, [])).toEqual([])
    expect(told.news(8, [bang(1)])).toEqual([])
    // And on, and back.
    expect(told.news(8, [])).toEqual([])
    expect(told.news(9, [bang(1)])).toEqual([])
    expect(told.news(9, [])).toEqual([])
    expect(told.news(5, [bang(1)])).toEqual([])
  })

  test('and another time if it happens another time', () => {
    const told = new Told()
    expect(told.news(5, [bang(1)])).toHaveLength(1)
    expect(told.news(6, [bang(1)])).toHaveLength(1)
    expect(told.news(6, [])).toEqual([])
    // Far from there it is another one.
    expect(told.news(60, [bang(1)])).toHaveLength(1)
    expect(told.news(7, [bang(2)])).toHaveLength(1)
  })

  test('what is remembered of it is bounded, and what was forgotten is not told again', () => {
    const told = new Told()
    for (let tick = 0; tick < 10_000; tick++) expect(told.news(tick, [bang(tick)])).toHaveLength(1)
    expect(told.news(0, [bang(0)])).toEqual([])
    expect(told.news(0, [bang('new')])).toEqual([])
  })
})
