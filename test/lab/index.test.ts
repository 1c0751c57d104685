import { expect, test } from 'vitest'
import * as lab from '../../src/lab/index.ts'

test('the lab exports this and nothing else', () => {
  expect(Object.keys(lab).sort()).toEqual([
    'ALL_KINDS',
    'BOUNDS',
    'Checks',
    'Clock',
    'Coverage',
    'Findings',
    'Path',
    'Schedule',
    'World',
    'breaks',
    'exhaust',
    'experimentNetwork',
    'lossyWan',
    'measuredRtt',
    'parseStory',
    'play',
    'rehearse',
    'search',
    'shrink',
    'storyOf',
    'tell',
    'tryApp',
    'wanNominal',
    'wordsOf',
  ])
})
