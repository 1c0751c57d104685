import type { Random } from '../../core/random.ts'
import type { LinkId, Micros } from '../../core/timeline/tick.ts'
import type { PeerNode } from './node.ts'

/** What one direction of a link does to messages. */
export interface PeerWay {
  /** How long a message takes: normal, with this mean and deviation, each message on its own. */
  readonly mean: Micros
  readonly deviation: Micros
  /** Messages keep their order, so that one which is slow holds up those behind it. Without it they overtake. */
  readonly ordered?: boolean
}

/** Normal with a deviation of one, by exact operations alone: the sum of twelve uniform draws, less its mean. */
export const normal = (random: Random): number => {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += random.unit()
  return sum
}

/** One direction of one connection. */
export interface Hop {
  readonly link: LinkId
  readonly from: PeerNode
  readonly to: PeerNode
  readonly way: PeerWay
  readonly random: Random
  /** When the last of what was sent arrives. */
  lastArrival: Micros
  /** Nothing is delivered any more. */
  isClosed: boolean
}

export const arrivalOf = (hop: Hop, now: Micros): Micros => {
  const { mean, deviation, ordered = false } = hop.way
  const delay = deviation > 0 ? Math.max(0, mean + deviation * normal(hop.random)) : mean
  const at = Math.round(now + delay)
  if (!ordered) {
    if (at > hop.lastArrival) hop.lastArrival = at
    return at
  }
  hop.lastArrival = Math.max(hop.lastArrival, at)
  return hop.lastArrival
}
