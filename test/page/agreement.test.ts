import { describe, expect, test } from 'vitest'
import type { Input } from '../../src/core/timeline/event.ts'
import { Agreement } from '../../src/page/agreement.ts'
import { type Rect, react, start } from '../../src/page/rect.ts'

const input = (tick: number, id = 0, more: Partial<Input> = {}): Input => ({
  tick,
  id,
  source: id === 0 ? 0 : 1,
  number: 0,
  seq: 0,
  payload: new Uint8Array(0),
  ...more,
})

/** Runs the rectangle through these inputs, at one side. */
const run = (agreement: Agreement, side: 'A' | 'B', inputs: readonly Input[]): Rect => {
  const rect = start()
  for (const each of inputs) {
    react(rect, each)
    agreement.note(side, each, rect)
  }
  return rect
}

describe('two timelines held against each other', () => {
  test('are equal if every tick holds the same inputs, whoever is ahead', () => {
    const agreement = new Agreement()
    const inputs = [input(0), input(1, 2), input(1), input(2), input(3, 4), input(3)]
    run(agreement, 'A', inputs)
    expect(agreement.compared).toBe(0)
    run(agreement, 'B', inputs.slice(0, 4))
    expect(agreement).toMatchObject({ compared: 3, equal: 3, differing: 0, apart: 0 })
  })

  test.each([
    ['an event comes a tick later', [input(0), input(1), input(2, 2), input(2)]],
    ['an event is missing', [input(0), input(1), input(2)]],
    ['an event is another one', [input(0), input(1, 3), input(1), input(2)]],
    ['an event is of another source', [input(0), input(1, 2, { source: 2 }), input(1), input(2)]],
    ['a payload differs', [input(0), input(1, 2, { payload: Uint8Array.of(1) }), input(1), input(2)]],
  ])('differ if %s, and from which tick on', (_what, inputs) => {
    const agreement = new Agreement()
    run(agreement, 'A', [input(0), input(1, 2), input(1), input(2)])
    run(agreement, 'B', inputs)
    expect(agreement.differing).toBeGreaterThan(0)
    expect(agreement.firstDifference).toBe(1)
  })

  test('tell how far the two rectangles are apart', () => {
    const agreement = new Agreement()
    run(agreement, 'A', [input(0, 2), input(0), input(1)])
    run(agreement, 'B', [input(0), input(1)])
    expect(agreement.apart).toBe(10)
  })
})
