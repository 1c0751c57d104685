import { expect, test } from 'vitest'
import * as lab from '../../src/lab/index.ts'

test('the lab exports this and nothing else', () => {
  expect(Object.keys(lab).sort()).toEqual([
    'BOUNDS',
    'Checks',
    'Clock',
    'Coverage',
    'Findings',
    'Path',
    'Schedule',
    'World',
    'exhaust',
    'experimentNetwork',
    'lossyWan',
    'measuredRtt',
    'tryApp',
    'wanNominal',
    'wordsOf',
  ])
})
