import type { Discipline } from '../../src/core/session/options.ts'
import { MILLISECOND, tickFrom } from '../../src/core/timeline/tick.ts'
import { Child, sleep } from './live/child.ts'
import { type Figure, type Live, type LiveOptions, medians, type Pair } from './live/figure.ts'
import type { Findings, Joining } from './live/instances.ts'

/**
 * How many ticks pass between an emit and its event, over loopback: a server and two processes of instances. The
 * definition is the lab's: the stamp, less the tick that was open at the emit. The floor is measured in the same
 * processes in between: the same instance sends a message to a bare loop, which sends it to all, and the floor is
 * the tick that is due when the last of them has it. Both are parted into five, one after the other.
 */
interface Setting {
  readonly name: string
  readonly fps: number
  readonly instances: number
  /** Events a second in a whole session, and sessions side by side. */
  readonly rate: number
  readonly sessions: number
  readonly events: number
  readonly most: Readonly<Record<'gals' | 'horizon', number>>
  readonly published: string
}

const SETTINGS: readonly Setting[] = [
  {
    name: '25 instances at 25 FPS, an event a second',
    fps: 25,
    instances: 25,
    rate: 1,
    sessions: 4,
    events: 520,
    most: { gals: 1.7, horizon: 1.3 },
    published: '2.3',
  },
  {
    name: '50 instances at 50 FPS, four events a second',
    fps: 50,
    instances: 50,
    rate: 4,
    sessions: 1,
    events: 520,
    most: { gals: 2.2, horizon: 1.7 },
    published: '2.9 to 3.0',
  },
]

interface Run {
  readonly found: readonly Findings[]
  /** Of timers in another process, as many a second as there are ticks, in microseconds. */
  readonly lateness: readonly number[]
}

const PAPER = { k: 2, margin: 200 }
const SETTLE_MS = 3_000

