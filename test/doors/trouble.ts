import { until } from '../until.ts'
import type { Door, Running } from './door.ts'
import { type Outcome, playDoors } from './session.ts'

export interface Trouble {
  readonly fps: number
  readonly ticks: number
  /** Its process is stopped for so many ticks of the others. */
  readonly paused: number
  readonly pausedTicks: number
  /** Its process is killed. */
  readonly killed: number
}

/** How often it is looked whether the next thing can be done, in milliseconds. */
const LOOK_EVERY = 20

/**
 * A session in which one process is stopped for a while and another is killed. What happens when is told by ticks and
 * not by a clock: a slow machine plays the same story.
 */
export const playTrouble = async (doors: readonly Door[], trouble: Trouble): Promise<Outcome> => {
  const { fps, ticks, paused, pausedTicks, killed } = trouble
  let stood = 0
  const meanwhile = async (running: readonly Running[]): Promise<void> => {
    const [stopped, dead] = [running[paused] as Running, running[killed] as Running]
    // Whoever has ended has run all that it will.
    const others = running.filter((one) => one !== stopped && one !== dead)
    let over = false
    void Promise.all(running.map((one) => one.ended)).then(() => {
      over = true
    })
    const farthest = (): number => Math.min(...others.map(({ digests }) => digests.size))
    await until(() => over || farthest() >= ticks / 4, LOOK_EVERY)
    stopped.pause?.()
    const from = farthest()
    // What it said of its last ticks may still be on its way.
    await until(() => over || farthest() >= Math.max(from, stopped.digests.size) + pausedTicks, LOOK_EVERY)
    stood = farthest() - stopped.digests.size
    stopped.resume?.()
    await until(() => over || farthest() >= ticks / 2, LOOK_EVERY)
    dead.kill()
  }
  const outcome = await playDoors(doors, { fps, ticks, killed: [killed], meanwhile })
  const short = stood < pausedTicks / 2 ? ['nobody stood still while the others went on'] : []
  return { ...outcome, wrong: [...outcome.wrong, ...short] }
}
