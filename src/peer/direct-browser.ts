import type { Direct } from './channel.ts'
import type { ConnectionClass } from './rtc.ts'

/** What is used of a page. */
interface Surroundings {
  readonly RTCPeerConnection?: ConnectionClass
  addEventListener(what: string, listener: () => void): void
}

/** Direct channels by what a page has; where it has none, what peers say goes through the server. */
export const direct: Direct = async () => {
  const page = globalThis as unknown as Surroundings
  if (page.RTCPeerConnection === undefined) return
  const { closeAll, rtcBy } = await import('./rtc.ts')
  // The same listener counts once.
  page.addEventListener('pagehide', closeAll)
  return rtcBy(page.RTCPeerConnection)
}
