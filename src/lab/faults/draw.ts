import { LIMITS } from '../../core/limits.ts'
import { Random } from '../../core/random.ts'
import type { Discipline } from '../../core/session/sequencer.ts'
import { MILLISECOND, type Micros, SECOND } from '../../core/timeline/tick.ts'
import { CHANNEL_LIMITS } from '../../core/wire/limits.ts'
import type { Shape, Way } from '../path.ts'
import { STREAM, spread, whole } from './chance.ts'
import { drawDeeds, endOf } from './deeds.ts'
import { ALL_KINDS, KINDS, type Kind } from './kinds.ts'
import { drawNewcomers } from './newcomers.ts'
import type { ClockStory, Deed, MemberStory, SessionStory, Shrunk, ShrunkChannel, Story } from './story.ts'

export interface StoryOptions {
  /** What stories are made of: all kinds, unless told otherwise. */
  readonly kinds?: readonly Kind[]
  /** Kinds that every story has. */
  readonly always?: readonly Kind[]
  /** All in this one. Undefined: each story its own. */
  readonly discipline?: Discipline
  /** For how long things happen. Undefined: for half a minute, more or less. */
  readonly trouble?: Micros
}

const MEMBERS = [2, 6] as const
const FPS = [5, 60] as const
/** Clocks show anything and run at what quartz does; wild ones, at anything that a pace can make up for. */
const OFFSET_MAX: Micros = 1_000 * SECOND
const QUARTZ_PPM = 500
const WILD_PPM = 200_000
/** With what it takes to recover after it, a run lasts a minute in the mean. */
const TROUBLE_LEAST: Micros = 6 * SECOND
const TROUBLE_MORE: Micros = 32 * SECOND
const TROUBLE_MAX: Micros = 120 * SECOND

/** In so long a time there is a moment at which much happens at once, or less than one. */
const KNOT_EVERY: Micros = 5 * SECOND

/** The story of a seed: the same one everywhere and always. */
export const storyOf = (seed: number, options: StoryOptions = {}): Story => {
  const kinds = drawKinds(new Random(seed, STREAM.kinds), options)
  const random = new Random(seed, STREAM.session)
  const count = whole(random, MEMBERS)
  const late = kinds.has('latecomers') ? 1 + random.below(count - 1) : 0
  const session = drawSession(random, kinds, count - late, options)
  const times = new Random(seed, STREAM.times)
  const drawn = Math.min(TROUBLE_MAX, TROUBLE_LEAST + Math.round(times.exponential(TROUBLE_MORE)))
  const trouble = options.trouble ?? drawn
  const most = 1 + Math.ceil(trouble / KNOT_EVERY)
  const knots = Array.from({ length: 1 + times.below(most) }, () =>
    Math.round(times.between(SECOND, trouble)),
  )
  const members = Array.from({ length: count }, (_, i) =>
    i < count - late
      ? drawMember(seed, new Random(seed, STREAM.member + i), i, kinds)
      : drawMember(seed, new Random(seed, STREAM.member + i), i, kinds, trouble),
  )
  const silence = session.limits.silence_max ?? LIMITS.silence_max
  const plot = { seed, kinds, members: count, trouble, knots, silence }
  const more = drawNewcomers(plot, members, (chance, nth) => drawMember(seed, chance, nth, kinds, 0))
  const all = [...members, ...more.members]
  // A stream has no address of its own that could change.
  const canBe = ({ kind, who }: Deed): boolean => kind !== 'readdress' || all[who - 1]?.datagrams === true
  const deeds = [...drawDeeds(plot), ...more.deeds].filter(canBe)
  return {
    seed,
    session: kinds.has('limits') ? { ...session, ...drawLimits(seed, session, members) } : session,
    clock: drawClock(random, kinds),
    lateness: kinds.has('lateness') ? spread(random, 50, random.chance(0.1) ? 20_000 : 2_000) : 0,
    members: all,
    deeds,
    length: Math.max(trouble, ...deeds.map(endOf)),
  }
}

