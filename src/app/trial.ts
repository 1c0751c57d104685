import { joinPayload } from '../core/session/membership.ts'
import { firstDifference } from '../core/timeline/difference.ts'
import { type Input, RESERVED, SEQUENCER, TICK } from '../core/timeline/event.ts'
import type { Tick } from '../core/timeline/tick.ts'
import { EMPTY } from '../core/wire/bytes.ts'
import type { App } from './app.ts'
import { SametickError } from './errors.ts'
import type { Events } from './event.ts'
import { type Kept, Runner, type RunnerOptions } from './runner.ts'
import { restoreWorld, saveWorld } from './saved.ts'
import type { World } from './world.ts'

const TICKS = 2

/** What looks at an application before it begins. */
export type Trial = typeof trial

/**
 * Saves, restores and compares once, before anything begins: what would go wrong at the first rollback, or for
 * the first who joins a running session, is named on the first day. Runs `start` twice and a few ticks with one
 * player, on worlds that are then thrown away. Undefined: nothing was found.
 */
export const trial = <S extends object, E extends Events, I>(
  app: App<S, E, I>,
  options: RunnerOptions = {},
): SametickError | undefined => {
  const original = new Runner(app, options)
  const refused = original.refusal()
  if (refused) return new SametickError('state_refused', refused.message, { cause: refused })
  const start = original.keep()
  const bytes = saveWorld(original)
  // It goes on before anybody else starts: what it keeps outside of its state is still its own.
  runOn(original)
  const grown = original.refusal()
  if (grown) return new SametickError('state_refused', grown.message, { cause: grown })

  const other = new Runner(app, options)
  const unlike = compared('start_differs', start.world, other.whole())
  if (unlike) return unlike
  if (!restoreWorld(other, bytes)) return whyNotRestored(other, start)
  const lost = compared('restore_differs', start.world, other.whole())
  if (lost) return lost
  runOn(other)
  return compared('step_differs', original.whole(), other.whole())
}

const HINTS = {
  start_differs: 'Let it depend on t alone, and keep nothing outside of the state.',
  restore_differs: 'Let save() give all of it, and restore() take all of it.',
  step_differs:
    'Something that it uses is kept outside of the state, compared by identity with what is outside, or not saved.',
} as const

/** The first of two worlds is what it was, the second what it has become. */
const compared = (code: keyof typeof HINTS, a: World, b: World): SametickError | undefined => {
  const difference = firstDifference(a, b)
  return difference && new SametickError(code, `${difference.text}. ${HINTS[code]}`)
}

const whyNotRestored = <S extends object, E extends Events, I>(
  runner: Runner<S, E, I>,
  kept: Kept,
): SametickError => {
  try {
    runner.back(kept)
  } catch (cause) {
    return new SametickError('restore_differs', `restore() threw ${String(cause)}`, { cause })
  }
  return new SametickError('restore_differs', 'What save() gave could not be read back.')
}

/** What handlers throw here they will throw again, where somebody hears it. */
const runOn = (runner: Runner): void => {
  runner.take(inputOf(0, RESERVED.join, joinPayload({ member: 1, slot: 0, data: EMPTY })))
  for (let tick = 0; tick < TICKS; tick++) runner.take(inputOf(tick, TICK))
}

const inputOf = (tick: Tick, id: number, payload: Uint8Array = EMPTY): Input => ({
  tick,
  id,
  payload,
  source: SEQUENCER,
  number: 0,
  seq: 0,
})
