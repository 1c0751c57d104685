import { expect, test } from 'vitest'
import { inPairs, medians } from './live/figure.ts'
import { Transit } from './live/transit.ts'
import { figureLines } from './table.ts'

test('figure and floor take turns, and neither always goes first', async () => {
  const order: string[] = []
  const value = (name: string, of: number) => () => {
    order.push(name)
    return Promise.resolve(of)
  }
  const pairs = await inPairs(3, value('figure', 3), value('floor', 2))
  expect(pairs).toEqual([
    [3, 2],
    [3, 2],
    [3, 2],
  ])
  expect(order).toEqual(['figure', 'floor', 'floor', 'figure', 'figure', 'floor'])
})

test('the ratio is of each pair, not of the medians: what slows both down changes nothing', () => {
  const { figure, floor, ratio } = medians([
    [10, 10],
    [300, 100],
    [20, 10],
  ])
  expect([figure, floor, ratio]).toEqual([20, 10, 2])
})

test('a figure that falls short is seen at once', () => {
  const figure = { what: 'a thing', unit: 'ms', figure: 7, must: 'at most 5 ms', reached: false }
  expect(figureLines(figure)).toBe(
    ['a thing', '  figure    7.00 ms', '  must be   at most 5 ms: FALLS SHORT'].join('\n'),
  )
  expect(figureLines({ ...figure, reached: true, floor: 2, floorIs: 'nothing', ratio: 3.5 })).toBe(
    [
      'a thing',
      '  figure    7.00 ms',
      '  floor     2.00 ms: nothing',
      '  ratio     3.50',
      '  must be   at most 5 ms: reached',
    ].join('\n'),
  )
})

test('what a way takes is told apart by order', () => {
  const transit = new Transit()
  expect(transit.way).toEqual({ base: 0, jitter: 0 })
  transit.arrives()
  for (let i = 0; i < 3; i++) transit.leaves()
  for (let i = 0; i < 3; i++) transit.arrives()
  const { base, jitter } = transit.way
  expect(base).toBeGreaterThanOrEqual(0)
  expect(jitter).toBeGreaterThanOrEqual(0)
})
