import type { EndingCode } from './transport.ts'

/** The subprotocol, and its version: who does not name it wants something else here. */
export const SUBPROTOCOL = 'sametick.1'

/** The subprotocol of a meeting point: a server that is one takes it before the other, and a peer that listens does not. */
export const MEETING_PROTOCOL = 'sametick-meeting.1'

/** Why a connection is closed, of the numbers that the WebSocket protocol has for that. */
export const CLOSE = {
  orderly: 1000,
  /** A page cannot break a connection: it says so instead. */
  broken: 4000,
  malformed: 4001,
} as const

const ORDERLY = new Set<number>([CLOSE.orderly, /* going away */ 1001, /* without a reason */ 1005])

export const endingOf = (code: number): EndingCode => (ORDERLY.has(code) ? 'closed' : 'lost')
