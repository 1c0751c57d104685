import { expect, test } from 'vitest'
import { closureOf } from '../../src/cli/closures.ts'

let count = 3
const seen = new Map([['a', 1]])
const noted = (): number => {
  const hidden = 'what it calls sees'
  const inner = (): string => `${hidden} ${count++}`
  return inner().length
}

test('a function is asked which variables it sees, those of what it calls included', () => {
  const mine = [1, 2]
  const handler = (): number => mine.length + seen.size + noted()
  const before = closureOf(handler)
  expect(before.get('mine')).toBe('[1,2]')
  expect(before.get('seen')).toBe('[["a",1]]')
  expect(before.get('count')).toBe('3')
  handler()
  mine.push(3)
  expect(closureOf(handler).get('mine')).toBe('[1,2,3]')
  expect(closureOf(handler).get('count')).toBe('4')
})

test('one that sees nothing has nothing to tell, and nothing is left behind', () => {
  const before = Object.keys(globalThis)
  expect(closureOf(Math.abs).size).toBe(0)
  expect(Object.keys(globalThis)).toEqual(before)
})
