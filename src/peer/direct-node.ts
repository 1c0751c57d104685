import type { Direct } from './channel.ts'
import { type ConnectionClass, rtcBy } from './rtc.ts'

/** Not written where it is imported: who has not installed it has peers that talk through the server. */
const PACKAGE = 'node-datachannel/polyfill'

/** Direct channels by node-datachannel, where it is installed. */
export const direct: Direct = async () => {
  const found = (await import(PACKAGE).catch(() => undefined)) as
    | { readonly RTCPeerConnection?: ConnectionClass }
    | undefined
  return found?.RTCPeerConnection && rtcBy(found.RTCPeerConnection)
}
