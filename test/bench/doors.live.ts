import { plainDoors } from '../doors/c/doors.ts'
import { type BridgeCost, bridgeCost, processorOf } from '../doors/cost.ts'
import type { Door } from '../doors/door.ts'
import { DOORS } from '../doors/doors.ts'
import type { Figure, Live } from './live/figure.ts'
import { quantile } from './measure.ts'

/**
 * What it costs to take part by another door than Node's: how much later a tick comes over a bridge than to an
 * instance that runs beside it, and processor time for each tick, of the bridge and of programs in every language.
 */
const FPS = 60
const LATER_MS_MAX = 1
/** A fifth of a core. */
const PROCESSOR_US_MAX = 200_000 / FPS
const PROGRAMS = 10

const median = (costs: readonly BridgeCost[], of: (cost: BridgeCost) => number): number =>
  quantile(costs.map(of), 0.5)

const processorFigure = (what: string, figure: number, nodeUs: number): Figure => ({
  what: `${what}: processor time of a tick at ${FPS} FPS`,
  unit: 'µs',
  figure,
  floor: nodeUs,
  floorIs: 'an instance in Node',
  ratio: figure / nodeUs,
  must: `at most ${Math.round(PROCESSOR_US_MAX)} µs, a fifth of a core`,
  reached: figure <= PROCESSOR_US_MAX,
})

const live: Live = async ({ pairs, scale, say }) => {
  const ticks = Math.round(10 * FPS * scale)
  const costs: BridgeCost[] = []
  for (let i = 0; i < pairs; i++) {
    say(`doors: a bridge, ${i + 1} of ${pairs}`)
    costs.push(await bridgeCost(1, ticks, FPS))
  }
  say(`doors: a bridge with ${PROGRAMS} programs`)
  const many = await bridgeCost(PROGRAMS, ticks, FPS)

  const processor = new Map<string, number>()
  const shipped = (door: Door): Door => plainDoors.find(({ name }) => name === door.name) ?? door
  for (const door of DOORS.map(shipped)) {
    if (door.missing() !== undefined) continue
    say(`doors: ${door.name}`)
    const used = await processorOf(door, ticks, FPS)
    if (!Number.isNaN(used)) processor.set(door.name, used)
    await door.close?.()
  }
  const nodeUs = processor.get('Node') ?? Number.NaN
  const laterMs = median(costs, ({ laterMs: { p50 } }) => p50)
  return [
    {
      what: 'ticks over a bridge: how much later than to an instance beside it, median',
      unit: 'ms',
      figure: laterMs,
      floor: median(costs, ({ floorMs: { p50 } }) => p50),
      floorIs: 'a second instance without a bridge',
      must: `at most ${LATER_MS_MAX} ms`,
      reached: laterMs <= LATER_MS_MAX,
      pairs: costs.map((cost) => [cost.laterMs.p50, cost.floorMs.p50] as const),
      note: `from a program to the bridge and back ${median(costs, ({ hopMs }) => hopMs.p50).toFixed(2)} ms; the ninety-ninth of a hundred ticks ${median(costs, ({ laterMs: { p99 } }) => p99).toFixed(1)} ms later, without a bridge ${median(costs, ({ floorMs }) => floorMs.p99).toFixed(1)} ms`,
    },
    processorFigure(
      'a bridge with one program',
      median(costs, ({ processorUs }) => processorUs),
      nodeUs,
    ),
    processorFigure(`a bridge with ${PROGRAMS} programs, each`, many.processorUs, nodeUs),
    ...[...processor]
      .filter(([name]) => name !== 'Node')
      .map(([name, used]) => processorFigure(name, used, nodeUs)),
  ]
}

export default live
