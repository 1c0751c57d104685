import { Random } from '../../core/random.ts'
import { MILLISECOND, type Micros, SECOND } from '../../core/timeline/tick.ts'
import { FAR, LIES } from '../liar.ts'
import { STREAM, spread, whole } from './chance.ts'
import type { Kind } from './kinds.ts'
import type { Deed, Emits, Who } from './story.ts'

export interface Plot {
  readonly seed: number
  readonly kinds: ReadonlySet<Kind>
  readonly members: number
  /** How long things happen. */
  readonly trouble: Micros
  /** Moments at which much happens at once. */
  readonly knots: readonly Micros[]
  /** After so long a silence somebody is given up. */
  readonly silence: Micros
}

const SEQUENCER = 0
const LIE_NAMES = Object.keys(LIES).filter((name) => name !== FAR)
const PAUSE_MAX: Micros = 30 * SECOND
const QUARTZ_PPM = 500
const WILD_PPM = 200_000

/** When a deed is over; some are never. */
export const endOf = (deed: Deed): Micros => {
  switch (deed.kind) {
    case 'emits':
      return deed.at + deed.count * deed.gap
    case 'pause':
    case 'slow':
    case 'cut':
    case 'clog':
    case 'rate':
      return deed.at + deed.lasts
    case 'lie':
      return deed.at + (deed.lasts ?? 0)
    default:
      return deed.at
  }
}

export const drawDeeds = (plot: Plot): Deed[] => [
  ...Array.from({ length: plot.members }, (_, i) => drawSteady(plot, i + 1)),
  ...DRAWN.flatMap(([kind, most, draw], k) => {
    if (!plot.kinds.has(kind)) return []
    const all = most(plot) * (ONCE.has(kind) ? 1 : Math.ceil(plot.trouble / SCENE))
    if (all === 0) return []
    const count = 1 + new Random(plot.seed, STREAM.deed + 100 * k).below(all)
    return Array.from({ length: count }, (_, i) =>
      draw(new Random(plot.seed, STREAM.deed + 100 * k + 1 + i), plot, i),
    ).flat()
  }),
]

/** Those of whom nothing is expected are fewer than the others, and the same whatever is wrong with them. */
const minority = ({ members }: Plot): number => Math.floor((members - 1) / 2)
const oneOfMinority = ({ seed, members }: Plot, i: number): Who =>
  1 + ((new Random(seed, STREAM.liars).below(members) + i) % members)

/** Of most kinds there is so much in so long a time; of these, in a whole story. */
const SCENE: Micros = 15 * SECOND
const ONCE: ReadonlySet<Kind> = new Set(['leaves', 'kills', 'closes', 'lies', 'damages', 'ends'])

/** Of each kind: how many at most in a scene, or in all, and how one is drawn. */
const DRAWN: readonly (readonly [
  Kind,
  (plot: Plot) => number,
  (r: Random, plot: Plot, i: number) => Deed | readonly Deed[],
])[] = [
  ['bursts', () => 6, (r, plot) => ({ ...drawBurst(r, plot), bytesMax: 16 })],
  ['large', () => 3, (r, plot) => ({ ...drawBurst(r, plot), count: 1 + r.below(3), bytesMax: 65_536 })],
  ['asks', () => 4, (r, plot) => ({ kind: 'ask', ...whoAt(r, plot), what: drawAsk(r) })],
  ['leaves', () => 2, (r, plot) => ({ kind: 'leave', ...whoAt(r, plot) })],
  ['kills', () => 2, (r, plot) => ({ kind: 'kill', ...whoAt(r, plot), heardAfter: soonOrNever(r) })],
  ['pauses', () => 4, (r, plot) => ({ kind: 'pause', ...whoAt(r, plot), ...drawPause(r, plot) })],
  [
    'sequencerPauses',
    () => 3,
    (r, plot) => ({ kind: 'pause', ...whoAt(r, plot), who: SEQUENCER, ...drawPause(r, plot) }),
  ],
  ['cuts', () => 4, (r, plot) => ({ kind: 'cut', ...whoAt(r, plot), ...drawCut(r, plot) })],
  [
    'disconnects',
    () => 2,
    (r, plot) => ({
      kind: 'disconnect',
      ...whoAt(r, plot),
      instanceAfter: soonOrNever(r),
      sequencerAfter: soonOrNever(r),
    }),
  ],
  ['steps', () => 3, (r, plot) => ({ kind: 'step', ...anybodyAt(r, plot), by: drawStep(r) })],
  ['rates', () => 3, (r, plot) => ({ kind: 'rate', ...anybodyAt(r, plot), ...drawRate(r, plot) })],
  ['closes', () => 1, (r, plot) => ({ kind: 'close', at: momentOf(r, plot), who: SEQUENCER })],
  ['lies', minority, (r, plot, i) => drawLie(r, plot, i)],
  ['clogs', () => 3, (r, plot) => ({ kind: 'clog', ...whoAt(r, plot), ...drawCut(r, plot) })],
  ['partitions', () => 2, (r, plot) => drawPartition(r, plot)],
  ['readdresses', () => 4, (r, plot) => ({ kind: 'readdress', ...whoAt(r, plot) })],
  ['damages', minority, (r, plot, i) => drawDamage(r, plot, i)],
  ['slows', () => 2, (r, plot) => ({ kind: 'slow', ...anybodyAt(r, plot), ...drawSlow(r) })],
  ['ends', () => 1, (r, plot) => ({ kind: 'ask', ...whoAt(r, plot), what: 'end' })],
]

