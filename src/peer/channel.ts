import { SametickError } from '../app/errors.ts'

/** A direct channel between two peers: ordered, reliable, for pieces that are short. */
export interface Channel {
  /** Bytes that were sent and wait to leave. */
  readonly buffered: number
  send(bytes: Uint8Array): void
  /** Names the owner, once. What came before is kept for it, up to what a connection may hold: beyond that it ends. */
  attach(owner: { message(bytes: Uint8Array): void; closed(): void }): void
  close(): void
}

/** What an attempt at a direct channel needs. */
export interface DirectOptions {
  /** Of the two exactly one offers. */
  readonly offers: boolean
  /** Servers that help to find a way through routers: as browsers take them. */
  readonly ice: readonly IceServer[]
  /** Takes a description to the other end, where `hear` gets it. */
  readonly signal: (bytes: Uint8Array) => void
  readonly opened: (channel: Channel) => void
  /** It will not come about, and why. */
  readonly failed: (why: SametickError) => void
}

/** A server that tells peers how they are seen from outside (stun:), or carries what they say (turn:). */
export interface IceServer {
  readonly urls: string | readonly string[]
  readonly username?: string
  readonly credential?: string
}

/** An attempt at a direct channel, and the channel once it is there. */
export interface Attempt {
  hear(bytes: Uint8Array): void
  close(): void
}

/** How direct channels are made where this runs; loaded when the first one is tried. */
export type Direct = () => Promise<((options: DirectOptions) => Attempt) | undefined>

/** Why what two peers say stays with the server. Nothing is lost by it: so it is told, and never thrown. */
export const noWay = (hint: string, cause?: unknown): SametickError =>
  new SametickError('no_direct_way', hint, {
    sentence: 'No direct way to that peer has come about: what the two say goes through the server.',
    cause,
  })
