import type { NetName } from '../networks.ts'
import { escaped, rect, text, wrapped } from '../svg.ts'
import type { Cell, CellResult } from './cell.ts'
import { type Experiment, runsInWords } from './experiment.ts'
import { gradeOf, MEASURES, type Measure, printed, thresholdsOf } from './grade.ts'
import { publishedFor } from './published.ts'
import { finderOf, NET_TITLES, type Selection, selectionOf } from './select.ts'
import { measureOf } from './summary.ts'
import { calledBy, rulesInWords } from './worker.ts'

/**
 * Figure 8 in the manner of the paper, as SVG: of every square that has a result, the published figure and the
 * one from the lab below it. It brings its own light panel, so that it reads on a dark page as well.
 */
export const figureOf = (results: readonly CellResult[], experiment: Experiment): string => {
  const called = calledBy(experiment.rules)
  const caption = captionOf(experiment)
  const shown = results.filter(({ cell }) => publishedFor(cell) !== undefined)
  const grid = gridOf(selectionOf(shown.map(({ cell }) => cell)))
  const { nets } = grid.selection
  const title = `Latency, drift and freezes: the paper and ${called === 'ours' ? 'ours' : 'the lab'}`
  const find = finderOf(shown)
  const regions = nets.map((net, i) => region(net, grid, find, called, HEADS_END + i * REGION))
  const foot = HEADS_END + nets.length * REGION
  const lines = wrapped(caption, grid.width - 2 * MARGIN)
  const height = foot + lines.length * LINE + MARGIN
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${grid.width} ${height}" width="${grid.width}" height="${height}" role="img" aria-labelledby="t d">`,
    `<title id="t">${escaped(title)}</title>`,
    `<desc id="d">${escaped(caption)}</desc>`,
    STYLE,
    `<rect class="panel" x="0.5" y="0.5" width="${grid.width - 1}" height="${height - 1}" rx="8"/>`,
    text(MARGIN, 36, 'title', title),
    text(
      MARGIN,
      57,
      'note',
      `Each square is a setting of Figure 8: above as published, below ${called === 'ours' ? 'ours' : 'in the lab'}.`,
    ),
    legend(shown.some((result) => !result.identical)),
    heads(grid),
    ...regions,
    ...lines.map((line, i) => text(MARGIN, foot + 12 + i * LINE, 'note', line)),
    '</svg>',
    '',
  ].join('\n')
}

const captionOf = (experiment: Experiment): string =>
  [
    COLOURS,
    'Paper: Figure 8 of Symmetric Distributed Applications (Sant’Anna, Santos, Rodriguez, 2021).',
    `${experiment.rules.kind === 'first' ? 'Lab' : 'Ours, in the lab'}: ${rulesInWords(experiment.rules)}; of each square ${runsInWords(experiment).replace('seed ', 'seed\u00a0')};`,
    'on networks with the session round trips that the raw logs of the paper’s experiment show.',
  ].join(' ')

// --- where things are, in pixels

const MARGIN = 20
/** Where the squares begin. */
const LEFT = 112
const SQUARE_WIDTH_MIN = 23
const SQUARE_WIDTH_MAX = 40
/** From this width on a square takes all its digits at full size. */
const ROOMY = 32
const SQUARE_HEIGHT = 18
const SIZE_GAP = 3
const FPS_GAP = 10
const WIDTH_MIN = 720
const LINE = 17
const LEGEND_Y = 81
const HEADS_Y = 116
const HEADS_END = 158
const REGION_HEAD = 31
const PAIR = 2 * SQUARE_HEIGHT + 8
const REGION = REGION_HEAD + MEASURES.length * PAIR + 6

const TITLES: { readonly [M in Measure]: readonly [word: string, unit: string] } = {
  latency: ['Latency', 'ticks'],
  drift: ['Drift', '%'],
  freeze: ['Freeze', '%'],
}

