import type { Cell, CellResult } from './cell.ts'
import { gradeOf, type Measure, printed } from './grade.ts'
import { publishedFor } from './published.ts'
import { finderOf, NET_TITLES, selectionOf } from './select.ts'
import { measureOf } from './summary.ts'

/** How words are set off; the plain ones leave them as they are. */
export interface Paint {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly yellow: (text: string) => string
  readonly red: (text: string) => string
}

const asItIs = (text: string): string => text
export const PLAIN: Paint = { bold: asItIs, dim: asItIs, yellow: asItIs, red: asItIs }

export interface TableOptions {
  /** Characters in a line. */
  readonly width: number
  readonly paint: Paint
  /** What the results are called beside the published figures: `ours`. */
  readonly called: string
}

/** Painted lines of one width: a title, two lines of heads, then the rows. */
interface Block {
  readonly width: number
  readonly lines: readonly string[]
}

/** The cells of one row, in the order of the columns; undefined: there is no result. */
interface Row {
  readonly fps: number
  readonly instances: number
  readonly results: readonly (CellResult | undefined)[]
}

const TITLES: { readonly [M in Measure]: string } = {
  latency: 'Latency, ticks',
  drift: 'Drift, %',
  freeze: 'Freeze, %',
}
/** Widths of a rate's two columns. */
const OURS = 8
const PAPER = 6
const NONE = '–'
/** The timelines of the cell differ. */
const DIFFERS = '≠'

/** Results beside the published figures: for each network a row for each FPS and size, columns for each rate. */
export const tableOf = (results: readonly CellResult[], options: TableOptions): string => {
  const { paint, width } = options
  const selection = selectionOf(results.map(({ cell }) => cell))
  const find = finderOf(results)
  const tables = selection.nets.map((net) => {
    const rows = selection.fps.flatMap((fps) =>
      selection.instances
        .map((instances) => ({
          fps,
          instances,
          results: selection.seconds.map((seconds) => find({ net, fps, instances, seconds })),
        }))
        .filter((row) => row.results.some((result) => result !== undefined)),
    )
    const labels = labelsOf(NET_TITLES[net], rows, paint)
    const pairs = (measure: Measure) =>
      selection.seconds.map((seconds, i) => pairOf(measure, `every ${seconds} s`, rows, i, options))
    const measures = [
      titled(TITLES.latency, [...pairs('latency'), ...sidesOf(rows, paint)], paint),
      titled(TITLES.drift, pairs('drift'), paint),
      titled(TITLES.freeze, pairs('freeze'), paint),
    ]
    const lines = arranged(labels, measures, width).flatMap((block, i) => [
      ...(i > 0 ? [''] : []),
      ...block.lines.map((line) => line.trimEnd()),
    ])
    return lines.join('\n')
  })
  return tables.join('\n\n')
}

const labelsOf = (title: string, rows: readonly Row[], paint: Paint): Block => ({
  width: 9,
  lines: [
    paint.bold(title.padEnd(9)),
    ' '.repeat(9),
    paint.dim('FPS    N '),
    ...rows.map(({ fps, instances }, i) => {
      const shown = rows[i - 1]?.fps === fps ? '' : String(fps)
      return `${shown.padStart(3)}${String(instances).padStart(5)} `
    }),
  ],
})

/** A rate's two columns: ours, and what is published. */
const pairOf = (
  measure: Measure,
  head: string,
  rows: readonly Row[],
  column: number,
  { paint, called }: TableOptions,
): Block => ({
  width: OURS + PAPER,
  lines: [
    ' '.repeat(OURS + PAPER),
    paint.dim(head.padStart(OURS + PAPER)),
    paint.dim(called.padStart(OURS) + 'paper'.padStart(PAPER)),
    ...rows.map(({ results }) => {
      const result = results[column]
      if (!result) return paint.dim(NONE.padStart(OURS)) + ' '.repeat(PAPER)
      const value = measureOf(result, measure)
      const published = publishedFor(result.cell)?.[measure]
      const mark = measure === 'latency' && !result.identical ? DIFFERS : ''
      const ours = graded(result.cell, measure, value, (mark + short(value)).padStart(OURS), paint, asItIs)
      if (published === undefined) return ours + paint.dim(NONE.padStart(PAPER))
      return (
        ours + graded(result.cell, measure, published, short(published).padStart(PAPER), paint, paint.dim)
      )
    }),
  ],
})

const graded = (
  cell: Cell,
  measure: Measure,
  value: number,
  text: string,
  paint: Paint,
  good: (text: string) => string,
): string => ({ good, moderate: paint.yellow, poor: paint.red })[gradeOf(cell.net, measure, value)](text)

/** What hardly depends on the rate: the limit of the latency and the session's round trip, one of each for a row. */
const sidesOf = (rows: readonly Row[], paint: Paint): Block[] => [
  sideOf('limit', 8, rows, (result) => result.limit_ticks, paint),
  sideOf('RTT ms', 8, rows, (result) => result.rtt_ms, paint),
]

const sideOf = (
  head: string,
  width: number,
  rows: readonly Row[],
  of: (result: CellResult) => number,
  paint: Paint,
): Block => ({
  width,
  lines: [
    ...['', ''].map((line) => line.padStart(width)),
    paint.dim(head.padStart(width)),
    ...rows.map(({ results }) => {
      const there = results.filter((result) => result !== undefined)
      const events = there.reduce((sum, result) => sum + result.events, 0)
      const sum = there.reduce((sum, result) => sum + of(result) * result.events, 0)
      return (events > 0 ? short(sum / events) : NONE).padStart(width)
    }),
  ],
})

/** Blocks side by side under one title. */
const titled = (title: string, blocks: readonly Block[], paint: Paint): Block => {
  const { width, lines } = beside(blocks)
  return { width, lines: [paint.bold(title.padEnd(width)), ...lines.slice(1)] }
}

const beside = (blocks: readonly Block[]): Block => ({
  width: blocks.reduce((sum, block) => sum + block.width, 0),
  lines: (blocks[0]?.lines ?? []).map((_, i) => blocks.map((block) => block.lines[i] ?? '').join('')),
})

/** As many measures beside each other as the width takes; latency stands alone before the two percentages part. */
const arranged = (labels: Block, measures: readonly Block[], width: number): Block[] => {
  const [latency, ...percentages] = measures as [Block, ...Block[]]
  const ways = [[measures], [[latency], percentages], measures.map((measure) => [measure])]
  const built = ways.map((groups) => groups.map((group) => beside([labels, ...spaced(group)])))
  return built.find((blocks) => blocks.every((block) => block.width <= width)) ?? (built[2] as Block[])
}

const GUTTER = 3
const spaced = (blocks: readonly Block[]): Block[] =>
  blocks.flatMap((block, i) => {
    const gutter = { width: GUTTER, lines: block.lines.map(() => ' '.repeat(GUTTER)) }
    return i > 0 ? [gutter, block] : [block]
  })

/** Five characters at most, as long as that says anything. */
const short = (value: number): string => (value >= 1_000 ? value.toFixed(0) : printed(value))
