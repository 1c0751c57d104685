import type { NetName } from '../networks.ts'

/** What the figure shows of a cell, in its order. */
export const MEASURES = ['latency', 'drift', 'freeze'] as const
export type Measure = (typeof MEASURES)[number]

export type Grade = 'good' | 'moderate' | 'poor'

/** Above the first a square is yellow, above the second red. */
export type Thresholds = readonly [moderate: number, poor: number]

const LOCAL: { readonly [M in Measure]: Thresholds } = {
  latency: [2.5, 5],
  drift: [0.5, 1],
  freeze: [0.5, 1],
}
const WAN: { readonly [M in Measure]: Thresholds } = { latency: [5, 10], drift: [1, 3], freeze: [1, 3] }

/** The paper's thresholds; loopback and LAN share theirs. */
export const thresholdsOf = (net: NetName, measure: Measure): Thresholds =>
  (net === 'wan' ? WAN : LOCAL)[measure]

/** A measure as it is printed, which is what its grade goes by, so that equal figures have equal colours. */
export const printed = (value: number): string => value.toFixed(1)

export const gradeOf = (net: NetName, measure: Measure, value: number): Grade => {
  const [moderate, poor] = thresholdsOf(net, measure)
  const shown = Number(printed(value))
  if (shown > poor) return 'poor'
  return shown > moderate ? 'moderate' : 'good'
}
