import type { Direct, IceServer } from './channel.ts'
import { type ConnectionClass, rtcBy } from './rtc.ts'

/** Direct channels by node-datachannel. Who has not installed it has peers that talk through the server. */
export const direct: Direct = async () => {
  const found = await import('node-datachannel/polyfill').catch(() => undefined)
  if (found === undefined) return
  const make = rtcBy(found.RTCPeerConnection as unknown as ConnectionClass)
  return (options) => make({ ...options, ice: asItTakesThem(options.ice) })
}

/** It knows no `stuns:`, and no address in brackets: it would refuse all servers for the sake of one. */
const STRANGE = /^stuns:|\[/

/** It puts a login into the address, and decodes what it reads there: a name with a colon in it would be half of one. */
const asItTakesThem = (ice: readonly IceServer[]): readonly IceServer[] =>
  ice.flatMap(({ urls, username, credential }) => {
    const known = [urls].flat().filter((url) => !STRANGE.test(url))
    if (known.length === 0) return []
    const login = {
      ...(username === undefined ? {} : { username: encodeURIComponent(username) }),
      ...(credential === undefined ? {} : { credential: encodeURIComponent(credential) }),
    }
    return [{ urls: known, ...login }]
  })
