import { describe, expect, test } from 'vitest'
import { PUBLISHED } from '../../../src/lab/gals/published.ts'
import {
  cellsOf,
  FIGURE_8,
  keyOf,
  nameOf,
  parseNets,
  parseNumber,
  parseNumbers,
  RANGES,
  selectionOf,
  WHOLE,
} from '../../../src/lab/gals/select.ts'

test('the whole experiment has the 288 cells of the paper, its figure the 108 that are published', () => {
  expect(new Set(cellsOf(WHOLE).map(keyOf)).size).toBe(288)
  expect(cellsOf(FIGURE_8).map(keyOf).sort()).toEqual(PUBLISHED.map(keyOf).sort())
})

test('a part of the cells is described by the values that occur in it', () => {
  const part = { nets: ['lan', 'wan'], fps: [25], instances: [5, 100], seconds: [1, 0.25] } as const
  expect(selectionOf(cellsOf(part))).toEqual(part)
})

test('a cell has a name that a person can read', () => {
  expect(nameOf({ net: 'wan', fps: 25, instances: 10, seconds: 0.5 })).toBe(
    'WAN, 25 FPS, 10 instances, every 0.5 s',
  )
  expect(nameOf({ net: 'loopback', fps: 60, instances: 1, seconds: 5 })).toBe(
    'Loopback, 60 FPS, 1 instance, every 5 s',
  )
})

describe('a list', () => {
  test('comes back in the order of the experiment, each value once', () => {
    expect(parseNets('wan, LAN,wan')).toEqual({ value: ['lan', 'wan'] })
    expect(parseNumbers('50, 10,50', RANGES.fps)).toEqual({ value: [10, 50] })
    expect(cellsOf({ ...FIGURE_8, seconds: [1, 0.25] }).length).toBe(72)
  })

  test.each([
    ['', "'' is no network"],
    ['wan,', "'' is no network"],
    ['internet', "'internet' is no network: write one or more of loopback, lan, wan"],
  ])('of networks that says %j is refused with what to write', (text, sentence) => {
    expect((parseNets(text) as { error: string }).error).toContain(sentence)
  })

  test.each([
    '',
    '10,',
    '0',
    '1001',
    '10.5',
    '-10',
    'ten',
    '1e2',
    '0x10',
    'NaN',
    'Infinity',
    '10 25',
    '10;25',
  ])('of FPS that says %j is refused with what to write', (text) => {
    expect((parseNumbers(text, RANGES.fps) as { error: string }).error).toMatch(
      /^'.*' is not a whole number from 1 to 1000\. Several are parted by commas\.$/,
    )
  })
})

test('a number keeps to its range', () => {
  expect(parseNumber('0.25', RANGES.seconds)).toEqual({ value: 0.25 })
  expect(parseNumber('0.001', RANGES.seconds)).toEqual({
    error: "'0.001' is not a number from 0.01 to 3600.",
  })
})
