import { describe, expect, test } from 'vitest'
import { figureOf } from '../../../src/lab/gals/figure.ts'
import { cellsOf, FIGURE_8 } from '../../../src/lab/gals/select.ts'
import { EXPERIMENT, expectGolden, experimentOf, FIRST, RESULTS, resultOf } from './made-up.ts'

const ALL = cellsOf(FIGURE_8)
const WHOLE = figureOf(
  ALL.map((cell) => resultOf(cell)),
  experimentOf(ALL, { runs: 3, seconds: 300 }),
)

type Square = readonly [x: number, y: number, width: number, height: number]

const count = (text: string, of: RegExp): number => text.match(of)?.length ?? 0

test('a figure of few cells is the one that was looked at', () => {
  expectGolden('figure.svg', figureOf(RESULTS, EXPERIMENT))
})

describe('the figure of all published cells', () => {
  test('has each of them twice for each measure, and three samples of colours', () => {
    expect(count(WHOLE, /<rect class="(good|moderate|poor)"/g)).toBe(108 * 3 * 2 + 3)
    expect(count(WHOLE, /class="n[ "]/g)).toBe(108 * 3 * 2)
  })

  test('has the colours that the paper gives its figures', () => {
    // 22.6 and 56.8 are above 10, 5.9 is above 5: of the first twelve latencies in the WAN.
    const wan = WHOLE.slice(WHOLE.indexOf('>WAN<'))
    const row = wan.split('\n').filter((line) => line.includes('class="n paper'))
    const grades = row.slice(0, 12).map((line) => /class="(good|moderate|poor)"/.exec(line)?.[1]?.[0])
    expect(grades.join('')).toBe('gggggggmpmpm')
  })

  test('overlaps nowhere: all squares are apart and on the panel', () => {
    const [, width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(WHOLE) ?? []).map(Number)
    const squares = [
      ...WHOLE.matchAll(
        /<rect class="(?:good|moderate|poor)" x="(.+?)" y="(.+?)" width="(.+?)" height="(.+?)"/g,
      ),
    ].map(([, ...numbers]) => numbers.map(Number) as unknown as Square)
    const apart = ([x, y, w, h]: Square, [x2, y2, w2, h2]: Square): boolean =>
      x + w <= x2 || x2 + w2 <= x || y + h <= y2 || y2 + h2 <= y
    expect(squares.filter(([x, y, w, h]) => x + w >= width || y + h >= height)).toEqual([])
    expect(squares.filter((a, i) => squares.slice(i + 1).some((b) => !apart(a, b)))).toEqual([])
  })

  test('is no wider than a page', () => {
    expect(Number(/width="(\d+)"/.exec(WHOLE)?.[1])).toBeLessThanOrEqual(1_010)
  })

  test('names where its figures are from, and how ours were made', () => {
    const words = WHOLE.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
    expect(words).toContain(
      'Figure 8 of Symmetric Distributed Applications (Sant’Anna, Santos, Rodriguez, 2021)',
    )
    expect(words).toContain(
      'gals, k = 2, margin 200 µs an instance; of each square 3 runs of 5 virtual minutes, seed 1',
    )
  })
})

test('what the figure says of the first implementation, it says of the lab', () => {
  const figure = figureOf(
    ALL.map((cell) => resultOf(cell)),
    experimentOf(ALL, { rules: FIRST }),
  )
  expect(figure).toContain('the paper and the lab')
  expect(figure).toContain('the rules of the first implementation')
})
