import { digest } from '../core/timeline/digest.ts'
import type { Tick } from '../core/timeline/tick.ts'
import type { Effect } from './step.ts'

/** Ticks with effects that are remembered: what is older is neither told again nor for the first time. */
const TICKS_MAX = 4_096
/** An effect that did not happen where it was told, and happens so near, is the same: what caused it has moved. */
const NEAR: Tick = 12
/** Of these so many are remembered. */
const MOVED_MAX = 256

/**
 * Which effects were told already. A tick that is run again tells only what it did not tell before: each effect is
 * seen once, whatever is rolled back; one that turns out not to have happened cannot be taken back.
 */
export class Told {
  private readonly ticks = new Map<Tick, number[]>()
  /** Told at a tick at which they did not happen after all. */
  private moved: { readonly tick: Tick; readonly key: number }[] = []
  /** The last tick that was forgotten. */
  private floor: Tick = -1

  /** Those of one tick that are new. */
  news(tick: Tick, effects: readonly Effect[]): readonly Effect[] {
    const told = this.ticks.get(tick) ?? []
    if (effects.length + told.length === 0 || tick <= this.floor) return []
    const left = [...told]
    const now: number[] = []
    const news = effects.filter(({ name, data }) => {
      const key = digest([name, data])
      now.push(key)
      const at = left.indexOf(key)
      if (at < 0) return !this.takeMoved(tick, key)
      left.splice(at, 1)
      return false
    })
    for (const key of left) this.moved.push({ tick, key })
    if (this.moved.length > MOVED_MAX) this.moved = this.moved.slice(-MOVED_MAX / 2)
    this.ticks.set(tick, now)
    if (this.ticks.size > TICKS_MAX) this.forget()
    return news
  }

  /** Whether it was told nearby, where it did not happen. */
  private takeMoved(tick: Tick, key: number): boolean {
    const at = this.moved.findIndex((each) => each.key === key && Math.abs(each.tick - tick) <= NEAR)
    if (at >= 0) this.moved.splice(at, 1)
    return at >= 0
  }

  /** Half of them: the older ones. */
  private forget(): void {
    const ticks = [...this.ticks.keys()].sort((a, b) => a - b)
    for (const tick of ticks.slice(0, TICKS_MAX / 2)) {
      this.ticks.delete(tick)
      this.floor = tick
    }
  }
}
