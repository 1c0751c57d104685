import type { Discipline } from '../../src/core/session/options.ts'
import { seedOf } from '../../src/lab/gals/experiment.ts'
import { merge } from '../../src/lab/gals/metrics.ts'
import { runCell } from '../../src/lab/gals/run.ts'
import { experimentNetwork } from '../../src/lab/networks.ts'
import { Child, sleep } from './live/child.ts'
import type { Figure, Live, LiveOptions } from './live/figure.ts'
import type { Findings } from './live/instances.ts'

/**
 * One small experiment of the lab once more, with real sockets, clocks and processes: five instances at 25 FPS
 * over the lab's wide area network, an event a second. The delays are the lab's, drawn by a wrapper around each
 * connection; timers of a busy machine make them longer. So they are measured, and the lab runs the same cell with
 * the delays that messages really had.
 */
const CELL = { net: 'wan', fps: 25, instances: 5, seconds: 1 } as const
const SESSIONS = 8
const EVENTS = 560
const SETTLE_MS = 4_000
const WITHIN = 0.15
const PAPER = { k: 2, margin: 200 }
const LAB_RUNS = 6
const LAB_SECONDS = 300

type Ways = NonNullable<Parameters<typeof runCell>[1]['ways']>

const inTheLab = (discipline: Discipline, rules: Partial<typeof PAPER>, ways?: Ways): number => {
  const runs = Array.from({ length: LAB_RUNS }, (_, run) =>
    runCell(CELL, {
      seconds: LAB_SECONDS,
      seed: seedOf(1, CELL, run),
      discipline,
      checks: false,
      ways,
      ...rules,
    }),
  )
  return merge(runs).latency_ticks
}

/** The instances of all sessions join in an order of their own: by their length, as many ways as one session has. */
const slowestOf = (all: Ways): Ways => {
  const sorted = [...all].sort((a, b) => a.up.base - b.up.base)
  return Array.from({ length: CELL.instances }, (_, i) => {
    const some = sorted.slice(i * SESSIONS, (i + 1) * SESSIONS)
    const mean = (of: (way: Ways[number]) => number): number =>
      Math.round(some.reduce((sum, way) => sum + of(way), 0) / some.length)
    return {
      up: { base: mean(({ up }) => up.base), jitter: mean(({ up }) => up.jitter ?? 0) },
      down: { base: mean(({ down }) => down.base), jitter: mean(({ down }) => down.jitter ?? 0) },
    }
  })
}

const overSockets = async (
  discipline: Discipline,
  rules: Partial<typeof PAPER>,
  scale: number,
): Promise<Findings & { readonly ways: Ways }> => {
  const server = new Child('server.ts')
  const load = new Child('instances.ts')
  const [url] = await server.ask<string[]>('open', { ws: 0, discipline, ...rules })
  const { fps, instances } = CELL
  const ways = experimentNetwork(CELL.net, instances).ways.map(({ base, jitter }) => ({ base, jitter }))
  await Promise.all(
    Array.from({ length: SESSIONS }, (_, i) =>
      load.ask('join', { url: `${url}/${i}`, fps, count: instances, instances, ways, seed: i + 1 }),
    ),
  )
  while (!(await load.ask<boolean>('running'))) await sleep(50)
  await sleep(SETTLE_MS)
  await load.ask('emit', { gap_ms: 1_000 * instances * CELL.seconds, payload_bytes: 16, seed: 1 })
  await sleep(((1_000 * EVENTS * CELL.seconds) / SESSIONS) * scale)
  await load.ask('stop')
  await sleep(SETTLE_MS)
  const found = await load.ask<Findings>('find')
  const all = await load.ask<Ways>('ways')
  await load.end()
  await server.end()
  return { ...found, ways: slowestOf(all) }
}

const said = (ways: Ways): string => {
  const { up, down } = ways.at(-1) as Ways[number]
  const ms = ({ base, jitter = 0 }: Ways[number]['up']): string => ((base + jitter) / 1_000).toFixed(1)
  return `${ms(up)} ms up and ${ms(down)} ms down`
}

const compared = async (discipline: 'gals' | 'horizon', { scale, say }: LiveOptions): Promise<Figure> => {
  say(`the lab again, over sockets: ${discipline}`)
  const rules = discipline === 'gals' ? PAPER : {}
  const { events, unstamped, frozen, ticks, ways } = await overSockets(discipline, rules, scale)
  const [lab, drawn] = [inTheLab(discipline, rules, ways), inTheLab(discipline, rules)]
  const figure = events.reduce((sum, { latency }) => sum + latency, 0) / events.length
  return {
    what: `latency over sockets with the lab's delays, ${CELL.instances} instances at ${CELL.fps} FPS, ${discipline}`,
    unit: 'ticks',
    figure,
    floor: lab,
    floorIs: 'the lab, with the delays that messages really had',
    ratio: figure / lab,
    must: 'within 15 % of the lab',
    reached: Math.abs(figure / lab - 1) <= WITHIN && unstamped === 0,
    note: `${events.length} events in ${SESSIONS} sessions side by side; ${frozen} of ${ticks} ticks frozen; the lab has ${drawn.toFixed(2)} with the delays that were asked for; longest mean ways ${said(ways)}`,
  }
}

const live: Live = async (options) => [await compared('gals', options), await compared('horizon', options)]

export default live
