import { type App, isApp, type Timeline, timelineOnly } from '../app/app.ts'
import type { Events } from '../app/event.ts'
import type { Link } from '../app/link.ts'
import { encodePayload } from '../app/payload.ts'
import { SourceLink } from '../app/source-link.ts'
import { guard } from '../deterministic/guard.ts'
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
  /** False: do not watch for clocks and chance inside of steps. */
  readonly guard?: false
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
  async (url: string, what: App | Timeline, options: ConnectOptions = {}) => {
    const app = (isApp(what) ? what : timelineOnly(what)) as App<object, Events, unknown>
    const { as, name, instances = app.players.min > 1 ? app.players.min : 0, signal, onWaiting } = options
    const source = new SessionSource(app.fps)
    const seat = await openSeat(
      url,
      {
        fps: app.fps,
        app: app.id,
        instances,
        data: encodePayload(as),
        signal,
        ...(name === undefined ? {} : { session: name }),
        ...(onWaiting === undefined ? {} : { onWaiting }),
      },
      dial,
      source,
    )
    source.sit(seat)
    return new SourceLink(app, source, options.guard === false ? {} : { guard }) as never
  }
