import { Child, sleep } from './live/child.ts'
import type { Figure, Live } from './live/figure.ts'
import type { Findings } from './live/instances.ts'

/**
 * 100 instances at 100 FPS for a minute, in four processes: the digests of all timelines, up to one tick, are
 * compared. The first implementation of the paper's idea parted here, in 33 runs of 36.
 */
const INSTANCES = 100
const PROCESSES = 4
const FPS = 100
const SECONDS = 60
const EVENTS_A_SECOND = 4

const live: Live = async ({ scale, say }) => {
  const figures: Figure[] = []
  for (const discipline of ['gals', 'horizon'] as const) {
    say(`identical timelines: ${discipline}`)
    const ticks = Math.round(SECONDS * FPS * scale)
    const server = new Child('server.ts')
    const loads = Array.from({ length: PROCESSES }, () => new Child('instances.ts'))
    const [url] = await server.ask<string[]>('open', { ws: 0, discipline })
    const count = INSTANCES / PROCESSES
    const joining = { url: `${url}/x`, fps: FPS, count, instances: INSTANCES, digestAt: ticks - 1, seed: 1 }
    await Promise.all(loads.map((load) => load.ask('join', joining)))
    const gap_ms = (1_000 * INSTANCES) / EVENTS_A_SECOND
    for (const [i, load] of loads.entries())
      await load.ask('emit', { gap_ms, payload_bytes: 16, seed: i + 1 })
    for (const load of loads) while ((await load.ask<number>('local')) < ticks) await sleep(250)
    const found = await Promise.all(loads.map((load) => load.ask<Findings>('find')))
    for (const child of [...loads, server]) await child.end()
    const digests = found.flatMap((each) => each.digests)
    const counts = new Map<string | undefined, number>()
    for (const digest of digests) counts.set(digest, (counts.get(digest) ?? 0) + 1)
    const alike = counts.has(undefined) ? 0 : Math.max(...counts.values())
    const sum = (of: (findings: Findings) => number): number => found.reduce((all, each) => all + of(each), 0)
    figures.push({
      what: `identical timelines, ${INSTANCES} instances at ${FPS} FPS, ${ticks} ticks, ${discipline}`,
      unit: `of ${INSTANCES}`,
      figure: alike,
      must: 'all of them',
      reached: alike === INSTANCES,
      note: `${sum(({ events }) => events.length)} events; ${sum(({ frozen }) => frozen)} of ${sum((each) => each.ticks)} ticks frozen`,
    })
  }
  return figures
}

export default live