const drawKinds = (random: Random, options: StoryOptions): ReadonlySet<Kind> => {
  const { kinds = ALL_KINDS, always = [] } = options
  // Each is drawn for, allowed or not, so that a ban of one changes nothing else.
  const drawn = ALL_KINDS.filter((kind) => random.chance(KINDS[kind]) && kinds.includes(kind))
  return new Set([...drawn, ...always])
}

const DISCIPLINES: readonly Discipline[] = ['gals', 'horizon', 'auto']

const drawSession = (
  random: Random,
  kinds: ReadonlySet<Kind>,
  early: number,
  options: StoryOptions,
): SessionStory => {
  const drawn = DISCIPLINES[random.below(3)] as Discipline
  const discipline = options.discipline ?? drawn
  const fps = whole(random, FPS)
  const paper = random.chance(0.4)
  const fastest = random.chance(0.2) && discipline === 'gals'
  const open = random.chance(0.4)
  // Who hears little on a bad link is mostly not to be taken for dead.
  const patient = random.chance(kinds.has('badLinks') ? 0.7 : 0.25)
  const silence = spread(random, 2.5 * SECOND, 8 * SECOND)
  return {
    fps,
    discipline,
    size: open ? 0 : early,
    ...(paper ? { k: 2, margin: 200 } : {}),
    reference: fastest ? 'fastest' : 'sequencer',
    limits: patient ? {} : { silence_max: silence },
  }
}

const drawLimits = (
  seed: number,
  { limits }: SessionStory,
  members: readonly MemberStory[],
): Pick<SessionStory, 'limits' | 'channel'> => {
  const small = { ...limits, ...shrunk(new Random(seed, STREAM.limits), members.length) }
  if (!members.some(({ datagrams }) => datagrams)) return { limits: small }
  return { limits: small, channel: shrunkChannel(new Random(seed, STREAM.channel)) }
}

/** Reaching these ends a channel. */
const ENDING: ReadonlySet<keyof ShrunkChannel> = new Set([
  'queue_messages_max',
  'queue_bytes_max',
  'opening_max',
  'silence_max',
])

/** A few limits of channels near their least. */
const shrunkChannel = (random: Random): ShrunkChannel => {
  const { window_bytes_min, window_bytes_start } = CHANNEL_LIMITS
  const small: { [K in keyof ShrunkChannel]: number } = {
    window_bytes_start: window_bytes_min,
    window_bytes_max: random.chance(0.5) ? window_bytes_min : window_bytes_start,
    burst_bytes: 1_200,
    repeats_max: random.below(2),
    repeat_age: 0,
    ack_delay: 0,
    ack_gap: 0,
    ack_datagrams_max: 1,
    opening_pause: 20 * MILLISECOND,
    keepalive: 200 * MILLISECOND,
    closing_max: 200 * MILLISECOND,
    cookie_slot: 200 * MILLISECOND,
    probe_first: 20 * MILLISECOND,
    probe_max: 20 * MILLISECOND,
    rate_min: 50_000,
    rate_max: 200_000,
    queue_messages_max: 64,
    queue_bytes_max: 70_000,
    opening_max: SECOND,
    silence_max: 3 * SECOND,
  }
  const names = Object.keys(small) as (keyof ShrunkChannel)[]
  const kept = names.filter((name) => random.chance(ENDING.has(name) ? 0.08 : 0.4))
  // A window is no larger than the largest.
  const whole = kept.includes('window_bytes_max') ? [...kept, 'window_bytes_start' as const] : kept
  return Object.fromEntries(whole.map((name) => [name, small[name]]))
}

