import type { Limits } from '../core/limits.ts'
import type { Discipline } from '../core/session/options.ts'

/** How a session is run. What is left out is as the first to connect says. */
export interface SessionOptions {
  readonly fps?: number
  readonly app?: string
  /** Start when so many have come, all together; 0: with the first. */
  readonly instances?: number
  readonly discipline?: Discipline
  /** Round trips in the reach of a deadline, and microseconds an instance: 2 and 200 are the paper's. */
  readonly k?: number
  readonly margin?: number
  /** The most members. */
  readonly members?: number
}

export interface ServerOptions extends SessionOptions {
  /** Where to listen: loopback unless told otherwise. */
  readonly host?: string
  /** Ports; 0 for one that is free. Without any of them: a WebSocket on a free port. */
  readonly ws?: number
  readonly tcp?: number
  readonly udp?: number
  /** Pages from which browsers may connect, beside loopback and the server's own host. */
  readonly origins?: readonly string[]
  /** If given, there are these sessions, and rooms of these names, and no others; a function says it of each name. */
  readonly sessions?:
    | Readonly<Record<string, SessionOptions>>
    | ((name: string) => SessionOptions | undefined)
  /** How many sessions there may be at once. */
  readonly sessionsMax?: number
  /** How many rooms of a meeting point there may be at once; 0: peers cannot meet here. */
  readonly roomsMax?: number
  readonly limits?: Limits
}

/** Bytes that a connection is given before it has passed some of them on: enough to keep it busy. The rest waits. */
export const PACED_BYTES = 262_144
/** Bytes that wait for one instance: a newcomer's whole log, and what comes meanwhile. Beyond it, it is cut off. */
export const BACKLOG_MAX = 8 * 1_048_576
export const OUTLET = { paced_bytes: PACED_BYTES, backlog_bytes_max: BACKLOG_MAX } as const
/** A session that everybody has left is kept for so long. */
export const LINGER_MS = 60_000
export const SESSIONS_MAX = 10_000
export const ROOMS_MAX = 1_000
/** At a server's end, what was sent may take so long to arrive; who has not closed by then is cut off. */
export const DRAIN_MS = 700
/** A connection that has not said who it is by then is cut off. */
export const HELLO_MS = 10_000

/** How a session or a room of this name is run; undefined if there is to be none. */
export const optionsOf = ({ sessions }: ServerOptions, name: string): SessionOptions | undefined => {
  if (typeof sessions === 'function') return sessions(name)
  if (sessions === undefined) return {}
  return Object.hasOwn(sessions, name) ? sessions[name] : undefined
}
