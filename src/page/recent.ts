import type { Input } from '../core/timeline/event.ts'
import { BEFORE_FIRST, type Tick } from '../core/timeline/tick.ts'
import { textOf } from './agreement.ts'

/** An event as the timeline shows it. */
export interface Mark {
  readonly id: number
  readonly source: number
}

export interface RecentTick {
  readonly tick: Tick
  /** How long it was frozen before this tick. */
  readonly frozen_ms: number
  readonly marks: readonly Mark[]
  /** A number that stands for every input up to and with this tick. */
  readonly chain: number
}

const NONE: readonly Mark[] = []

/** Ticks that are remembered. */
const KEPT = 512

/** The last ticks of one instance, for the eye. */
export class Recent {
  /** The last tick that was closed. */
  last: Tick = BEFORE_FIRST
  private readonly ticks: (RecentTick | undefined)[] = new Array(KEPT).fill(undefined)
  private marks: readonly Mark[] = NONE
  private chain = 0

  event(input: Input): void {
    this.chain = hash(this.chain, textOf(input))
    this.marks = [...this.marks, { id: input.id, source: input.source }]
  }

  close(tick: Tick, frozen_ms: number): void {
    this.last = tick
    this.chain = hash(this.chain, `${tick}`)
    this.ticks[tick % KEPT] = { tick, frozen_ms, marks: this.marks, chain: this.chain }
    this.marks = NONE
  }

  at(tick: Tick): RecentTick | undefined {
    const found = tick < 0 ? undefined : this.ticks[tick % KEPT]
    return found?.tick === tick ? found : undefined
  }
}

const hash = (from: number, text: string): number => {
  let value = from ^ 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