const run = async (
  { fps, instances, sessions, rate, events }: Setting,
  discipline: Discipline,
  scale: number,
): Promise<Run> => {
  const [server, bare, ...loads] = [
    new Child('server.ts'),
    new Child('bare-ws-server.ts'),
    new Child('instances.ts'),
    new Child('instances.ts'),
  ] as const
  const rules = discipline === 'gals' ? PAPER : {}
  const [url] = await server.ask<string[]>('open', { ws: 0, discipline, ...rules })
  const [floor] = await bare.ask<string[]>('open', { kind: 'broadcast', beat_ms: 0 })
  const half = Math.floor(instances / 2)
  const counts = [half, instances - half]
  const joins = Array.from({ length: sessions }, (_, i) =>
    loads.map((load, child) => {
      const where = { url: `${url}/${i}`, bare: `${floor}/${i}` }
      const joining: Joining = { ...where, fps, count: counts[child] as number, instances, seed: i }
      return load.ask('join', joining)
    }),
  )
  await Promise.all(joins.flat())
  await bare.ask('pace', fps)
  for (const load of loads) while (!(await load.ask<boolean>('running'))) await sleep(50)
  await sleep(SETTLE_MS)
  const emission = { gap_ms: (1_000 * instances) / rate, payload_bytes: 16 }
  for (const [i, load] of loads.entries()) await load.ask('emit', { ...emission, seed: i + 1 })
  await sleep(((1_000 * events) / (rate * sessions)) * scale)
  for (const load of loads) await load.ask('stop')
  await sleep(SETTLE_MS)
  const found = await Promise.all(loads.map((load) => load.ask<Findings>('find')))
  const lateness = await bare.ask<number[]>('lateness')
  for (const child of [...loads, server, bare]) await child.end()
  return { found, lateness }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length

/** The floor of each probe: the tick that is due when all have it, less the one that was open. */
const floorsOf = (found: readonly Findings[], fps: number): { at: number; latency: number }[] => {
  const heard = new Map<number, number>()
  for (const { heard: some } of found)
    for (const [id, at] of some) heard.set(id, Math.max(at, heard.get(id) ?? 0))
  return found.flatMap(({ probes }) =>
    probes.flatMap(({ id, at, open, position }) => {
      const last = heard.get(id)
      if (last === undefined) return []
      return [{ at, latency: Math.max(0, tickFrom(position + (last - at), fps) - open) }]
    }),
  )
}

/** One after the other, so many parts of the same length. */
const inParts = (
  all: readonly { readonly at: number; readonly latency: number }[],
  parts: number,
): number[] => {
  const sorted = [...all].sort((a, b) => a.at - b.at)
  const from = (part: number): number => Math.floor((part * sorted.length) / parts)
  return Array.from({ length: parts }, (_, part) =>
    mean(sorted.slice(from(part), from(part + 1)).map(({ latency }) => latency)),
  )
}

const compared = async (
  setting: Setting,
  discipline: 'gals' | 'horizon',
  { pairs, scale, say }: LiveOptions,
): Promise<readonly Figure[]> => {
  const { fps, name, sessions, published } = setting
  const rules = discipline === 'gals' ? "gals by the paper's rules" : discipline
  say(`latency: ${name}, ${rules}`)
  const ran = await run(setting, discipline, scale)
  const { found } = ran
  const events = found.flatMap(({ events: some }) => some)
  const floors = inParts(floorsOf(found, fps), pairs)
  const both: Pair[] = inParts(events, pairs).map((figure, i) => [figure, floors[i] as number])
  const { figure, floor } = medians(both)
  const sum = (of: (findings: Findings) => number): number => found.reduce((all, each) => all + of(each), 0)
  const most = setting.most[discipline]
  const lost = sum(({ unstamped }) => unstamped) + sum(({ ended }) => ended.length)
  const frozen = sum(({ frozen: ticks }) => ticks)
  return [
    {
      what: `event latency over loopback, ${name}, ${rules}`,
      unit: 'ticks',
      figure,
      floor,
      floorIs: 'the least that a way up and the ways down take, rounded up to a tick',
      must: `at most ${most}, every event stamped`,
      reached: figure <= most && lost === 0,
      pairs: both,
      note: `${events.length} events in ${sessions} ${sessions === 1 ? 'session' : 'sessions side by side'}, mean ${mean(events.map(({ latency }) => latency)).toFixed(2)}; published ${published}; frozen ${frozen} of ${sum(({ ticks }) => ticks)} ticks; ${lost} events or instances lost`,
    },
    ...(discipline === 'horizon' ? [causedByServer(setting, ran)] : []),
  ]
}

/**
 * A tick is frozen by the server if its grant left when it was due already. Whether the server or its machine was
 * late is told by a bare timer of the same rate in another process: how often it came later than grants lead.
 */
const causedByServer = ({ name, instances, sessions }: Setting, { found, lateness }: Run): Figure => {
  const sum = (of: (findings: Findings) => number): number => found.reduce((all, each) => all + of(each), 0)
  const late = sum(({ lateGrants }) => lateGrants)
  const grants = Math.max(
    1,
    sum((each) => each.grants),
  )
  const lead = sum(({ leadSum }) => leadSum) / grants
  const lateTimers = lateness.filter((each) => each > lead).length
  const figure = (100 * late) / grants
  const floor = (100 * lateTimers) / Math.max(1, lateness.length)
  const each = instances * sessions
  return {
    what: `grants that left after their tick was due, ${name}`,
    unit: '% of grants',
    figure,
    floor,
    floorIs: 'timers of the same rate in a bare process that were later than grants lead',
    must: 'no more than its floor: the server itself causes no frozen tick',
    reached: figure <= floor || late === 0,
    note: `${(late / each).toFixed(1)} of ${(grants / each).toFixed(0)} ticks, the lead being ${(lead / MILLISECOND).toFixed(1)} ms; ${lateTimers} of ${lateness.length} timers; ${sum(({ frozen }) => frozen)} frozen of ${sum(({ ticks }) => ticks)} ticks in all`,
  }
}

const live: Live = async (options) => {
  const figures: Figure[] = []
  for (const setting of SETTINGS)
    for (const discipline of ['gals', 'horizon'] as const)
      figures.push(...(await compared(setting, discipline, options)))
  return figures
}

export default live
