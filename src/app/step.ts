import type { Random } from '../core/random.ts'
import { nowAt, type Tick } from '../core/timeline/tick.ts'
import type { Step } from './app.ts'
import { clone } from './clone.ts'
import { SametickError } from './errors.ts'
import { heldBy, type World } from './world.ts'

/** Something to be seen or heard once. Its data is a copy of what the step gave. */
export interface Effect {
  readonly tick: Tick
  readonly name: string
  readonly data: unknown
}

export interface StepOptions {
  readonly fps: number
  readonly hasInput: boolean
  readonly random: Random
  /** The world of the step that runs; throws if none does. */
  readonly world: () => World
  readonly tell: (effect: Effect) => void
}

export const NO_INPUT = "Say input: { neutral: … } in the application's definition."

/** What a step may use. One object serves all steps of a world. */
export const makeStep = <I>({ fps, hasInput, random, world, tell }: StepOptions): Step<I> => ({
  get tick() {
    return world().tick + 1
  },
  get now() {
    return nowAt(world().tick + 1, fps)
  },
  get players() {
    return world().players
  },
  input(player) {
    const inside = world()
    if (!hasInput) throw new SametickError('no_input', NO_INPUT)
    return heldBy(inside, typeof player === 'number' ? player : player.id) as I
  },
  random() {
    world()
    return random.unit()
  },
  effect(name, data) {
    tell({ tick: world().tick + 1, name, data: clone(data) })
  },
  end(result) {
    const inside = world()
    inside.ended ??= { tick: inside.tick + 1, result: clone(result) }
  },
})
