import { listed, schemeOf } from './address.ts'
import { listenTcp } from './tcp.ts'
import { failed, type Listen } from './transport.ts'
import { listenUdp } from './udp.ts'
import { listenWebSocket } from './websocket.ts'

const LISTENS: ReadonlyMap<string, Listen> = new Map([
  ['tcp', listenTcp],
  ['udp', listenUdp],
  ['ws', listenWebSocket],
])

/** Takes connections wherever an address says: tcp://host:port, udp:// or ws://; port 0 finds one that is free. */
export const listen: Listen = (url, options) => {
  const by = LISTENS.get(schemeOf(url))
  if (by !== undefined) return by(url, options)
  return Promise.resolve(failed('unknown_scheme', `${url} is none of ${listed([...LISTENS.keys()])}`))
}
