import type { Random } from '../../core/random.ts'

/** What a story draws from which stream of its seed. Those below are the world's own. */
export const STREAM = {
  kinds: 1_000,
  session: 1_001,
  limits: 1_002,
  times: 1_003,
  liars: 1_004,
  member: 1_100,
  steady: 1_200,
  shapes: 1_300,
  damages: 1_400,
  channel: 1_500,
  restarts: 1_600,
  churn: 1_700,
  predicts: 1_800,
  deed: 2_000,
}

/** A whole number, both ends included. */
export const whole = (random: Random, [low, high]: readonly [number, number]): number =>
  low + random.below(high - low + 1)

/** Between two numbers above 0, each order of magnitude as likely as the others. */
export const spread = (random: Random, low: number, high: number): number => {
  let at = low
  let factor = high / low
  // The logarithm is halved again and again: roots are exact everywhere, powers are not.
  for (let i = 0; i < 12; i++) {
    factor = Math.sqrt(factor)
    if (random.chance(0.5)) at *= factor
  }
  return Math.round(at)
}
