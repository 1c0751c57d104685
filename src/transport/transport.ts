import type { TransportLimits } from './limits.ts'
import type { SystemFailureCode } from './system-failures.ts'

/**
 * What every transport offers: connections that carry whole messages both ways, in order and each once, or end
 * and say so. A transport knows bytes and addresses, nothing of what they mean.
 */
export interface Connection {
  readonly kind: TransportKind
  /** Who is at the other end, for people to read. */
  readonly remote: string
  /** The subprotocol that both ends have agreed on, of those that were offered; nothing where there are none. */
  readonly protocol?: string | undefined
  /**
   * Bytes that were sent and wait to leave. It grows when the other end has stopped reading; what the system has
   * taken over is not in it.
   */
  readonly buffered: number
  /** Names the owner, once. What came before is kept and delivered then, but not within this call. */
  attach(owner: Owner): void
  /**
   * Takes a message; false when the connection is closing or has ended. The bytes are not copied and may never
   * be written again, by whoever sent or whoever gets them.
   */
  send(message: Uint8Array): boolean
  /** Ends in order: what was sent arrives first. What still comes from the other end is dropped. */
  close(): void
  /** Ends at once. What waits to leave is lost. */
  destroy(): void
}

/** Whose connection it is. It is never called from within a call of its own to the connection. */
export interface Owner {
  message(bytes: Uint8Array): void
  /** The connection has ended: told once, whoever ended it, and nothing comes after it. */
  closed(why: EndingCode): void
}

export type TransportKind = 'memory' | 'udp' | 'tcp' | 'websocket' | 'meeting'

export interface Listener {
  readonly kind: TransportKind
  /** Where it can be dialled: the addresses that were actually bound, as URLs. */
  readonly addresses: readonly string[]
  /** Connections that it has. */
  readonly connections: number
  /** How often it was spoken to by somebody who opened no connection. Nothing is kept of them but this number. */
  readonly strangers: number
  /** Takes no more connections, closes in order those that it has, and lets go of the port. */
  close(): Promise<void>
}

export interface ListenOptions {
  /** Called for every new connection, which has to be attached to its owner before long. */
  readonly onConnection: (connection: Connection) => void
  readonly limits?: TransportLimits
}

export interface DialOptions {
  /** Gives up while the connection is being opened; later it changes nothing. */
  readonly signal?: AbortSignal | undefined
  /** Subprotocols that are offered over a WebSocket, in place of the one that is usual. */
  readonly protocols?: readonly string[]
  readonly limits?: TransportLimits
}

export type Listen = (url: string, options: ListenOptions) => Promise<Result<Listener>>
export type Dial = (url: string, options?: DialOptions) => Promise<Result<Connection>>

/** Why a connection has ended. */
export const ENDINGS = {
  closed: 'One end closed the connection in order: what that end had sent before has arrived.',
  destroyed: 'This end cut the connection off.',
  lost: 'The connection broke, or the other end cut it off: connect again.',
  silent: 'Nothing was heard for too long: check the network, then connect again.',
  malformed:
    'What came is no message, or a longer one than may be: the other end is damaged, or has other limits.',
  overflow: 'The other end takes less than is sent to it: send less, or cut it off sooner.',
} as const

export type EndingCode = keyof typeof ENDINGS

/** Why there is no connection, or no listener, beside what only a system says: a browser tells none of that. */
export const FAILURES = {
  bad_url: 'The address cannot be read: write it as scheme://host:port.',
  unknown_scheme: 'No transport goes by that scheme: use one of those that are listed.',
  refused: 'Nobody listens there: check host and port, and whether the server runs.',
  turned_away:
    'Connections from here are not allowed: the server has to name this origin, or the page to use wss.',
  server_full:
    'The server takes no more connections, being full or about to end: try again later, or another.',
  version: 'The server speaks another version of this transport: update the older of the two.',
  not_sametick: 'Something else answers there: check port and scheme.',
  lost: 'The connection broke while it was being opened: try again.',
  timeout: 'No answer came in time: check host and port, and whether a firewall drops what goes there.',
  aborted: 'The caller gave up before it was done.',
} as const

export type FailureCode = keyof typeof FAILURES | SystemFailureCode

export interface Failure {
  readonly code: FailureCode
  /** A sentence that says what to do. */
  readonly hint: string
  /** What it was about: an address, a list of choices, the system's own words. */
  readonly detail: string
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure }

export const done = <T>(value: T): Result<T> => ({ ok: true, value })

export const failed = (
  code: keyof typeof FAILURES,
  detail: string,
): { readonly ok: false; readonly failure: Failure } => ({
  ok: false,
  failure: { code, hint: FAILURES[code], detail },
})
