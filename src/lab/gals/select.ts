import { LIMITS } from '../../core/limits.ts'
import { NETS, type NetName } from '../networks.ts'
import { type Cell, type CellResult, FPS, INSTANCES, SECONDS } from './cell.ts'

/** Which cells to run: all combinations of these. */
export interface Selection {
  readonly nets: readonly NetName[]
  readonly fps: readonly number[]
  readonly instances: readonly number[]
  /** Seconds between two events. */
  readonly seconds: readonly number[]
}

/** The 288 cells that the paper measured. */
export const WHOLE: Selection = { nets: NETS, fps: FPS, instances: INSTANCES, seconds: SECONDS }

/** The 108 of them that its Figure 8 prints. */
export const FIGURE_8: Selection = {
  nets: NETS,
  fps: [10, 25, 50],
  instances: [5, 10, 25, 50],
  seconds: [1, 0.5, 0.25],
}

/** How a network is written where people read it. */
export const NET_TITLES: { readonly [N in NetName]: string } = {
  loopback: 'Loopback',
  lan: 'LAN',
  wan: 'WAN',
}

export const cellsOf = ({ nets, fps: rates, instances: sizes, seconds: gaps }: Selection): Cell[] =>
  nets.flatMap((net) =>
    rates.flatMap((fps) =>
      sizes.flatMap((instances) => gaps.map((seconds) => ({ net, fps, instances, seconds }))),
    ),
  )

/** The values that occur among results, in the order in which they are shown. */
export const selectionOf = (cells: readonly Cell[]): Selection => ({
  nets: NETS.filter((net) => cells.some((cell) => cell.net === net)),
  fps: ascending(cells.map((cell) => cell.fps)),
  instances: ascending(cells.map((cell) => cell.instances)),
  seconds: ascending(cells.map((cell) => cell.seconds)).reverse(),
})

/** One text for each cell, the same for equal ones. */
export const keyOf = ({ net, fps, instances, seconds }: Cell): string =>
  `${net} ${fps} ${instances} ${seconds}`

/** A cell in words. */
export const nameOf = ({ net, fps, instances, seconds }: Cell): string =>
  `${NET_TITLES[net]}, ${fps} FPS, ${instances} ${instances === 1 ? 'instance' : 'instances'}, every ${seconds} s`

/** Finds the result of a cell. */
export const finderOf = (results: readonly CellResult[]): ((cell: Cell) => CellResult | undefined) => {
  const byKey = new Map(results.map((result) => [keyOf(result.cell), result]))
  return (cell) => byKey.get(keyOf(cell))
}

/** A value, or a sentence that says what to write instead. */
export type Parsed<T> = { readonly value: T } | { readonly error: string }

export interface Range {
  readonly min: number
  readonly max: number
  readonly whole: boolean
}

export const RANGES = {
  fps: { min: 1, max: LIMITS.fps_max, whole: true },
  instances: { min: 1, max: LIMITS.members_max, whole: true },
  seconds: { min: 0.01, max: 3_600, whole: false },
} as const satisfies Record<string, Range>

/** `loopback,wan` */
export const parseNets = (text: string): Parsed<NetName[]> => {
  const names = text.split(',').map((name) => name.trim().toLowerCase())
  const unknown = names.find((name) => !NETS.some((net) => net === name))
  if (unknown !== undefined)
    return {
      error: `${quoted(unknown)} is no network: write one or more of ${NETS.join(', ')}, with commas.`,
    }
  return { value: NETS.filter((net) => names.includes(net)) }
}

/** `10` */
export const parseNumber = (text: string, range: Range): Parsed<number> => {
  const value = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : Number.NaN
  const { min, max, whole } = range
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return { value }
  return { error: `${quoted(text)} is not a ${whole ? 'whole ' : ''}number from ${min} to ${max}.` }
}

/** `10,25`, in whatever order; ascending it comes back, each once. */
export const parseNumbers = (text: string, range: Range): Parsed<number[]> => {
  const values: number[] = []
  for (const part of text.split(',')) {
    const parsed = parseNumber(part, range)
    if ('error' in parsed) return { error: `${parsed.error} Several are parted by commas.` }
    values.push(parsed.value)
  }
  return { value: ascending(values) }
}

const quoted = (text: string): string => `'${text.trim()}'`

const ascending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b)