/** By then most sessions have begun. */
const EARLY: Micros = 1.2 * SECOND

/** Near a moment at which much happens, or at any; at times before anything has begun. */
const momentOf = (r: Random, { knots, trouble }: Plot): Micros => {
  const knot = knots[r.below(knots.length)] as Micros
  const near = knot + Math.round((r.chance(0.5) ? 1 : -0.5) * spread(r, MILLISECOND, 400 * MILLISECOND))
  const sometime = Math.round(r.between(100 * MILLISECOND, trouble))
  const early = r.below(EARLY)
  if (r.chance(0.06)) return early
  return r.chance(0.6) ? near : sometime
}

const whoAt = (r: Random, plot: Plot) => ({ at: momentOf(r, plot), who: 1 + r.below(plot.members) })

const anybodyAt = (r: Random, plot: Plot) => ({ at: momentOf(r, plot), who: r.below(1 + plot.members) })

const seedOf = (r: Random): number => r.uint32()

/** What a member emits all along: rarely, or all the time. */
const drawSteady = ({ seed, trouble }: Plot, who: Who): Emits => {
  const r = new Random(seed, STREAM.steady + who)
  const gap = spread(r, SECOND / 20, 10 * SECOND)
  const at = r.below(2 * SECOND)
  const count = Math.max(1, Math.floor((trouble - at) / gap))
  return { kind: 'emits', at, who, count, gap, bytesMax: 16, seed: seedOf(r) }
}

const drawBurst = (r: Random, plot: Plot): Omit<Emits, 'bytesMax'> => {
  const gap = r.chance(0.5) ? 0 : spread(r, 100, 20 * MILLISECOND)
  return { kind: 'emits', ...whoAt(r, plot), count: whole(r, [2, 50]), gap, seed: seedOf(r) }
}

const drawAsk = (r: Random): 'pause' | 'resume' | 'end' =>
  r.chance(0.05) ? 'end' : r.chance(0.5) ? 'pause' : 'resume'

const soonOrNever = (r: Random): Micros | null => {
  const soon = spread(r, 100, 5 * SECOND)
  return r.chance(0.25) ? null : soon
}

/** Of any length; often one that is close to what is borne. */
const lengthOf = (r: Random, { silence }: Plot, least: Micros, most: Micros): Micros => {
  const drawn = spread(r, least, most)
  const close = Math.round(silence * r.between(0.85, 1.05))
  return r.chance(0.15) ? close : drawn
}

const drawPause = (r: Random, plot: Plot) => ({
  lasts: lengthOf(r, plot, 10 * MILLISECOND, PAUSE_MAX),
  first: r.chance(0.5) ? ('timer' as const) : ('messages' as const),
})

const drawCut = (r: Random, plot: Plot) => ({
  lasts: lengthOf(r, plot, 20 * MILLISECOND, 15 * SECOND),
  which: (['up', 'down', 'both'] as const)[r.below(3)] as 'up' | 'down' | 'both',
})

/** Put forward by up to ten seconds, or back. */
const drawStep = (r: Random): Micros =>
  (r.chance(0.6) ? 1 : -1) * spread(r, MILLISECOND, (r.chance(0.2) ? 10_000 : 500) * MILLISECOND)

const drawRate = (r: Random, { kinds }: Plot) => {
  const wild = r.chance(0.5) && kinds.has('wildClocks')
  const most = wild ? WILD_PPM : QUARTZ_PPM
  return { lasts: spread(r, SECOND / 2, 10 * SECOND), ppm: Math.round(r.between(-most, most)) }
}

const drawLie = (r: Random, plot: Plot, i: number): Deed => {
  const drawn = LIE_NAMES[r.below(LIE_NAMES.length)] as string
  // The first of them where somebody predicts.
  const what = i === 0 && plot.kinds.has('predicts') ? FAR : drawn
  const endless = r.chance(0.5)
  const lasts = spread(r, SECOND, 20 * SECOND)
  return {
    kind: 'lie',
    at: r.chance(0.5) ? r.below(3 * SECOND) : momentOf(r, plot),
    who: oneOfMinority(plot, i),
    // Under a flood of events it is never quiet.
    lasts: endless && LIES[what]?.asks === undefined ? null : lasts,
    what,
  }
}

const drawDamage = (r: Random, plot: Plot, i: number): Deed => ({
  kind: 'damage',
  at: momentOf(r, plot),
  who: oneOfMinority(plot, i),
  which: r.chance(0.5) ? 'up' : 'down',
  how: r.chance(0.5) ? 'bits' : 'end',
  seed: seedOf(r),
})

/** Some are on the other side, and are cut off from the sequencer at the same moment and for as long. */
const drawPartition = (r: Random, plot: Plot): Deed[] => {
  const at = momentOf(r, plot)
  const cut = drawCut(r, plot)
  const first = 1 + r.below(plot.members)
  const some = Array.from({ length: plot.members }, (_, i) => i + 1).filter(
    (who) => who === first || r.chance(0.5),
  )
  return some.map((who) => ({ kind: 'cut', at, who, ...cut }))
}

/** A process that gets a tenth of its machine, or nine. */
const drawSlow = (r: Random) => {
  const gap = spread(r, 5 * MILLISECOND, 300 * MILLISECOND)
  return { lasts: spread(r, SECOND / 2, 10 * SECOND), gap, busy: Math.round(gap * r.between(0.1, 0.9)) }
}
