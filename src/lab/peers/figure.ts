import { escaped, rect, text, wrapped } from '../svg.ts'
import { backOf, keyOf, LATENCIES, MULTIPLIERS, type PeersResult, RATES } from './cell.ts'
import type { PeersExperiment } from './experiment.ts'
import { allowedOf, type PublishedPeers, publishedOf } from './published.ts'

const MARGIN = 20
const LABELS = 82
const SQUARE_WIDTH = 36
const SQUARE_HEIGHT = 18
const ROW = 2 * SQUARE_HEIGHT + 6
const PANEL_GAP = 22
const PANEL = RATES.length * SQUARE_WIDTH
const WIDTH = MARGIN + LABELS + MULTIPLIERS.length * (PANEL + PANEL_GAP) - PANEL_GAP + MARGIN
const HEADS = 116
const TOP = 144
const LINE = 17

const STYLE = `<style>
  text { font: 11px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; fill: #1f2328; font-variant-numeric: tabular-nums; }
  .panel { fill: #fff; stroke: #d0d7de; }
  .title { font-size: 18px; font-weight: 600; }
  .note { font-size: 11.5px; fill: #57606a; }
  .head { font-weight: 600; text-anchor: middle; }
  .rate { font-size: 9px; fill: #57606a; text-anchor: middle; }
  .row { font-weight: 600; text-anchor: end; }
  .tag { font-size: 10px; fill: #57606a; text-anchor: end; }
  .n { font-size: 9.5px; text-anchor: middle; }
  .zero { fill: #818a94; }
  .good { fill: #fff; stroke: #dfe3e8; }
  .moderate { fill: #fbe8a6; stroke: #e6cd70; }
  .poor { fill: #f3aa9e; stroke: #dc7c6c; }
</style>`

/** White up to what the limit allows, yellow up to three times that, red above. */
const gradeOf = (value: number, published: PublishedPeers): string => {
  const allowed = allowedOf(published)
  if (value <= allowed) return 'good'
  return value <= 3 * allowed ? 'moderate' : 'poor'
}

const shown = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1))

/** The published table and ours below each of its figures, as SVG; it brings its own light panel. */
export const peersFigureOf = (
  results: readonly PeersResult[],
  { runs, seconds, seed }: PeersExperiment,
): string => {
  const find = new Map(results.map((result) => [keyOf(result.cell), result]))
  const caption = `Ticks travelled back, in percent of all ticks, of 21 peers at 50 ticks a second. Squares are white up to 1.2 times the limit plus 0.2 points, yellow up to three times that, red above; the limit is what topology and latencies force with perfect clocks. Paper: Symmetric Peer-to-Peer Applications (Sant’Anna, final version). Ours, in the lab: ${runs} ${runs === 1 ? 'run' : 'runs'} of ${seconds / 60} virtual minutes each, seed\u00a0${seed}.`
  const lines = wrapped(caption, WIDTH - 2 * MARGIN)
  const foot = TOP + LATENCIES.length * ROW + 22
  const height = foot + lines.length * LINE + MARGIN
  const parts = MULTIPLIERS.flatMap((multiplier, i) => {
    const x = MARGIN + LABELS + i * (PANEL + PANEL_GAP)
    return [
      text(x + PANEL / 2, HEADS - 14, 'head', `delay: ${multiplier} × 5 links`),
      ...RATES.map((rate, j) => text(x + (j + 0.5) * SQUARE_WIDTH, HEADS + 6, 'rate', `${rate}`)),
      ...LATENCIES.flatMap((latency_ms, row) =>
        RATES.flatMap((rate, j) => {
          const cell = { multiplier, latency_ms, rate, churn: false }
          const published = publishedOf(cell)
          const result = find.get(keyOf(cell))
          if (published === undefined || result === undefined) return []
          const [left, top] = [x + j * SQUARE_WIDTH, TOP + row * ROW - SQUARE_HEIGHT]
          return [published.back_pct, backOf(result)].map((value, k) =>
            square(left, top + k * SQUARE_HEIGHT, shown(value), gradeOf(value, published)),
          )
        }),
      ),
    ]
  })
  const labels = [
    text(MARGIN + LABELS - 6, HEADS + 6, 'tag', 'events a minute'),
    ...LATENCIES.flatMap((latency_ms, row) => [
      text(MARGIN + 42, TOP + row * ROW + 4, 'row', `${latency_ms} ms`),
      text(MARGIN + LABELS - 6, TOP + row * ROW - 5, 'tag', 'paper'),
      text(MARGIN + LABELS - 6, TOP + row * ROW + SQUARE_HEIGHT - 5, 'tag', 'ours'),
    ]),
  ]
  const title = 'Rollbacks without a server: the paper and ours'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="t d">`,
    `<title id="t">${escaped(title)}</title>`,
    `<desc id="d">${escaped(caption)}</desc>`,
    STYLE,
    `<rect class="panel" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    text(MARGIN, 36, 'title', title),
    text(
      MARGIN,
      57,
      'note',
      'Of each setting, by latency of a link, delay and rate of events: above as published, below ours.',
    ),
    ...labels,
    ...parts,
    ...lines.map((line, i) => text(MARGIN, foot + i * LINE, 'note', line)),
    '</svg>',
    '',
  ].join('\n')
}

const square = (x: number, y: number, value: string, grade: string): string =>
  rect(x + 0.5, y + 0.5, SQUARE_WIDTH - 2, SQUARE_HEIGHT - 1, grade) +
  text(x + SQUARE_WIDTH / 2, y + 12.5, Number(value) === 0 ? 'n zero' : 'n', value)
