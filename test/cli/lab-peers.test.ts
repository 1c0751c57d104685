import { expect, test } from 'vitest'
import { say } from './stage.ts'

test('shows the table, what it comes to, and how long it took', async () => {
  const { code, out } = await say('lab peers --latency 50 --rate 25,50 --runs 1')
  expect(code).toBe(0)
  expect(out).toContain('6 cells, of each 1 run of 5 virtual minutes, seed 1')
  expect(out).toContain('Delay 2 × 5 links: ticks travelled back, %')
  expect(out).toContain('Back    within 1.2 × the limit and 0.2 points in all 6 cells')
  expect(out).toMatch(/of virtual time took .* real time\.\n$/)
})

test('gives one document, and nothing else', async () => {
  const { code, out } = await say('lab peers --latency 50 --rate 25 --json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ experiment: 'peers', runs: 3, cells_asked: 3 })
})

test.each([
  ['--adaptive --delay 2', '--adaptive finds the delay by itself: leave --delay out, or --adaptive.'],
  ['--demo --churn', '--demo runs the published cells: leave --adaptive and --churn out.'],
  ['--latency 7 --svg x.svg', 'none of them is chosen'],
  ['--latency fast', "'fast' is not a number from 0.1 to 2000"],
])('%s is not understood, and it is said why', async (words, why) => {
  const { code, err } = await say(`lab peers ${words}`)
  expect(code).toBe(2)
  expect(err).toContain(why)
})

test('explains itself, with examples', async () => {
  const { code, out } = await say('lab peers --help')
  expect(code).toBe(0)
  expect(out).toContain('npx sametick lab peers --demo')
})
