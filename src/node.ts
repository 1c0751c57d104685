/**
 * The same for Node, which also has TCP and UDP.
 *
 * @packageDocumentation
 */

export { mid_connect, mid_disconnect, mid_emit, mid_wait } from './client/mid-node.ts'
export { connect } from './client/node.ts'
export * from './index.ts'
export { direct } from './peer/direct-node.ts'
export { p2p_link, p2p_loop, p2p_unlink, peers } from './peer/node.ts'
export {
  P2P_EVT_NEXT,
  P2P_EVT_START,
  P2P_EVT_TICK,
  type P2pCallbacks,
  type P2pEvent,
  type P2pOptions,
} from './peer/p2p.ts'
export { dial } from './transport/dial.ts'
