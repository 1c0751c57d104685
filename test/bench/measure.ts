/** One thing to be measured. What it returns is kept, so that the engine may not leave the work out. */
export interface Case {
  readonly name: string
  readonly run: () => unknown
}

export interface Measured {
  readonly name: string
  /** Nanoseconds a call: the median over all rounds, and how far the tenth and the ninetieth of a hundred lie. */
  readonly ns: number
  readonly ns_p10: number
  readonly ns_p90: number
  /** The median over all rounds of: time of this case by the time of the first one in the same round. */
  readonly to_first: number
}

export interface Options {
  readonly rounds: number
  /** How long one round of one case takes at least: a timer read costs as much as a short call. */
  readonly round_ms_min: number
  /** Nanoseconds, of whatever beginning. */
  readonly clock: () => bigint
}

const DEFAULTS: Options = { rounds: 50, round_ms_min: 4, clock: process.hrtime.bigint }

/** The value below which this share of the values lies. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

type Loop = (run: () => unknown, times: number) => unknown

/** A loop of its own for every case: a shared one would learn to call any function, and do it slowly. */
const makeLoop = (): Loop =>
  new Function('run', 'times', 'let kept; for (let i = 0; i < times; i++) kept = run(); return kept') as Loop

const sink: { kept?: unknown } = {}

const timed = (loop: Loop, run: () => unknown, times: number, clock: Options['clock']): number => {
  const start = clock()
  sink.kept = loop(run, times)
  return Number(clock() - start)
}

/**
 * How many calls fill a round; what is run to find out also warms the code up. By the shorter of two times: one that
 * was held up would make rounds of a few calls, in which nothing is measured but the reading of the clock.
 */
const timesOf = (loop: Loop, run: () => unknown, round_ns_min: number, clock: Options['clock']): number => {
  for (let times = 1; ; times *= 2) {
    const ns = Math.min(timed(loop, run, times, clock), timed(loop, run, times, clock))
    if (ns >= round_ns_min) return Math.ceil((times * round_ns_min) / ns)
  }
}

/**
 * Measure several cases in turns. A machine's speed changes from one second to the next; what runs side by side
 * meets the same changes, and the ratio within a round is steadier than either number.
 */
export const interleaved = (cases: readonly Case[], options: Partial<Options> = {}): Measured[] => {
  const { rounds, round_ms_min, clock } = { ...DEFAULTS, ...options }
  const lanes = cases.map(({ name, run }) => {
    const loop = makeLoop()
    return { name, run, loop, times: timesOf(loop, run, round_ms_min * 1e6, clock), ns: [] as number[] }
  })
  for (let round = 0; round < rounds; round++) {
    // Every other round runs backwards, so that no case always follows the same one.
    for (const lane of round % 2 === 0 ? lanes : [...lanes].reverse()) {
      lane.ns.push(timed(lane.loop, lane.run, lane.times, clock) / lane.times)
    }
  }
  const first = lanes[0]?.ns ?? []
  return lanes.map(({ name, ns }) => ({
    name,
    ns: quantile(ns, 0.5),
    ns_p10: quantile(ns, 0.1),
    ns_p90: quantile(ns, 0.9),
    to_first: quantile(
      ns.map((one, round) => one / (first[round] ?? Number.NaN)),
      0.5,
    ),
  }))
}

/** Two functions in turns: the medians of both in nanoseconds, and of b by a. */
export const paired = (
  a: () => unknown,
  b: () => unknown,
  rounds = DEFAULTS.rounds,
  clock = DEFAULTS.clock,
): { readonly a: number; readonly b: number; readonly ratio: number } => {
  const [first, second] = interleaved(
    [
      { name: 'a', run: a },
      { name: 'b', run: b },
    ],
    { rounds, clock },
  )
  return { a: first?.ns ?? Number.NaN, b: second?.ns ?? Number.NaN, ratio: second?.to_first ?? Number.NaN }
}
