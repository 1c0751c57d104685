import { expect, test } from 'vitest'
import { Environment } from '../../../src/lab/try/environment.ts'

test('a machine on which a step begins within a step leaves everything as it was', () => {
  const { keys } = Map.prototype
  const { sin } = Math
  const machine = new Environment({ differs: new Set(), salt: 1, seed: 1, walks: true })
  machine.raise()
  expect(Map.prototype.keys).not.toBe(keys)
  machine.inside('the check of go', () => expect(Map.prototype.keys).not.toBe(keys))
  expect(Map.prototype.keys).not.toBe(keys)
  machine.lower()
  expect(Map.prototype.keys).toBe(keys)
  expect(Math.sin).toBe(sin)
})
