import { Random } from '../core/random.ts'
import { type Micros, NEVER } from '../core/timeline/tick.ts'
import { sameBytes } from './bytes.ts'
import { type DamageSort, damaged } from './damage.ts'

/**
 * How what a way adds to its least time is spread: exponentially; evenly from nothing to twice the mean; with a
 * tail in which twice as long is a quarter as rare; or as nothing mostly, and much once in sixteen times.
 */
export type Shape = 'exponential' | 'even' | 'heavy' | 'spikes'

/** Of each shape: hardly ever more than so many means; and no more is reckoned with at all. */
const TAILS: { readonly [S in Shape]: readonly [usual: number, most: number] } = {
  exponential: [8, 16],
  even: [2, 2],
  heavy: [40, 40],
  spikes: [32, 32],
}
const SPIKES_IN = 16

/** One direction of a connection: what it does to whatever is sent over it. */
export interface Way {
  /** The least time on the way. */
  readonly base: Micros
  /** What is added to it in the mean. */
  readonly jitter: Micros
  /** How that is spread: exponentially, unless told otherwise. */
  readonly shape?: Shape
  /** The share of datagrams that are lost, from 0 to below 1. */
  readonly loss?: number
  /** Losses come in bursts of this mean length (Gilbert-Elliott); without it each for itself. */
  readonly burst?: { readonly mean: number }
  /** The share of datagrams that arrive twice. */
  readonly duplicate?: number
  /** The share of datagrams that take a detour: base and jitter a second time. */
  readonly reorder?: number
  /** The shares of datagrams of which a few bits are turned over, and of which the end is missing. */
  readonly corrupt?: number
  readonly truncate?: number
  /** On a channel that keeps its order, how long after a loss it is sent again. */
  readonly resend?: Micros
}

/** What a way adds hardly ever, and what it never adds, as far as anybody reckons with it. */
export const tailOf = ({ jitter, shape = 'exponential' }: Way): readonly [usual: Micros, most: Micros] => {
  const [usual, most] = TAILS[shape]
  return [usual * jitter, most * jitter]
}

/** What is wrong with the order of datagrams: one is sent twice, or arrives before one that was sent earlier. */
export type Disorder = 'twice' | 'overtakes'

/**
 * Each thing that a way may do beside its delay has a source of chance of its own, so that one less leaves the others
 * as they were: which datagrams are lost, come twice, take a detour or are damaged; how long a double takes; and where
 * the damage is.
 */
const SOURCES = ['loss', 'duplicate', 'reorder', 'corrupt', 'truncate', 'double', 'damage'] as const
type Sources = { readonly [S in (typeof SOURCES)[number]]: Random }

/** By the state of the source of delays: to fork it would draw from it. */
const sourcesOf = (random: Random): Sources => {
  const [high, low] = random.save()
  const seed = high * 0x1_0000_0000 + low
  return Object.fromEntries(SOURCES.map((name, i) => [name, new Random(seed, i + 1)])) as Sources
}

/**
 * One direction of one connection, with its own sources of chance. A connection uses it either as a channel
 * that keeps its order and loses nothing (`arrival`), or for datagrams (`arrivals`), never as both. Faults act
 * at the far end: whoever delivers asks there, at the moment of arrival, how long it is held.
 */
export class Path {
  readonly way: Way
  /** When the last message sent over the ordered channel arrives. */
  lastArrival: Micros = Number.NEGATIVE_INFINITY
  /** The longest that anything has been under way so far, faults aside: there is always something rarer than rare. */
  slowest: Micros = 0
  /** Told of all that is sent and will not arrive as it was, be it by the nature of the way or by `damageNext`. */
  onDamage: ((how: DamageSort, by: 'way' | 'deed') => void) | undefined
  /**
   * Told of each datagram that is sent twice, and of each that will overtake another: be it by a detour of that one or
   * by jitter alone. One of which only the double comes later is not overtaken.
   */
  onDisorder: ((what: Disorder) => void) | undefined
  private readonly random: Random
  private readonly chances: Sources
  /** Whether any chance that is drawn for a double counts: its own way, or a detour, before that of the next. */
  private readonly doubles: boolean
  private readonly both: Micros[] = []
  private readonly resend: Micros
  private readonly badToGood: number
  private readonly goodToBad: number
  /** By when each datagram sent so far will have arrived, doubles and what befalls the way later aside. */
  private latest: Micros = Number.NEGATIVE_INFINITY
  private bad = false
  private clogged: Micros = Number.NEGATIVE_INFINITY
  /** What becomes of the datagram that is being sent, and of its double. */
  private damageOfFirst: DamageSort | undefined
  private damageOfSecond: DamageSort | undefined
  /** What is done to the next thing that is sent. */
  private damageAsked: { readonly how: DamageSort; readonly random: Random } | undefined
  private severed: Micros = Number.NEGATIVE_INFINITY

  constructor(way: Way, random: Random) {
    this.way = way
    this.random = random
    this.chances = sourcesOf(random)
    this.doubles = way.duplicate !== undefined || way.reorder !== undefined
    const loss = way.loss ?? 0
    if (!(loss >= 0 && loss < 1)) throw new RangeError('a loss is a share from 0 to below 1')
    this.resend = way.resend ?? 2 * way.base + 4 * way.jitter
    // Without bursts the next one is lost or not, whatever became of this one.
    this.badToGood = way.burst ? 1 / Math.max(1, way.burst.mean) : 1 - loss
    this.goodToBad = way.burst ? (loss * this.badToGood) / (1 - loss) : loss
  }

