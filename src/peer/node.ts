import { dial } from '../transport/dial.ts'
import { listen } from '../transport/listen.ts'
import { type Peers, peersBy } from './peers.ts'

/** Take part in a timeline without a server, over whatever an address says: ws, wss, tcp, udp. */
export const peers: Peers = peersBy(dial, listen)