/** A few limits near their least. */
const shrunk = (random: Random, members: number): Shrunk => {
  const small: { [K in keyof Shrunk]: number } = {
    payload_bytes_max: 16 + random.below(500),
    members_max: Math.max(2, members - random.below(3)),
    unstamped_max: 1 + random.below(4),
    waiting_max: 1 + random.below(6),
    rounds_max: 1 + random.below(3),
    sync_events_max: 1 + random.below(4),
    pending_max: 4 + random.below(40),
    log_events_max: random.below(40),
    log_bytes_max: random.below(200),
    rtt_max: spread(random, 5 * MILLISECOND, SECOND),
    lead_max: spread(random, 5 * MILLISECOND, SECOND),
    grant_gap_min: spread(random, MILLISECOND, 60 * MILLISECOND),
  }
  const names = Object.keys(small) as (keyof typeof LIMITS)[]
  const kept = names.filter((name) => random.chance(RUINOUS.has(name) ? 0.08 : 0.3))
  return Object.fromEntries(kept.map((name) => [name, small[name]]))
}

/** Reaching these ends an instance, or keeps it out, so that little happens after it. */
const RUINOUS: ReadonlySet<keyof typeof LIMITS> = new Set([
  'pending_max',
  'members_max',
  'log_events_max',
  'log_bytes_max',
])

const drawClock = (random: Random, kinds: ReadonlySet<Kind>): ClockStory => {
  const wild = random.chance(0.4) && kinds.has('wildClocks')
  const most = wild ? WILD_PPM : QUARTZ_PPM
  return {
    offset: Math.floor(random.between(SECOND, OFFSET_MAX)),
    ppm: Math.round(random.between(-most, most)),
  }
}

const drawMember = (
  seed: number,
  random: Random,
  nth: number,
  kinds: ReadonlySet<Kind>,
  /** One that comes late does so some time in this. */
  late?: Micros,
): MemberStory => {
  const early = random.chance(0.5) ? 0 : random.below(600 * MILLISECOND)
  const later = SECOND + random.below(late ?? SECOND)
  const datagrams = random.chance(0.8) && kinds.has('datagrams')
  const up = drawWay(random, kinds, datagrams, new Random(seed, STREAM.shapes + 2 * nth))
  const other = drawWay(random, kinds, datagrams, new Random(seed, STREAM.shapes + 2 * nth + 1))
  return {
    at: late === undefined ? early : later,
    up,
    down: kinds.has('asymmetry') ? other : up,
    clock: drawClock(random, kinds),
    datagrams,
    ...(kinds.has('predicts') && new Random(seed, STREAM.predicts + nth).chance(0.6)
      ? { predicts: true as const }
      : {}),
  }
}

const SHAPES: readonly Shape[] = ['even', 'heavy', 'spikes']

const drawWay = (random: Random, kinds: ReadonlySet<Kind>, datagrams: boolean, more: Random): Way => {
  const bad = random.chance(0.3) && kinds.has('badLinks')
  const base = spread(random, 100, (bad ? 1_500 : 120) * MILLISECOND)
  const jitter = random.chance(0.2) ? 0 : Math.round(base * random.between(0, 0.5))
  const loss = random.between(0, 0.05)
  const burst = random.chance(0.3) ? { burst: { mean: 1 + random.below(4) } } : {}
  const doubled = { duplicate: random.between(0, 0.1), reorder: random.between(0, 0.1) }
  return {
    base,
    jitter,
    ...(kinds.has('loss') ? { loss, ...burst } : {}),
    ...(datagrams ? doubled : {}),
    ...drawShapeAndDamage(kinds, datagrams, more),
  }
}

const drawShapeAndDamage = (kinds: ReadonlySet<Kind>, datagrams: boolean, random: Random): Partial<Way> => {
  const shape = SHAPES[random.below(SHAPES.length)] as Shape
  const shaped = random.chance(0.7) && kinds.has('shapes')
  const damage = { corrupt: random.between(0, 0.05), truncate: random.between(0, 0.05) }
  return {
    ...(shaped ? { shape } : {}),
    ...(datagrams && kinds.has('damagedDatagrams') ? damage : {}),
  }
}
