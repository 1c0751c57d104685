import { describe, expect, test } from 'vitest'
import { type Paint, PLAIN, tableOf } from '../../../src/lab/gals/table.ts'
import { expectGolden, RESULTS } from './made-up.ts'

const tagged =
  (tag: string) =>
  (text: string): string =>
    `<${tag}>${text}</${tag}>`
const TAGS: Paint = { bold: tagged('b'), dim: tagged('d'), yellow: tagged('y'), red: tagged('r') }

const table = (width: number, paint = PLAIN): string =>
  `${tableOf(RESULTS, { width, paint, called: 'ours' })}\n`

describe('results stand beside the published figures', () => {
  test.each([80, 120, 160])('in %s columns', (width) => {
    const text = table(width)
    expectGolden(`table-${width}.txt`, text)
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(width)
  })

  test('in the colours of the paper', () => {
    expectGolden('table-colours.txt', table(120, TAGS))
  })

  test('and colours move nothing', () => {
    expect(
      table(120, TAGS)
        .replace(/<\/?.>/g, '')
        .replace(/ +$/gm, ''),
    ).toBe(table(120))
  })
})
