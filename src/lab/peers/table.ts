import type { Paint } from '../gals/table.ts'
import {
  backOf,
  delayOf,
  keyOf,
  lateOf,
  leastOf,
  type PeersCell,
  type PeersResult,
  recoveryOf,
} from './cell.ts'
import { allowedOf, publishedOf } from './published.ts'
import { ofTheSlowest } from './verdict.ts'

export interface PeersTableOptions {
  /** Characters in a line. */
  readonly width: number
  readonly paint: Paint
}

/** A column within a rate: its head, and what it says of a result. */
interface Column {
  readonly head: string
  readonly width: number
  readonly of: (result: PeersResult, paint: Paint, width: number) => string
}

const NONE = '–'
const LABEL = 8

/** As many digits as mean something, in five characters. */
const short = (value: number): string => {
  if (value >= 100) return value.toFixed(0)
  return value.toFixed(value >= 10 ? 1 : 2)
}

const plain = (head: string, width: number, of: (result: PeersResult) => string | undefined): Column => ({
  head,
  width,
  of: (result, paint, width) => {
    const text = of(result)
    return text === undefined ? paint.dim(NONE.padStart(width)) : text.padStart(width)
  },
})

const FIXED: readonly Column[] = [
  {
    head: 'ours',
    width: 6,
    of: (result, paint, width) => {
      const published = publishedOf(result.cell)
      const text = (result.broken === '' ? short(backOf(result)) : `≠${short(backOf(result))}`).padStart(
        width,
      )
      return published && backOf(result) > allowedOf(published) ? paint.red(text) : text
    },
  },
  {
    head: 'limit',
    width: 6,
    of: ({ cell }, paint, width) => {
      const published = publishedOf(cell)
      return paint.dim((published ? short(published.limit_pct) : NONE).padStart(width))
    },
  },
  {
    head: 'paper',
    width: 6,
    of: ({ cell }, paint, width) => {
      const published = publishedOf(cell)
      return paint.dim((published ? published.back_pct.toFixed(1) : NONE).padStart(width))
    },
  },
]

const ADAPTIVE: readonly Column[] = [
  plain('back', 7, (result) => short(backOf(result))),
  plain('late', 6, (result) => short(lateOf(result))),
  plain('delay', 6, (result) => ofTheSlowest(result).toFixed(2)),
]

const CHURN: readonly Column[] = [
  plain('return', 8, (result) => (result.returns > 0 ? recoveryOf(result).toFixed(2) : undefined)),
  plain('least', 6, (result) => (result.returns > 0 ? leastOf(result).toFixed(2) : undefined)),
  plain('ms', 7, (result) => delayOf(result).toFixed(0)),
]

/** What is told of each group of cells, and in which columns. */
interface Group {
  readonly title: string
  readonly columns: readonly Column[]
  readonly results: readonly PeersResult[]
}

const groupsOf = (results: readonly PeersResult[]): Group[] => {
  const names = new Set(results.map(({ cell }) => `${cell.churn} ${cell.multiplier}`))
  return [...names].map((name) => {
    const of = results.filter(({ cell }) => `${cell.churn} ${cell.multiplier}` === name)
    const { churn, multiplier } = (of[0] as PeersResult).cell
    const delay = multiplier === 0 ? 'as long as it takes' : `${multiplier} × 5 links`
    if (churn)
      return {
        title: `Peers come and go, delay ${delay}: seconds until one is back, what the links force, and the delay`,
        columns: CHURN,
        results: of,
      }
    if (multiplier === 0)
      return {
        title: 'Delay as long as it takes: ticks travelled back, %; late events, %; delay of the slowest way',
        columns: ADAPTIVE,
        results: of,
      }
    return { title: `Delay ${delay}: ticks travelled back, %`, columns: FIXED, results: of }
  })
}

/** Results beside the published figures: a block for each delay, a row for each latency, columns for each rate. */
export const peersTableOf = (results: readonly PeersResult[], options: PeersTableOptions): string =>
  groupsOf(results)
    .map((group) => blockOf(group, options))
    .join('\n\n')

const blockOf = ({ title, columns, results }: Group, { width, paint }: PeersTableOptions): string => {
  const rates = ascending(results.map(({ cell }) => cell.rate))
  const latencies = ascending(results.map(({ cell }) => cell.latency_ms))
  const find = new Map(results.map((result) => [keyOf(result.cell), result]))
  const { cell } = results[0] as PeersResult
  const each = columns.reduce((sum, column) => sum + column.width, 0)
  const fitting = Math.max(1, Math.floor((width - LABEL) / each))
  const lines = [paint.bold(title)]
  for (let from = 0; from < rates.length; from += fitting) {
    const shown = rates.slice(from, from + fitting)
    const heads = columns.map(({ head, width }) => head.padStart(width)).join('')
    if (from > 0) lines.push('')
    lines.push(' '.repeat(LABEL) + shown.map((rate) => `${rate}/min`.padStart(each)).join(''))
    lines.push(paint.dim('a link'.padEnd(LABEL) + shown.map(() => heads).join('')))
    for (const latency_ms of latencies)
      lines.push(
        `${latency_ms} ms`.padEnd(LABEL) +
          shown
            .map(
              (rate) =>
                `${rowOf(find.get(keyOf({ ...cell, latency_ms, rate } as PeersCell)), columns, paint)}`,
            )
            .join(''),
      )
  }
  return lines.map((line) => line.trimEnd()).join('\n')
}

const rowOf = (result: PeersResult | undefined, columns: readonly Column[], paint: Paint): string =>
  columns
    .map((column) =>
      result ? column.of(result, paint, column.width) : paint.dim(NONE.padStart(column.width)),
    )
    .join('')

const ascending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b)
