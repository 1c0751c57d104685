import { dial } from '../transport/dial-browser.ts'
import { type Peers, peersBy } from './peers.ts'

/** Take part in a timeline without a server, over a WebSocket to a peer that listens: browsers have no other way. */
export const peers: Peers = peersBy(dial)