const STYLE = `<style>
  text { font: 11px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; fill: #1f2328; font-variant-numeric: tabular-nums; }
  .panel { fill: #fff; stroke: #d0d7de; }
  .title { font-size: 18px; font-weight: 600; }
  .note { font-size: 11.5px; fill: #57606a; }
  .net { font-size: 13px; font-weight: 600; }
  .trip { font-size: 10px; fill: #57606a; }
  .measure { font-weight: 600; }
  .unit, .tag { font-size: 10px; fill: #57606a; }
  .tag { text-anchor: end; }
  .fps, .size, .rate, .n { text-anchor: middle; }
  .fps { font-weight: 600; }
  .size { fill: #424a53; }
  .rate { font-size: 9px; fill: #57606a; }
  .n { font-size: 9.5px; }
  .long { font-size: 8.6px; }
  .longer { font-size: 7.4px; }
  .zero { fill: #818a94; }
  .good { fill: #fff; stroke: #dfe3e8; }
  .moderate { fill: #fbe8a6; stroke: #e6cd70; }
  .poor { fill: #f3aa9e; stroke: #dc7c6c; }
  .line { stroke: #d0d7de; }
  .differs { fill: #1f2328; }
</style>`

/** A column of squares. */
interface Column {
  readonly x: number
  readonly fps: number
  readonly instances: number
  readonly seconds: number
}

interface Grid {
  readonly selection: Selection
  readonly columns: readonly Column[]
  readonly squareWidth: number
  readonly width: number
}

const gridOf = (selection: Selection): Grid => {
  const { fps: rates, instances: sizes, seconds: gaps } = selection
  const count = rates.length * sizes.length * gaps.length
  const groupGaps = rates.length * (sizes.length - 1) * SIZE_GAP + (rates.length - 1) * FPS_GAP
  const fitting = Math.floor((WIDTH_MIN - LEFT - MARGIN - groupGaps) / count)
  const squareWidth = Math.min(SQUARE_WIDTH_MAX, Math.max(SQUARE_WIDTH_MIN, fitting))
  const columns: Column[] = []
  let x = LEFT
  rates.forEach((fps, i) => {
    if (i > 0) x += FPS_GAP
    sizes.forEach((instances, j) => {
      if (j > 0) x += SIZE_GAP
      for (const seconds of gaps) {
        columns.push({ x, fps, instances, seconds })
        x += squareWidth
      }
    })
  })
  return { selection, columns, squareWidth, width: Math.max(WIDTH_MIN, x + MARGIN) }
}

// --- parts

const LEGEND = [
  ['good', 0],
  ['moderate', 70],
  ['poor', 166],
  ['timelines differ', 236],
] as const

const legend = (anyDiffers: boolean): string =>
  LEGEND.flatMap(([words, x]) => {
    const sample = MARGIN + x
    if (words !== 'timelines differ')
      return [rect(sample + 0.5, LEGEND_Y - 9.5, 17, 11, words), text(sample + 24, LEGEND_Y, 'note', words)]
    if (!anyDiffers) return []
    return [corner(sample + 17, LEGEND_Y - 8), text(sample + 24, LEGEND_Y, 'note', words)]
  }).join('\n')

const above = (i: 0 | 1): string => {
  const of = (net: NetName): string =>
    `${thresholdsOf(net, 'latency')[i]}\u00a0ticks or ${thresholdsOf(net, 'drift')[i]}\u00a0%`
  return `above ${of('lan')} (WAN: ${of('wan')})`
}

/** The thresholds of drift are those of freeze. */
const COLOURS = `Squares are yellow ${above(0)}, red ${above(1)}.`

