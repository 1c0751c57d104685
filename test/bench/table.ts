import type { Figure } from './live/figure.ts'
import type { Measured } from './measure.ts'

const number = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)

/** Cases in turns: nanoseconds a call, and by how many times the first one. */
export const caseTable = (title: string, measured: readonly Measured[]): string => {
  const rows = [
    [title, 'ns', 'p10', 'p90', 'per second', 'to first'],
    ...measured.map(({ name, ns, ns_p10, ns_p90, to_first }) => [
      name,
      ...[ns, ns_p10, ns_p90, 1e9 / ns].map(number),
      to_first.toFixed(2),
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  '),
    )
    .join('\n')
}

const LABEL = 10

/** A figure, its floor, and whether it is what it must be. */
export const figureLines = (figure: Figure): string => {
  const { what, unit, figure: value, floor, floorIs, ratio, must, reached, pairs, note } = figure
  const line = (label: string, text: string): string => `  ${label.padEnd(LABEL)}${text}`
  const lines = [what, line('figure', `${number(value)} ${unit}`)]
  if (floor !== undefined) lines.push(line('floor', `${number(floor)} ${unit}: ${floorIs ?? ''}`))
  if (ratio !== undefined) lines.push(line('ratio', ratio.toFixed(2)))
  lines.push(line('must be', `${must}: ${reached ? 'reached' : 'FALLS SHORT'}`))
  if (pairs !== undefined)
    lines.push(line('pairs', pairs.map(([a, b]) => `${number(a)} / ${number(b)}`).join(', ')))
  if (note !== undefined) lines.push(line('note', note))
  return lines.join('\n')
}
