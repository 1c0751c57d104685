import { LIMITS } from '../limits.ts'
import { PEER_LIMITS } from './limits.ts'
import type { PeerEvent, SeenOf } from './message-types.ts'

/** An account of what was seen in parts that fit into a message each; at least one. */
export const inParts = (all: readonly SeenOf[]): SeenOf[][] => {
  let part: SeenOf[] = []
  const parts = [part]
  let weight = 0
  for (const one of all) {
    const more = 1 + one.beyond.length / 4
    weight += more
    if (weight > PEER_LIMITS.have_sources_max) {
      part = []
      parts.push(part)
      weight = more
    }
    part.push(one)
  }
  return parts
}

/** About how many bytes an event takes beside its payload: at most this. */
const EVENT_BYTES = 48

/** Events in groups that fit into a message each, of so many bytes; no group for no events. */
export const inMessages = (
  events: readonly PeerEvent[],
  bytesMax: number = LIMITS.payload_bytes_max,
): PeerEvent[][] => {
  const groups: PeerEvent[][] = []
  let group: PeerEvent[] = []
  let bytes = 0
  for (const event of events) {
    const more = EVENT_BYTES + event.payload.length
    if (group.length > 0 && (bytes + more > bytesMax || group.length >= PEER_LIMITS.flood_events_max)) {
      groups.push(group)
      group = []
      bytes = 0
    }
    group.push(event)
    bytes += more
  }
  if (group.length > 0) groups.push(group)
  return groups
}

/** The first of these groups, at least one of them, that are no longer together than so many bytes. */
export const firstOf = (
  groups: readonly PeerEvent[][],
  bytesMax: number,
): { readonly groups: readonly PeerEvent[][]; readonly isAll: boolean } => {
  let bytes = 0
  const end = groups.findIndex((group, i) => {
    for (const { payload } of group) bytes += EVENT_BYTES + payload.length
    return i > 0 && bytes > bytesMax
  })
  return end < 0 ? { groups, isAll: true } : { groups: groups.slice(0, end), isAll: false }
}
