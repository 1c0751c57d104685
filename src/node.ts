/**
 * The same for Node, which also has TCP and UDP.
 *
 * @packageDocumentation
 */

export { mid_connect, mid_disconnect, mid_emit, mid_wait } from './client/mid-node.ts'
export { connect } from './client/node.ts'
export * from './index.ts'
export { peers } from './peer/node.ts'
