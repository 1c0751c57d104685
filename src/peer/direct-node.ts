import type { Direct } from './channel.ts'
import { type ConnectionClass, rtcBy } from './rtc.ts'

/** Direct channels by node-datachannel. Who has not installed it has peers that talk through the server. */
export const direct: Direct = async () => {
  const found = await import('node-datachannel/polyfill').catch(() => undefined)
  return found && rtcBy(found.RTCPeerConnection as unknown as ConnectionClass)
}