/** FPS, instances and rates above the squares. */
const heads = ({ columns, squareWidth, selection }: Grid): string => {
  const middle = (of: readonly Column[]): number =>
    ((of[0] as Column).x + (of.at(-1) as Column).x + squareWidth) / 2
  const tags = ['FPS', 'instances', 's per event']
  const parts = tags.map((tag, i) => text(LEFT - 8, HEADS_Y + i * 15, 'tag', tag))
  for (const fps of selection.fps) {
    const group = columns.filter((column) => column.fps === fps)
    parts.push(text(middle(group), HEADS_Y, 'fps', String(fps)))
    for (const instances of selection.instances) {
      const of = group.filter((column) => column.instances === instances)
      parts.push(text(middle(of), HEADS_Y + 15, 'size', String(instances)))
    }
  }
  for (const { x, seconds } of columns)
    parts.push(text(x + squareWidth / 2, HEADS_Y + 30, 'rate', seconds.toFixed(2)))
  return parts.join('\n')
}

type Find = (cell: Cell) => CellResult | undefined

/** One network: for each measure a row of published squares and a row of ours. */
const region = (net: NetName, grid: Grid, find: Find, called: string, y: number): string => {
  const parts = [
    `<path class="line" d="M${MARGIN} ${y + 0.5}H${grid.width - MARGIN}"/>`,
    text(MARGIN, y + 20, 'net', NET_TITLES[net]),
    text(LEFT, y + 20, 'trip', tripsOf(net, grid, find)),
  ]
  MEASURES.forEach((measure, i) => {
    const top = y + REGION_HEAD + i * PAIR
    const [word, unit] = TITLES[measure]
    parts.push(text(MARGIN, top + 13, 'measure', word))
    parts.push(text(MARGIN, top + SQUARE_HEIGHT + 13, 'unit', unit))
    parts.push(text(LEFT - 8, top + 13, 'tag', 'paper'))
    parts.push(text(LEFT - 8, top + SQUARE_HEIGHT + 13, 'tag', called))
    for (const column of grid.columns) {
      const cell: Cell = { net, fps: column.fps, instances: column.instances, seconds: column.seconds }
      const published = publishedFor(cell)
      const result = find(cell)
      const width = grid.squareWidth
      parts.push(square(column.x, top, width, net, measure, published?.[measure], 'paper'))
      const ours = result && measureOf(result, measure)
      parts.push(square(column.x, top + SQUARE_HEIGHT, width, net, measure, ours, 'ours'))
      if (result && !result.identical && measure === 'latency')
        parts.push(corner(column.x + width - 1, top + SQUARE_HEIGHT + 1))
    }
  })
  return parts.join('\n')
}

/** The session's round trips in the lab, over the sizes. */
const tripsOf = (net: NetName, { columns }: Grid, find: Find): string => {
  const trips = columns.flatMap(({ fps, instances, seconds }) => {
    const result = find({ net, fps, instances, seconds })
    return result ? [result.rtt_ms] : []
  })
  const [least, most] = [Math.min(...trips), Math.max(...trips)].map((trip) =>
    trip.toFixed(trip < 10 ? 1 : 0),
  )
  return `session round trip ${least === most ? least : `${least} to ${most}`} ms`
}

const square = (
  x: number,
  y: number,
  width: number,
  net: NetName,
  measure: Measure,
  value: number | undefined,
  whose: string,
): string => {
  if (value === undefined) return ''
  const grade = gradeOf(net, measure, value)
  const shown = printed(value)
  const classes = ['n', whose]
  if (shown.length > 3 && width < ROOMY) classes.push(shown.length > 4 ? 'longer' : 'long')
  if (shown === '0.0') classes.push('zero')
  return (
    rect(x + 0.5, y + 0.5, width - 1, SQUARE_HEIGHT - 1, grade) +
    text(x + width / 2, y + 12.5, classes.join(' '), shown)
  )
}

/** The mark of a square whose timelines differ: a dark corner that ends at a point, its upper right. */
const corner = (x: number, y: number): string => `<path class="differs" d="M${x - 6} ${y}H${x}V${y + 6}Z"/>`
