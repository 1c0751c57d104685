import { MILLISECOND } from '../../src/core/timeline/tick.ts'
import { type Delay, Stage } from './stage.ts'

/** Two instances, one near and one far, at 40 FPS, as in the paper's listing: a tick is 25 ms. */
const WAYS: Record<string, number> = { A: 10, B: 20 }
const even: Delay = (from, to) => WAYS[from === 'S' ? to : from] ?? 0

const PAPER = { discipline: 'gals', k: 2, margin: 200, fps: 40, instances: 2 } as const

const pair = (more: object = {}, delay: Delay = even): Stage =>
  new Stage({ sequencer: { ...PAPER, ...more }, instance: { fps: 40 }, names: ['A', 'B'], delay })

const positions = (stage: Stage): void => {
  for (const name of ['A', 'B'])
    stage.say(name, `stands at ${(stage.positionOf(name) / MILLISECOND).toFixed(1)}`)
}

/**
 * Figure 7 of the paper with its own numbers: 1000 FPS, the margin of 25 instances, two of them drawn. The
 * clock of 1 runs slow and no heartbeat tells it so: when N stands at 800, it stands at 700. The round trip of
 * N was 45 ms when it was measured, and is 50 ms now; the sync to 1 takes long.
 */
const figure7 = (): string[] => {
  const names = ['1', 'N', ...Array.from({ length: 23 }, (_, i) => `other ${i + 2}`)]
  const drawn = new Set(['1', 'N', 'S'])
  const [START, SLOW_FROM] = [90.3, 100]
  const delay: Delay = (from, to, kind, now) => {
    if ((kind === 'beat' || kind === 'pulse') && now > START) return null
    if (kind === 'sync' && now > START && to === '1') return 136
    if (kind === 'sync' && now > START && to === 'N') return 45
    if (from !== 'N' && to !== 'N') return 5
    return now > START ? 25 : 22.5
  }
  const stage = new Stage({
    sequencer: { discipline: 'gals', k: 2, margin: 200, fps: 1000, instances: 25 },
    instance: { fps: 1000 },
    names,
    delay,
    rate: (name, now) =>
      name === '1' && now > START + SLOW_FROM ? (700.5 - SLOW_FROM) / (780 - SLOW_FROM) : 1,
    tell: (kind, from, to) => drawn.has(from) && drawn.has(to) && !['beat', 'pulse', 'grant'].includes(kind),
    inputsOf: (name) => drawn.has(name),
  })
  const stands = (): void => {
    for (const name of ['1', 'N']) stage.say(name, `stands at ${Math.round(stage.positionOf(name) / 1000)}`)
  }
  return stage
    .quietUntil(START + 700)
    .at(START + 750, () => stage.emit('N', 1))
    .at(START + 780, stands)
    .at(START + 800, stands)
    .at(START + 870, stands)
    .run(START + 1100).lines
}

const far: Delay = (from, to) => ({ A: 10, B: 20, C: 60 })[from === 'S' ? to : from] ?? 0

/** Answers of C take this long. */
const answersOfC = (ms: number): string[] =>
  new Stage({
    sequencer: { discipline: 'gals', fps: 40, instances: 3 },
    instance: { fps: 40 },
    names: ['A', 'B', 'C'],
    delay: (from, to, kind, now) => (from === 'C' && kind === 'ack' ? ms : far(from, to, kind, now)),
    tell: (kind) => !['beat', 'pulse', 'grant'].includes(kind),
  })
    .quietUntil(1900)
    .at(2000, (stage) => stage.emit('A', 7))
    .run(5200).lines

/** The sync to A is stuck on its way: A stops before its own deadline, misses nothing, and makes up for it. */
const freezeAndItsEnd = (): string[] => {
  const stage = pair({}, (from, to, kind, now) =>
    to === 'A' && kind === 'sync' && now > 1000 ? 250 : even(from, to, kind, now),
  )
  return stage
    .quietUntil(1900)
    .at(2000, () => stage.emit('B', 7))
    .at(2300, positions)
    .at(2700, positions)
    .at(3200, positions)
    .run(3300).lines
}

/** The clock of B runs slow while no heartbeat tells it so; then a tick of 25 ms takes 20 until that is made good. */
const driftCompensation = (): string[] => {
  const lost = (kind: string, to: string, now: number) =>
    kind === 'beat' && to === 'B' && now > 1000 && now < 1700
  const stage = new Stage({
    sequencer: PAPER,
    instance: { fps: 40 },
    names: ['A', 'B'],
    delay: (from, to, kind, now) => (lost(kind, to, now) ? null : even(from, to, kind, now)),
    rate: (name, now) => (name === 'B' && now > 1000 && now < 1500 ? 0.75 : 1),
    ticksOf: (name, now) => name === 'B' && now > 2030 && now < 2200,
    tell: (kind, _from, to) => kind === 'beat' && to === 'B',
  })
  for (const at of [1000, 1500, 2000, 2200, 2400, 2600, 3000]) stage.at(at, positions)
  return stage.quietUntil(990).run(3000).lines
}

const told = (kind: string): boolean => !['pulse', 'hello', 'welcome', 'lobby'].includes(kind)

/** `auto`: the first event finds long leases and takes a round, which makes them short; the second takes none. */
const galsToHorizonAndBack = (): string[] => {
  const stage = new Stage({
    sequencer: { discipline: 'auto', fps: 10, instances: 2 },
    instance: { fps: 10 },
    names: ['A', 'B'],
    delay: even,
    tell: (kind) => told(kind),
  })
  return stage
    .quietUntil(2900)
    .at(3040, () => stage.emit('A', 1))
    .at(4070, () => stage.emit('B', 2))
    .at(4600, () => stage.quietUntil(8900))
    .run(10_700).lines
}

export const STORIES: Record<string, () => string[]> = {
  'a start': () => pair().at(900, positions).run(1000).lines,
  'an isolated event': () =>
    pair()
      .quietUntil(1900)
      .at(2000, (stage) => stage.emit('A', 7))
      .run(2400).lines,
  'two events that cross': () =>
    pair()
      .quietUntil(1900)
      .at(2000, (stage) => stage.emit('A', 7))
      .at(2010, (stage) => stage.emit('B', 8))
      .run(2400).lines,
  // The round stops waiting before anybody freezes, and all are asked again with more patience.
  'a slow answerer': () => answersOfC(400),
  // The second time its lease is waited out, and it gets no long one until it has answered.
  'a silent answerer': () => answersOfC(5_000),
  'a freeze and its end': freezeAndItsEnd,
  'a drift compensation': driftCompensation,
  'gals to horizon and back': galsToHorizonAndBack,
  'a departure': () =>
    pair()
      .quietUntil(1900)
      .at(2000, (stage) => stage.emit('B', 7))
      .at(2010, (stage) => stage.leave('B'))
      .at(2500, (stage) => stage.emit('A', 8))
      .run(3000).lines,
  'figure 7 of the paper': figure7,
}
