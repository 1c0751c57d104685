import { quantile } from '../measure.ts'

/** A figure of the table: what was measured, its floor beside it, and what it must reach. */
export interface Figure {
  readonly what: string
  readonly unit: string
  /** Medians over the pairs. */
  readonly figure: number
  readonly floor?: number
  readonly floorIs?: string
  /** The median of: figure by floor of the same pair. */
  readonly ratio?: number
  readonly must: string
  readonly reached: boolean
  readonly pairs?: readonly (readonly [figure: number, floor: number])[]
  readonly note?: string
}

export interface LiveOptions {
  readonly pairs: number
  /** By how much longer or shorter each part lasts than it should. */
  readonly scale: number
  readonly say: (line: string) => void
}

/** A bench that needs processes, sockets and time. */
export type Live = (options: LiveOptions) => Promise<readonly Figure[]>

export type Pair = readonly [figure: number, floor: number]

/** Runs both in turns, every other pair the other way round, so that neither always follows the other. */
export const inPairs = async (
  pairs: number,
  figure: () => Promise<number>,
  floor: () => Promise<number>,
): Promise<readonly Pair[]> => {
  const measured: Pair[] = []
  for (let i = 0; i < pairs; i++) {
    if (i % 2 === 0) {
      const first = await figure()
      measured.push([first, await floor()])
    } else {
      const first = await floor()
      measured.push([await figure(), first])
    }
  }
  return measured
}

export const medians = (
  pairs: readonly Pair[],
): { readonly figure: number; readonly floor: number; readonly ratio: number } => ({
  figure: quantile(
    pairs.map(([figure]) => figure),
    0.5,
  ),
  floor: quantile(
    pairs.map(([, floor]) => floor),
    0.5,
  ),
  ratio: quantile(
    pairs.map(([figure, floor]) => figure / floor),
    0.5,
  ),
})
