import type { Input } from '../core/timeline/event.ts'
import type { Tick } from '../core/timeline/tick.ts'
import { distance, type Rect } from './rect.ts'

/** The two instances that are held against each other. */
export type SideName = 'A' | 'B'
export const SIDES: readonly SideName[] = ['A', 'B']

/** Ticks that only one of the two has run; of older ones nothing is said. */
const WAITING_MAX = 40_000

/** All that one instance got in one tick, in its order, and where the rectangle stood after it. */
interface Closed {
  readonly inputs: string
  readonly rect: Rect
}

/** Holds the timelines of two instances against each other, tick by tick: every input, and what came of it. */
export class Agreement {
  compared = 0
  equal = 0
  /** The first tick in which the two were not alike. */
  firstDifference: Tick | undefined
  /** How far the two rectangles were apart at the last tick that was compared, in px. */
  apart = 0
  private readonly open: Record<SideName, string[]> = { A: [], B: [] }
  private readonly waiting: Record<SideName, Map<Tick, Closed>> = { A: new Map(), B: new Map() }

  get differing(): number {
    return this.compared - this.equal
  }

  /** One side got an input; `rect` is what it made of it. */
  note(side: SideName, input: Input, rect: Rect): void {
    this.open[side].push(textOf(input))
    if (input.id !== 0) return
    const closed = { inputs: this.open[side].join(' '), rect: { ...rect } }
    this.open[side] = []
    this.close(side, input.tick, closed)
  }

  private close(side: SideName, tick: Tick, closed: Closed): void {
    const theirs = this.waiting[side === 'A' ? 'B' : 'A']
    const other = theirs.get(tick)
    if (other === undefined) {
      const own = this.waiting[side]
      own.set(tick, closed)
      if (own.size > WAITING_MAX) own.delete(own.keys().next().value as Tick)
      return
    }
    theirs.delete(tick)
    this.compared++
    this.apart = distance(closed.rect, other.rect)
    if (closed.inputs === other.inputs && same(closed.rect, other.rect)) {
      this.equal++
      return
    }
    this.firstDifference ??= tick
  }
}

const same = (a: Rect, b: Rect): boolean => a.x === b.x && a.y === b.y && a.vx === b.vx && a.vy === b.vy

/** Everything about an input. */
export const textOf = ({ tick, id, source, number, seq, payload }: Input): string =>
  `${tick}:${id}:${source}:${number}:${seq}:${payload.join('.')}`
