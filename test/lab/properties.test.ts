import { describe, expect, test } from 'vitest'
import { storyOf } from '../../src/lab/faults/draw.ts'
import { play } from '../../src/lab/faults/play.ts'
import { search } from '../../src/lab/faults/search.ts'

/** Random worlds under random faults: what holds must hold in all of them. */
const SEEDS = 400

describe(`${SEEDS} random worlds under random faults`, () => {
  const searched = search(1, SEEDS, { all: true })

  test('break no invariant', () => {
    const told = searched.found.map(({ seed, violations, error }) => ({
      seed,
      violations: violations.slice(0, 2),
      error,
    }))
    expect(told).toEqual([])
  })

  test.each(
    Object.entries(searched.reached).filter(([name]) => !['longestFreeze', 'widestShare'].includes(name)),
  )('reach what the checks guard: %s', (_name, worlds) => {
    expect(worlds).toBeGreaterThan(0)
  })
})

test('the same story is played the same, byte for byte', () => {
  for (let seed = 1; seed <= 20; seed++) expect(play(storyOf(seed)).digest).toBe(play(storyOf(seed)).digest)
})
