import { readAsked, readJoin, readLeave } from '../session/membership.ts'
import { RESERVED } from '../timeline/event.ts'
import type { PeerEvent } from './messages.ts'

/**
 * Whether an event may come from who sent it: nobody joins or leaves for another. That a member is gone anybody
 * may claim. What is not authentic is kept and passed on like any other, and void everywhere.
 */
export const isAuthentic = ({ id, source, payload }: PeerEvent): boolean => {
  if (id > 0) return true
  switch (id) {
    case RESERVED.join:
      return readJoin(payload)?.member === source
    case RESERVED.back:
    case RESERVED.leave:
      return readLeave(payload)?.member === source
    case RESERVED.drop:
      return readLeave(payload) !== undefined
    case RESERVED.pause:
    case RESERVED.resume:
    case RESERVED.end:
      return readAsked(payload)?.by === source
    default:
      return false
  }
}
