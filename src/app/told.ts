import { digest } from '../core/timeline/digest.ts'
import type { Tick } from '../core/timeline/tick.ts'
import type { Effect } from './step.ts'

/** Ticks with effects that are remembered: what is older is neither told again nor for the first time. */
const TICKS_MAX = 4_096

/**
 * Which effects were told already. A tick that is run again tells only what it did not tell before: each effect is
 * seen once, whatever is rolled back; one that turns out not to have happened cannot be taken back.
 */
export class Told {
  private readonly ticks = new Map<Tick, number[]>()
  /** The last tick that was forgotten. */
  private floor: Tick = -1

  /** Those of one tick that are new. */
  news(tick: Tick, effects: readonly Effect[]): readonly Effect[] {
    if (effects.length === 0 || tick <= this.floor) return []
    const told = this.ticks.get(tick) ?? []
    const left = [...told]
    const news = effects.filter(({ name, data }) => {
      const key = digest([name, data])
      const at = left.indexOf(key)
      if (at >= 0) left.splice(at, 1)
      else told.push(key)
      return at < 0
    })
    this.ticks.set(tick, told)
    if (this.ticks.size > TICKS_MAX) this.forget()
    return news
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
