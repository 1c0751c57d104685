import type { Direct } from './channel.ts'
import type { ConnectionClass } from './rtc.ts'

/** Direct channels by what a page has; where it has none, what peers say goes through the server. */
export const direct: Direct = async () => {
  const { RTCPeerConnection } = globalThis as { RTCPeerConnection?: ConnectionClass }
  if (RTCPeerConnection === undefined) return
  const { rtcBy } = await import('./rtc.ts')
  return rtcBy(RTCPeerConnection)
}
