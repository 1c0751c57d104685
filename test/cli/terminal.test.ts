import { expect, test } from 'vitest'
import { barOf, durationOf, lineOf, rateOf, widthOf } from '../../src/cli/terminal.ts'
import { PLAIN } from '../../src/lab/gals/table.ts'
import { say } from './stage.ts'

const HALFWAY = { runsDone: 353, runs: 864, share: 0.5, virtual_s: 105_900 }
const FEW = 'lab gals --network lan --fps 10 --instances 5,10 --every 1 --runs 40 --jobs 1'

test.each([
  [400, '0 s'],
  [59_400, '59 s'],
  [59_600, '1 min 00 s'],
  [252_000, '4 min 12 s'],
  [3_599_900, '1 h 00 min'],
  [259_200_000, '72 h 00 min'],
])('%s ms are %s', (ms, words) => {
  expect(durationOf(ms)).toBe(words)
})

test.each([
  [1, 2_000, '0.5 × real time'],
  [99, 1_000, '99 × real time'],
  [12_345, 1_000, '12,000 × real time'],
])('%s virtual seconds in %s ms are %s', (virtual_s, ms, words) => {
  expect(rateOf(virtual_s, ms)).toBe(words)
})

test('the bar says how far it is, how fast it goes and what is left', () => {
  expect(barOf(HALFWAY, 85_000, 120, PLAIN)).toBe(
    `${'━'.repeat(20)}${'─'.repeat(20)}   50 %  353 of 864 runs  1,200 × real time  1 min 25 s left`,
  )
})

test.each([20, 40, 60, 80, 100])('the bar keeps to %s columns', (width) => {
  expect(barOf(HALFWAY, 85_000, width, PLAIN).length).toBeLessThan(width)
})

test('before the first run is done nothing is known of the rate', () => {
  expect(lineOf({ runsDone: 0, runs: 864, share: 0, virtual_s: 0 }, 5_000)).toBe(
    '0 %, 0 of 864 runs, 5 s so far',
  )
})

test('the width is the terminal’s, or else what COLUMNS says, or else that of a log', () => {
  const write = () => {}
  expect(widthOf({ write, columns: 90 }, { COLUMNS: '70' })).toBe(90)
  expect(widthOf({ write }, { COLUMNS: '70' })).toBe(70)
  expect(widthOf({ write }, {})).toBe(120)
})

test('a terminal sees one line that is drawn over and in the end is gone', async () => {
  const { err } = await say(FEW, { columns: 80, env: { NO_COLOR: '1' } })
  const drawn = err.split('\r\x1b[2K')
  expect(drawn.length).toBeGreaterThan(10)
  expect(drawn.at(-1)).toBe('')
  expect(drawn.join('')).not.toContain('\n')
})

test('a log gets a line now and then, and nothing fancy', async () => {
  const { err } = await say(FEW)
  expect(err.split('\n').slice(0, 2)).toEqual([
    '50 %, 30 of 80 runs, 300 × real time, 30 s left',
    '83 %, 60 of 80 runs, 300 × real time, 12 s left',
  ])
  expect(err).not.toContain('\x1b')
})
