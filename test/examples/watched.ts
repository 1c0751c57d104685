import { digest, app as plain } from '../../src/index.ts'

export * from '../../src/index.ts'

/** What a test sees of an example in a page: what its application did, and what came of it. */
export interface Watched {
  /** The state's digest after each tick: of a tick that is run again the last, or none if it is large. */
  readonly digests: Map<number, number>
  /** Events and members that came and went, each with its tick; for members, what they said of themselves. */
  readonly events: {
    readonly tick: number
    readonly name: string
    readonly by: number
    readonly payload: unknown
  }[]
  /** The state after each tick, as text, unless it is large. */
  readonly states: Map<number, string>
  /** The state after the last tick; it is for looking only. */
  state: unknown
  tick: number
  /** The state's digest now. */
  digest(): number
}

const isLarge = (state: object): boolean => Object.values(state).some(ArrayBuffer.isView)

type Handler = (
  state: object,
  event: { player?: { id: number; data: unknown }; payload?: unknown },
  t: { tick: number },
) => void

/**
 * What examples import as `sametick` when they are tested: the same, and `app` notes what happens. Nothing in an
 * example has to be there for its test.
 */
export const app: typeof plain = (definition) => {
  const watched: Watched = {
    digests: new Map(),
    states: new Map(),
    events: [],
    state: undefined,
    tick: -1,
    digest: () => digest(watched.state),
  }
  Object.assign(globalThis, { watched })
  const on: Record<string, Handler> = {}
  const handlers = (definition.on ?? {}) as Record<string, Handler | undefined>
  for (const name of [...Object.keys(definition.events ?? {}), 'join', 'leave', 'pause', 'resume'])
    on[name] = (state, event, t) => {
      watched.events.push({
        tick: t.tick,
        name,
        by: event.player?.id ?? 0,
        payload: event.payload ?? event.player?.data,
      })
      handlers[name]?.(state, event, t)
    }
  return plain({
    ...definition,
    on,
    tick(state, t) {
      definition.tick?.(state, t)
      // Hundreds of kilobytes, thirty times a second and again on every way back, are too much to write down.
      if (!isLarge(state)) {
        watched.digests.set(t.tick, digest(state))
        watched.states.set(t.tick, JSON.stringify(state))
      }
      watched.state = state
      watched.tick = t.tick
    },
  } as typeof definition)
}
