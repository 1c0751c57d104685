import { describe, expect, test } from 'vitest'
import { between, distance, move, start, turn, WORLD } from '../../src/page/rect.ts'

describe('the rectangle', () => {
  test('comes in again where it leaves', () => {
    const rect = start()
    turn(rect, 'left')
    for (let i = 0; i < WORLD.width / 5; i++) move(rect)
    expect(rect).toEqual({ ...start(), vx: -1 })
  })

  test('is measured and drawn the shorter way round', () => {
    const [a, b] = [start(), start()]
    a.x = WORLD.width - 5
    b.x = 5
    expect(distance(a, b)).toBe(10)
    expect(between(a, b, 0.5).x).toBe(0)
  })
})
