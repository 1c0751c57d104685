import type { Link } from 'sametick'
import { type Body, isHere, PLAY, type State } from './state.ts'

/** Over the last so many milliseconds rollbacks and freezes are counted. */
const LATELY = 5_000
/** Of so many own inputs the median is shown. */
const INPUTS = 9

/** What a way of agreement costs, as it is felt. */
export interface Costs {
  /** From an own input until the own body is seen to follow it; undefined until there was one. */
  readonly seenMs: number | undefined
  readonly seenTicks: number | undefined
  readonly rollbacksPerSecond: number
  /** How many ticks a rollback ran again, in the mean. */
  readonly depth: number
  /** The share of the time in which the game stood still. */
  readonly frozen: number
}

interface Pressed {
  readonly way: number
  readonly at: number
  readonly tick: number
}

/** Looks at the game from outside, once a frame: what is measured is what is on the screen. */
export class Meter {
  private readonly seen: { readonly ms: number; readonly ticks: number }[] = []
  private readonly rollbacks: { readonly at: number; readonly depth: number }[] = []
  private readonly stops: { readonly at: number; readonly ms: number }[] = []
  private pressed: Pressed | undefined
  private way = 0
  private face = 0
  private tick = 0
  private lookedAt: number
  private readonly beganAt: number
  private readonly silence: () => void

  constructor(link: Link, now: number) {
    this.lookedAt = this.beganAt = now
    this.silence = link.on('rollback', ({ tick, top }) =>
      this.rollbacks.push({ at: this.lookedAt, depth: top + 1 - tick }),
    )
  }

  /** `held`: what the own player holds now, since `heldAt`; `tick`: the last that is on the screen. */
  look(
    state: State,
    own: Body | undefined,
    held: number,
    heldAt: number,
    tick: number,
    isStill: boolean,
  ): void {
    const now = performance.now()
    if (isStill) this.stops.push({ at: now, ms: now - this.lookedAt })
    this.lookedAt = now
    for (const list of [this.rollbacks, this.stops]) while (list[0] && list[0].at < now - LATELY) list.shift()
    const way = held % 32
    if (own === undefined || !isHere(own) || state.phase !== PLAY) this.pressed = undefined
    // What the page showed when it was pressed is what it showed last.
    else if (way !== this.way && way !== 0 && way !== this.face)
      this.pressed = { way, at: heldAt, tick: this.tick }
    // A key may be up again before its way is seen; one of which nothing came is forgotten.
    else if (this.pressed && now - this.pressed.at > LATELY) this.pressed = undefined
    this.way = way
    this.face = own?.face ?? 0
    this.tick = tick
    if (this.pressed === undefined || this.face !== this.pressed.way) return
    this.seen.push({ ms: now - this.pressed.at, ticks: tick - this.pressed.tick })
    if (this.seen.length > INPUTS) this.seen.shift()
    this.pressed = undefined
  }

  get costs(): Costs {
    const seconds = Math.min(LATELY, Math.max(1, this.lookedAt - this.beganAt)) / 1_000
    const { rollbacks, stops } = this
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)
    return {
      seenMs: median(this.seen.map(({ ms }) => ms)),
      seenTicks: median(this.seen.map(({ ticks }) => ticks)),
      rollbacksPerSecond: rollbacks.length / seconds,
      depth: sum(rollbacks.map(({ depth }) => depth)) / Math.max(1, rollbacks.length),
      frozen: Math.min(1, sum(stops.map(({ ms }) => ms)) / (1_000 * seconds)),
    }
  }

  end(): void {
    this.silence()
  }
}

const median = (numbers: readonly number[]): number | undefined =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1]
