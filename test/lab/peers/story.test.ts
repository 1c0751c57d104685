import { describe, expect, test } from 'vitest'
import { searchPeers } from '../../../src/lab/peers/story.ts'

/** Random networks of peers: links break and heal, halves are parted, processes stop, newcomers come. Every other one folds. */
const SEEDS = 80

describe('in random networks under random faults', () => {
  const searched = searchPeers(1, SEEDS)

  test('Q1 to Q7 hold', () => {
    expect(searched.found.map(({ seed, findings }) => ({ seed, violations: findings.violations }))).toEqual(
      [],
    )
    expect(searched.runs).toBe(SEEDS)
  })

  /** What must have happened for the checks to be worth something. */
  test.each(
    Object.entries({
      forwards: 20_000,
      missed: 1_000,
      overtakings: 300,
      rollbacks: 2_000,
      replays: 2_000,
      compared: 200,
      folds: 2_000,
      folded: 10_000,
      tookOver: 20,
      forgotten: 10,
    }),
  )('%s happened often enough', (name, least) => {
    expect(searched.reached[name]).toBeGreaterThanOrEqual(least)
  })
})
