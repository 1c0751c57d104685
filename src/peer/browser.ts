import { dial } from '../transport/dial-browser.ts'
import { direct } from './direct-browser.ts'
import { type Peers, peersBy } from './peers.ts'

/** Take part in a timeline without a server: with peers that listen at a WebSocket, and with those that are met at a server. */
export const peers: Peers = peersBy(dial, undefined, direct)
