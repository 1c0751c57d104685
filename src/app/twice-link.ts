import { firstDifference } from '../core/timeline/difference.ts'
import { type Input, TICK } from '../core/timeline/event.ts'
import { clone } from './clone.ts'
import { SametickError } from './errors.ts'
import type { Events } from './event.ts'
import type { Kept } from './runner.ts'
import { SourceLink } from './source-link.ts'
import type { Effect } from './step.ts'

/**
 * A link that runs every tick twice, with a rollback between, and compares: what only a rollback would show, in the
 * hands of a user and once in a while, shows at the first tick in which it matters. For development; it is slow.
 */
export class TwiceLink<S extends object, E extends Events, I> extends SourceLink<S, E, I> {
  /** The world before the tick that is open, and the inputs of that tick. */
  private beforeTick: Kept | undefined
  private inTick: Input[] = []
  private effects: Effect[] = []

  protected override run(input: Input): void {
    this.beforeTick ??= this.runner.keep()
    // An input's object is used again for the next.
    this.inTick.push({ ...input })
    super.run(input)
    if (input.id === TICK) this.again(this.beforeTick)
  }

  protected override takeEffects(): readonly Effect[] {
    const taken = this.effects
    this.effects = []
    return taken
  }

  private again(before: Kept): void {
    const { runner, inTick } = this
    this.beforeTick = undefined
    this.inTick = []
    const effects = runner.takeEffects()
    this.effects.push(...effects)
    const first = { ...clone(runner.whole()), effects }
    runner.back(before)
    const stats = { ...runner.stats }
    for (const input of inTick) runner.take(input)
    Object.assign(runner.stats, stats)
    const difference = firstDifference(first, { ...runner.whole(), effects: runner.takeEffects() })
    if (difference)
      throw new SametickError(
        'step_differs',
        `Tick ${before.tick + 1}, run a second time after a rollback: ${difference.text}.`,
      )
  }
}
