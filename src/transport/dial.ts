import { dialBy } from './schemes.ts'
import { dialTcp } from './tcp.ts'
import { dialUdp } from './udp.ts'
import { dialWebSocket } from './websocket.ts'

/** Opens a connection to wherever an address leads: udp://, tcp://, ws:// and wss://, or http(s):// for these. */
export const dial = dialBy({
  udp: dialUdp,
  tcp: dialTcp,
  ws: dialWebSocket,
  wss: dialWebSocket,
  http: dialWebSocket,
  https: dialWebSocket,
})
