import { dial } from '../transport/dial.ts'
import { listen } from '../transport/listen.ts'
import { direct } from './direct-node.ts'
import { p2pBy } from './p2p.ts'
import { type Peers, peersBy } from './peers.ts'

/** Take part in a timeline without a server, over whatever an address says: ws, wss, tcp, udp. */
export const peers: Peers = peersBy(dial, listen, direct)

export const { p2p_loop, p2p_link, p2p_unlink } = p2pBy(peers)
