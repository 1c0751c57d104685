import { Child, sleep } from './live/child.ts'
import type { Figure, Live } from './live/figure.ts'
import type { Played, Playing } from './live/players.ts'
import { quantile } from './measure.ts'

/**
 * Four players at 60 FPS who press keys a few times a second, over a way there and back of 100 ms with 10 ms of
 * jitter: how long it takes from the key to the picture, predicted and in lockstep, how many own events are stamped as
 * they were guessed, and how far and how often others roll one back. Server and players in processes of their own.
 */
const PLAYERS = 4
const MS = 40_000
/** There and back: twice the base and twice the mean of what is added, exponentially. */
const WAY: Playing['way'] = { base: 45_000, jitter: 5_000 }
/** What GGRS allows at most. */
const WINDOW = 8

interface Found {
  readonly played: readonly Played[]
  readonly agreed: boolean
}

const run = async (predict: boolean, scale: number): Promise<Found> => {
  const [server, players] = [new Child('server.ts'), new Child('players.ts')]
  const [url] = await server.ask<string[]>('open', { ws: 0, discipline: 'horizon' })
  const playing: Playing = { url: `${url}/predict`, players: PLAYERS, predict, way: WAY, seed: 7 }
  await players.ask('join', playing)
  while (!(await players.ask<boolean>('ready'))) await sleep(50)
  await players.ask('press', MS * scale)
  await sleep(1_000)
  const found = await players.ask<Found>('find')
  for (const child of [players, server]) await child.end()
  return found
}

const live: Live = async ({ scale, say }) => {
  say('predict: four players who predict')
  const { played, agreed } = await run(true, scale)
  say('predict: the same in lockstep')
  const plain = await run(false, scale)
  const all = <T>(found: Found, of: (one: Played) => readonly T[]): T[] => found.played.flatMap(of)
  const sum = (name: string): number => played.reduce((n, { stats }) => n + (stats[name] ?? 0), 0)
  const seen = all({ played, agreed }, ({ ticks }) => ticks)
  const ms = all({ played, agreed }, (one) => one.ms)
  const slow = all(plain, (one) => one.ms)
  const depths = all({ played, agreed }, (one) => one.depths)
  const figures: Figure[] = []
  const inTime = seen.filter((ticks) => ticks <= 1).length / seen.length
  figures.push({
    what: 'own input: shown at the tick after the one that is due, or at that',
    unit: '% of own events',
    figure: 100 * inTime,
    must: 'at least 99 %',
    reached: inTime >= 0.99,
    note: `${seen.length} events, at most ${Math.max(...seen)} ticks after it`,
  })
  figures.push({
    what: 'own input: from the key to the picture, median',
    unit: 'ms',
    figure: quantile(ms, 0.5),
    floor: quantile(slow, 0.5),
    floorIs: 'the same players in lockstep',
    must: 'at most a tick and a frame, 33 ms',
    reached: quantile(ms, 0.5) <= 33,
    note: `95 of 100 within ${quantile(ms, 0.95).toFixed(0)} ms; in lockstep within ${quantile(slow, 0.95).toFixed(0)}`,
  })
  const right = sum('predicted') / (sum('predicted') + sum('moved'))
  figures.push({
    what: 'own events stamped with the tick at which they were guessed',
    unit: '%',
    figure: 100 * right,
    must: 'at least 99 %, and all states equal',
    reached: right >= 0.99 && agreed,
    note: `${sum('moved')} of ${sum('predicted') + sum('moved')} moved; ${(sum('aheadMicros') / PLAYERS / 1_000).toFixed(0)} ms ahead of the reference, and at the end it would have had to be ${Math.max(...played.map(({ stats }) => stats.neededMicros ?? 0)) / 1_000} at most; states ${agreed ? 'equal' : 'NOT equal'}`,
  })
  const p95 = quantile(depths, 0.95)
  const within = depths.filter((depth) => depth <= WINDOW).length / depths.length
  figures.push({
    what: 'rollback: how far, 95 of 100',
    unit: 'ticks',
    figure: p95,
    must: 'reported, beside the 8 frames that GGRS allows at most',
    reached: true,
    note: `median ${quantile(depths, 0.5)}, farthest ${Math.max(...depths)}; ${(100 * within).toFixed(1)} % within ${WINDOW}; ${depths.length} rollbacks`,
  })
  figures.push({
    what: 'ticks run again',
    unit: '% of ticks',
    figure: (100 * (sum('ticksRun') - sum('tick'))) / sum('tick'),
    must: 'reported',
    reached: true,
    note: `${((100 * depths.length) / sum('tick')).toFixed(0)} rollbacks in 100 ticks`,
  })
  return figures
}

export default live
