import type { NetName } from '../networks.ts'
import type { Cell } from './cell.ts'

/** One published square: a cell and its three measures, as they are printed. */
export interface Published extends Cell {
  /** Frames from an emit to its receipt. */
  readonly latency: number
  /** Compensation of clocks, in percent of the time run. */
  readonly drift: number
  /** Repeated frames, in percent of all frames. */
  readonly freeze: number
}

/** The order of the columns: for each FPS the sizes, for each size the rates. */
const COLUMNS = [10, 25, 50].flatMap((fps) =>
  [5, 10, 25, 50].flatMap((instances) => [1, 0.5, 0.25].map((seconds) => ({ fps, instances, seconds }))),
)

/** Figure 8 of "Symmetric Distributed Applications", row by row; a line of columns ends with the FPS. */
const FIGURE_8: { readonly [N in NetName]: Record<'latency' | 'drift' | 'freeze', string> } = {
  loopback: {
    latency: `2.1 2.2 2.4 2.2 2.2 2.5 2.4 2.5 2.5 2.5 2.5 2.6
              2.1 2.1 2.2 2.1 2.2 2.3 2.3 2.2 2.3 2.5 2.4 2.5
              2.2 2.2 2.4 2.3 2.3 2.7 2.5 2.4 2.6 2.9 2.8 3.0`,
    drift: `0.0 0.0 0.1 0.0 0.0 0.2 0.0 0.0 0.1 0.0 0.0 0.2
            0.0 0.1 0.3 0.1 0.2 0.7 0.1 0.1 0.6 0.2 0.2 0.8
            0.1 0.2 0.5 0.1 0.3 1.3 0.2 0.3 0.7 0.2 0.4 1.4`,
    freeze: `0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
             0.0 0.0 0.0 0.1 0.0 0.1 0.1 0.1 0.1 0.1 0.2 0.2
             0.7 1.3 2.2 0.8 1.3 2.1 0.8 1.3 2.2 0.5 0.8 1.4`,
  },
  lan: {
    latency: `2.2 2.3 2.4 2.3 2.4 2.5 2.4 2.4 2.6 2.4 2.5 2.6
              2.2 2.3 2.3 2.3 2.4 2.5 2.6 2.4 2.6 2.7 2.6 2.7
              2.7 2.7 2.9 2.8 2.9 3.1 2.9 3.0 3.5 3.9 3.7 4.0`,
    drift: `0.0 0.0 0.0 0.0 0.0 0.2 0.0 0.1 0.2 0.0 0.1 0.4
            0.0 0.1 0.1 0.1 0.3 0.6 0.2 0.3 1.0 0.3 0.5 1.0
            0.2 0.3 0.7 0.3 0.5 1.4 0.3 0.7 2.2 0.4 0.7 2.2`,
    freeze: `0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
             0.1 0.2 0.2 0.2 0.2 0.2 0.2 0.3 0.2 0.3 0.3 0.2
             1.0 1.8 3.0 1.0 1.8 2.8 0.8 1.4 2.4 0.5 0.7 1.4`,
  },
  wan: {
    latency: `3.6 2.9 3.1 3.0 3.1 3.7 4.9 5.9 56.8 5.5 22.6 7.7
              4.9 4.2 4.5 12.1 4.7 5.7 8.3 12.8 19.5 10.2 12.4 19.4
              7.2 7.1 7.7 7.7 8.7 9.9 24.6 26.8 32.0 18.5 21.7 135.7`,
    drift: `1.0 0.3 0.5 0.3 0.6 2.9 1.3 4.9 42.8 2.5 42.1 13.3
            0.5 0.4 1.2 5.8 1.0 4.2 2.6 8.7 25.2 2.7 9.6 21.2
            0.4 0.8 1.3 0.6 2.0 5.3 4.9 10.8 26.9 3.6 9.8 44.4`,
    freeze: `0.3 0.1 0.1 0.2 0.3 0.4 0.5 1.0 0.6 0.6 1.3 1.3
             0.3 0.3 0.5 1.0 0.5 1.0 0.5 1.7 2.3 0.7 1.6 2.8
             0.4 0.7 1.1 0.4 0.8 1.5 1.6 1.9 2.3 1.0 1.8 2.1`,
  },
}

const numbers = (row: string): number[] => row.trim().split(/\s+/).map(Number)

const squares = (net: NetName): Published[] => {
  const [latency, drift, freeze] = (['latency', 'drift', 'freeze'] as const).map((of) =>
    numbers(FIGURE_8[net][of]),
  ) as [number[], number[], number[]]
  return COLUMNS.map((column, i) => ({
    net,
    ...column,
    latency: latency[i] as number,
    drift: drift[i] as number,
    freeze: freeze[i] as number,
  }))
}

/** The 108 squares that the paper prints, of the 288 that it measured. */
export const PUBLISHED: readonly Published[] = (['loopback', 'lan', 'wan'] as const).flatMap(squares)

/** What the paper prints for a cell, if it prints it. */
export const publishedFor = (cell: Cell): Published | undefined =>
  PUBLISHED.find(
    (p) =>
      p.net === cell.net &&
      p.fps === cell.fps &&
      p.instances === cell.instances &&
      p.seconds === cell.seconds,
  )