  /** When a message sent now arrives: in order, never before an earlier one. A loss costs a resend. */
  arrival(now: Micros): Micros {
    let at = now + this.delay(this.random)
    while (this.lost()) at += this.resend
    if (at > this.lastArrival) this.lastArrival = at
    this.took(this.lastArrival - now)
    return this.lastArrival
  }

  /** When something arrives that does not travel, such as the news that the other end is gone: in order too. */
  arrivalAt(at: Micros): Micros {
    if (at > this.lastArrival) this.lastArrival = at
    return this.lastArrival
  }

  /** When the copies of a datagram sent now arrive: none, one or two. The array is reused at the next call. */
  arrivals(now: Micros): readonly Micros[] {
    const { both, chances, way } = this
    both.length = 0
    // All is drawn for each datagram and for a double of it, whatever becomes of them.
    const first = this.flight(now, this.random)
    const second = this.doubles ? this.flight(now, chances.double) : first
    this.damageOfFirst = this.drawDamage()
    this.damageOfSecond = this.drawDamage()
    const twice = way.duplicate !== undefined && chances.duplicate.chance(way.duplicate)
    if (this.lost() || now < this.severed) return both
    both.push(first)
    if (twice) both.push(second)
    for (const at of both) this.took(at - now)
    this.order(twice ? Math.min(first, second) : first, twice)
    return both
  }

  /** The next thing that is sent will arrive damaged. */
  damageNext(how: DamageSort, random: Random): void {
    this.damageAsked = { how, random }
  }

  /** What arrives of a message. */
  through(bytes: Uint8Array): Uint8Array {
    const { damageAsked: asked } = this
    if (asked === undefined) return bytes
    this.damageAsked = undefined
    return this.damage(bytes, asked.how, asked.random, 'deed')
  }

  /** What arrives of the datagram of which `arrivals` has just told, then of its double. */
  throughDatagram(bytes: Uint8Array): Uint8Array {
    const how = this.damageOfFirst
    this.damageOfFirst = this.damageOfSecond
    this.damageOfSecond = undefined
    return how === undefined ? this.through(bytes) : this.damage(bytes, how, this.chances.damage, 'way')
  }

  /**
   * When a message sent now over the ordered channel would arrive, by chance from elsewhere and without a
   * loss. The path stays as it was.
   */
  hypothetical(now: Micros, random: Random): Micros {
    return Math.max(this.lastArrival, now + this.delay(random))
  }

  /** Until this moment nothing comes out; then all of it does, at once. */
  clog(until: Micros): void {
    this.clogged = Math.max(this.clogged, until)
  }

  /** Until this moment datagrams vanish; an ordered channel sends them again, so it is clogged. */
  cut(until: Micros): void {
    this.severed = Math.max(this.severed, until)
  }

  /** Undo `clog` and `cut`. */
  heal(): void {
    this.clogged = Number.NEGATIVE_INFINITY
    this.severed = Number.NEGATIVE_INFINITY
  }

  /** Until when whatever arrives at this moment is held, on an ordered channel; the moment itself if it is not. */
  heldUntil(now: Micros): Micros {
    return Math.max(now, this.clogged, this.severed)
  }

  /** The same for a datagram; `NEVER` if it vanishes. */
  datagramHeldUntil(now: Micros): Micros {
    return now < this.severed ? NEVER : Math.max(now, this.clogged)
  }

  private delay(random: Random): Micros {
    const { base, jitter, shape } = this.way
    if (jitter === 0) return Math.round(base)
    return Math.round(
      base + (shape === undefined ? random.exponential(jitter) : jitter * drawn(shape, random)),
    )
  }

  private took(time: Micros): void {
    if (time > this.slowest) this.slowest = time
  }

  private order(at: Micros, twice: boolean): void {
    if (twice) this.onDisorder?.('twice')
    if (at < this.latest) this.onDisorder?.('overtakes')
    else this.latest = at
  }

  private flight(now: Micros, delays: Random): Micros {
    const at = now + this.delay(delays)
    const { chances, way } = this
    return way.reorder !== undefined && chances.reorder.chance(way.reorder)
      ? at + this.delay(chances.reorder)
      : at
  }

  private damage(bytes: Uint8Array, how: DamageSort, random: Random, by: 'way' | 'deed'): Uint8Array {
    const after = damaged(bytes, how, random)
    // A bit that is turned over twice is what it was.
    if (this.onDamage !== undefined && !sameBytes(bytes, after)) this.onDamage(how, by)
    return after
  }

  private drawDamage(): DamageSort | undefined {
    const { chances, way } = this
    const turned = way.corrupt !== undefined && chances.corrupt.chance(way.corrupt)
    const cut = way.truncate !== undefined && chances.truncate.chance(way.truncate)
    return turned ? 'bits' : cut ? 'end' : undefined
  }

  private lost(): boolean {
    if (this.goodToBad === 0) return false
    const { loss } = this.chances
    this.bad = this.bad ? !loss.chance(this.badToGood) : loss.chance(this.goodToBad)
    return this.bad
  }
}

/** A number with the mean 1. */
const drawn = (shape: Shape, random: Random): number => {
  switch (shape) {
    case 'exponential':
      return random.exponential(1)
    case 'even':
      return 2 * random.unit()
    case 'heavy':
      return Math.min(TAILS.heavy[1], 1 / Math.sqrt(1 - random.unit()) - 1)
    case 'spikes':
      return random.chance(1 / SPIKES_IN) ? 2 * SPIKES_IN * random.unit() : 0
  }
}
