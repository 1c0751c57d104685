import { type App, isApp, type Timeline, timelineOnly } from '../app/app.ts'
import type { Events } from '../app/event.ts'
import type { Link } from '../app/link.ts'
import { encodePayload } from '../app/payload.ts'
import { SourceLink } from '../app/source-link.ts'
import { digest } from '../core/timeline/digest.ts'
import { guard } from '../deterministic/guard.ts'
import { quiet } from '../driver/quiet.ts'
import type { Dial } from '../transport/transport.ts'
import { openSeat } from './open.ts'
import { SessionSource } from './source.ts'

export interface ConnectOptions {
  /** What the others should know of this player: a name, a colour. It comes with the player. */
  readonly as?: unknown
  /** Of the session; without it the address names it: `ws://host:port/name`. */
  readonly name?: string
  /** If this one creates the session: start when so many have come, all together. */
  readonly instances?: number
  /** Gives up while the connection is being opened or the session admits nobody. */
  readonly signal?: AbortSignal
  /** Called while a session of a known size waits for the others. */
  readonly onWaiting?: (have: number, need: number) => void
  /**
   * Own input at once: the instance runs ahead, and goes back where it was wrong. Only for an application whose state
   * can be saved and restored, since it will be.
   */
  readonly predict?: boolean | PredictOptions
  /** False: do not watch for clocks and chance inside of steps. */
  readonly guard?: false
  /** False: do not look for what cannot be rolled back before anything begins. */
  readonly trial?: false
}

/** Bounds of what prediction may cost. */
export interface PredictOptions {
  /**
   * How many milliseconds it runs ahead of the others at most, 500 without it. On a way for which that is too short
   * own input is seen later by what is missing.
   */
  readonly ahead?: number
  /** How many ticks are run again in one frame at most, 64 without it; what is left goes on in the next. */
  readonly budget?: number
}

export interface Connect {
  /** Take part in a session with an application. Resolves on admission. */
  <S extends object, E extends Events, I>(
    url: string,
    app: App<S, E, I>,
    options?: ConnectOptions,
  ): Promise<Link<S, E, I>>
  /** Take the timeline itself, for a loop of one's own. */
  <E extends Events>(
    url: string,
    timeline: Timeline<E>,
    options?: ConnectOptions,
  ): Promise<Link<object, E, undefined>>
}

/** `connect` by the transports of an environment. */
export const connectBy =
  (dial: Dial): Connect =>
  (url: string, what: App | Timeline, options: ConnectOptions = {}) =>
    quiet(connected(dial, url, what, options))

const connected = async (
  dial: Dial,
  url: string,
  what: App | Timeline,
  options: ConnectOptions,
): Promise<never> => {
  const app = (isApp(what) ? what : timelineOnly(what)) as App<object, Events, unknown>
  const { as, name, instances = app.players.min > 1 ? app.players.min : 0, signal, onWaiting } = options
  const watch = options.guard === false ? {} : { guard }
  // Before anybody else hears of this instance: what is wrong with the application is wrong without a session.
  if (options.trial !== false && app === what) {
    // Loaded when it is needed: a page need not wait for it before it shows anything.
    const { trial } = await import('../app/trial.ts')
    const fault = trial(app, watch)
    if (fault) throw fault
  }
  // Loaded by those who want it.
  const prediction = options.predict
    ? (await import('./prediction.ts')).predicted(app, app === what, options.predict)
    : undefined
  const source = prediction?.source ?? new SessionSource(app.fps)
  const seat = await openSeat(
    url,
    {
      fps: app.fps,
      app: app.id,
      instances,
      data: encodePayload(as),
      signal,
      ...(name === undefined ? {} : { session: name }),
      ...(prediction && { make: prediction.make }),
      ...(onWaiting === undefined ? {} : { onWaiting }),
    },
    dial,
    source,
  )
  source.sit(seat)
  const given = { ...watch, seed: seedOf(app, source.epoch) }
  return (prediction?.link(given) ?? new SourceLink(app, source, given)) as never
}

/** Of `t.random()`: the same at all instances of a session, another one in every session and in every run of it. */
const seedOf = (app: App, epoch: number): number => digest([app.id, epoch])
