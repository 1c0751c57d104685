import type { Random } from '../core/random.ts'
import { MILLISECOND, type Micros } from '../core/timeline/tick.ts'
import type { Way } from './path.ts'

export const NETS = ['loopback', 'lan', 'wan'] as const
export type NetName = (typeof NETS)[number]

/**
 * The networks of the experiment. The session's round trip (the largest over all instances in a round, mean
 * over rounds) is what the raw logs of the paper's own runs show for each network and size; how the
 * instances spread below it is a model: base round trips evenly spaced from 0.3 B to B, split evenly between
 * the two ways, and on each way an exponential jitter of mean 0.04 B. B follows from the measured figure.
 */
export interface ExperimentNetwork {
  /** The largest base round trip. */
  readonly b: Micros
  /** The session's round trip that it was solved for. */
  readonly rtt: Micros
  /** Of each instance, and the same in both directions. */
  readonly ways: readonly Way[]
}

const SIZES = [2, 5, 10, 25, 50, 100] as const

/** The measured session round trips in milliseconds, for the sizes above. */
const MEASURED_MS: { readonly [N in NetName]: readonly number[] } = {
  loopback: [1.8, 2.3, 3.4, 5.1, 7.1, 12],
  lan: [7.8, 7.3, 7.5, 8.8, 13, 20],
  wan: [31, 35, 40, 104, 128, 360],
}

/** Shares of B. */
const LEAST_BASE = 0.3
const JITTER_EACH_WAY = 0.04

/** Between two measured sizes on the straight line; outside them as at the nearest. */
export const measuredRtt = (net: NetName, instances: number): Micros => {
  const measured = MEASURED_MS[net]
  const last = SIZES.length - 1
  if (instances <= SIZES[0]) return (measured[0] as number) * MILLISECOND
  if (instances >= (SIZES[last] as number)) return (measured[last] as number) * MILLISECOND
  let i = 1
  while ((SIZES[i] as number) < instances) i++
  const [low, high] = [SIZES[i - 1] as number, SIZES[i] as number]
  const [from, to] = [measured[i - 1] as number, measured[i] as number]
  return Math.round((from + ((to - from) * (instances - low)) / (high - low)) * MILLISECOND)
}

export const experimentNetwork = (net: NetName, instances: number): ExperimentNetwork => {
  const rtt = measuredRtt(net, instances)
  const b = Math.round(rtt / largestRoundTrip(instances))
  const ways = baseShares(instances).map((share) => ({
    base: Math.round((share * b) / 2),
    jitter: Math.round(JITTER_EACH_WAY * b),
  }))
  return { b, rtt, ways }
}

/** The paper's own words for its wide area network: base round trips uniform in 0 to 50 ms. */
export const wanNominal = (instances: number, random: Random): Way[] =>
  Array.from({ length: instances }, () => ({
    base: Math.round(random.between(0, 50 * MILLISECOND) / 2),
    jitter: 2 * MILLISECOND,
  }))

/** The measured wide area network over datagrams that get lost in bursts. */
export const lossyWan = (instances: number): Way[] =>
  experimentNetwork('wan', instances).ways.map((way) => ({ ...way, loss: 0.02, burst: { mean: 3 } }))

/** Base round trips as shares of B; a single instance has the largest. */
const baseShares = (instances: number): number[] =>
  Array.from({ length: instances }, (_, i) =>
    instances === 1 ? 1 : LEAST_BASE + ((1 - LEAST_BASE) * i) / (instances - 1),
  )

/**
 * The mean of the largest round trip at B = 1: the integral of the chance that some instance takes longer.
 * A round trip is its base and two jitters, so its excess over the base has a gamma distribution of shape 2.
 */
const largestRoundTrip = (instances: number): number => {
  const shares = baseShares(instances)
  const step = 1 / 1024
  const end = 1 + 30 * JITTER_EACH_WAY
  let sum = 0
  for (let x = step / 2; x < end; x += step) {
    let allWithin = 1
    for (const base of shares) {
      const y = (x - base) / JITTER_EACH_WAY
      allWithin *= y <= 0 ? 0 : 1 - (1 + y) * expOfMinus(y)
      if (allWithin === 0) break
    }
    sum += (1 - allWithin) * step
  }
  return sum
}

/** e to the -y with the same bits on every machine: a short series for a small part, then squared up. */
const expOfMinus = (y: number): number => {
  const z = -y / 1024
  let power = 1 + z * (1 + (z / 2) * (1 + (z / 3) * (1 + (z / 4) * (1 + z / 5))))
  for (let i = 0; i < 10; i++) power *= power
  return power
}
